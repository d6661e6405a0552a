"""Syncing by hand in the browser, as a person does it."""

from playwright.async_api import Locator, Page, expect

from tests.e2e.world import CONTROL, config_map, health_of, sync_of
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

CLAIM = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\nspec:\n"
    "  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gi\n"
)


async def out_of_sync(suite: Stage, path: str = "shop") -> str:
    """An application that nothing was synced of, compared already."""
    name = await suite.own(path, automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    return name


async def panel_of(page: Page, name: str, deploy: str = "all") -> Locator:
    await page.goto(f"/applications/{CONTROL}/{name}?deploy={deploy}")
    panel = page.get_by_role("complementary", name=f"Sync {name}")
    await expect(panel).to_be_visible()
    return panel


async def test_a_dry_run_shows_what_the_server_answers_before_anything_is_written(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await out_of_sync(suite)
    panel = await panel_of(page, name)
    await expect(panel.get_by_text("3 of 3 objects chosen")).to_be_visible()
    await expect(panel.get_by_text("first", exact=True)).to_be_visible()
    await axe(page, "aside")
    await screenshot(page, "sync-panel")
    await panel.get_by_role("button", name="Dry run").click()
    results = panel.get_by_role("list", name="Results")
    await expect(results).to_contain_text("(dry run)")
    await expect(panel.get_by_role("region", name="Dry run")).to_contain_text("Nothing was changed.")
    await expect(results).to_be_in_viewport()
    await screenshot(page, "sync-dry-run", widths=(1440,))
    assert await suite.data(suite.namespace_of[name], "settings") is None
    await panel.get_by_role("button", name="Sync", exact=True).click()
    await expect(panel.get_by_role("region", name="Sync", exact=True)).to_contain_text("Succeeded")
    await suite.until_data(suite.namespace_of[name], "settings", {"colour": "blue", "size": "10"})


async def test_a_namespace_that_is_not_there_is_made_on_the_way(page: Page, suite: Stage) -> None:
    namespace = suite.unique("absent")
    name = await suite.application(suite.url(suite.platform), namespace, path="edited", automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    panel = await panel_of(page, name)
    await panel.get_by_role("button", name="Sync", exact=True).click()
    await expect(panel.get_by_text(f"The namespace {namespace} is not there.")).to_be_visible()
    await panel.get_by_role("button", name="Create it and sync again").click()
    await suite.until_data(namespace, "edited", {"colour": "blue", "size": "10"})
    await expect(panel.get_by_role("region", name="Sync", exact=True)).to_contain_text("Succeeded")


async def test_only_the_chosen_objects_are_synced_and_their_changes_are_shown_beside(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    name = await out_of_sync(suite)
    panel = await panel_of(page, name)
    await panel.get_by_text("None", exact=True).click()
    await expect(panel.get_by_text("0 of 3 objects chosen")).to_be_visible()
    refused = panel.get_by_role("button", name="Sync 0 objects")
    await expect(refused).to_have_attribute("aria-disabled", "true")
    await panel.get_by_label("Filter objects").fill("configmap")
    await panel.get_by_label("settings").first.check()
    await panel.get_by_role("button", name="What would change of ConfigMap").click()
    changes = panel.get_by_role("region", name="Changes of ConfigMap")
    await expect(changes.get_by_text("colour").first).to_be_visible()
    await screenshot(page, "sync-objects", widths=(1440,))
    await panel.get_by_role("button", name="Sync 1 object").click()
    await expect(panel.get_by_role("region", name="Sync of chosen objects")).to_contain_text("Succeeded")
    await suite.until_data(suite.namespace_of[name], "settings", {"colour": "blue", "size": "10"})
    assert sync_of(await suite.app(name)) == "OutOfSync"


async def test_a_prune_that_takes_data_along_says_so_and_asks_for_the_name_and_can_be_ended(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    repo = await suite.repository({"app/a.yaml": config_map("kept", a="1"), "app/claim.yaml": CLAIM})
    namespace = await suite.namespace()
    name = await suite.application(suite.url(repo), namespace, automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    await suite.ask("POST", f"/api/v1/applications/{name}/sync", {"syncOptions": {"items": []}})
    await suite.until_app(name, lambda app: sync_of(app) == "Synced")
    await repo.publish({"app/claim.yaml": None}, "drop the claim")
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    panel = await panel_of(page, name)
    await panel.get_by_label("Prune", exact=True).check()
    told = panel.get_by_role("alert").filter(has_text="What this sync would destroy")
    await expect(told).to_contain_text("PersistentVolumeClaim")
    await expect(told).to_contain_text("its data, where its volume is not retained")
    await panel.get_by_role("button", name="Sync", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Sync {name}?")
    confirm = dialog.get_by_role("button", name="Sync")
    await expect(confirm).to_have_attribute("aria-disabled", "true")
    await axe(page, "dialog")
    await screenshot(page, "sync-danger", widths=(390,))
    await dialog.get_by_label(f"Type {name} to confirm").fill(name)
    await confirm.click()
    followed = panel.get_by_role("region", name="Sync", exact=True)
    await expect(followed).to_contain_text("Running")
    await followed.get_by_role("button", name="End it").click()
    await expect(followed).to_contain_text("terminated")
    await suite.until_app(name, lambda app: app["status"]["operationState"]["phase"] == "Failed")


async def test_another_revision_is_offered_as_the_repository_has_it_with_its_author_and_message(
    page: Page, suite: Stage
) -> None:
    repo = await suite.repository({"app/a.yaml": config_map("settings", colour="blue")})
    await repo.tag("v1")
    await repo.publish({"app/a.yaml": config_map("settings", colour="red")}, "turn it red")
    namespace = await suite.namespace()
    name = await suite.application(suite.url(repo), namespace, automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    panel = await panel_of(page, name)
    await expect(panel.get_by_text("turn it red")).to_be_visible()
    revision = panel.get_by_role("combobox", name="Revision")
    await revision.click()
    await page.get_by_role("option", name="v1").click()
    await expect(panel.get_by_text("first", exact=True)).to_be_visible()
    await panel.get_by_role("button", name="Sync", exact=True).click()
    await suite.until_data(namespace, "settings", {"colour": "blue"})


async def test_how_a_sync_is_made_is_chosen_and_a_replace_says_what_is_lost_and_asks_for_the_name(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    name = await suite.own(automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    await suite.ask("POST", f"/api/v1/applications/{name}/sync", {})
    await suite.until_app(name, lambda app: sync_of(app) == "Synced" and health_of(app) == "Healthy")
    panel = await panel_of(page, name)
    for chosen in ("Apply only what differs", "Server-side apply", "Without hooks", "Retry when it fails"):
        await panel.get_by_label(chosen, exact=True).check()
    await panel.get_by_label("Attempts").fill("3")
    await expect(panel.get_by_text("What this sync would destroy")).to_have_count(0)
    await panel.get_by_label("Replace", exact=True).check()
    told = panel.get_by_role("alert").filter(has_text="What this sync would destroy")
    await expect(told).to_contain_text("Fields that others set in these objects are lost.")
    await expect(told.get_by_role("listitem")).to_have_count(3)
    await panel.get_by_role("button", name="Sync", exact=True).click()
    dialog = page.get_by_role("dialog", name=f"Sync {name}?")
    await screenshot(page, "sync-replace", widths=(1440,))
    await dialog.get_by_label(f"Type {name} to confirm").fill(name)
    await dialog.get_by_role("button", name="Sync").click()
    await expect(panel.get_by_role("region", name="Sync", exact=True)).to_contain_text("Succeeded")
    asked = (await suite.app(name))["status"]["operationState"]["operation"]
    assert asked["sync"]["syncStrategy"].keys() == {"apply"}
    options = ["ApplyOutOfSyncOnly=true", "ServerSideApply=true", "Replace=true"]
    assert sorted(asked["sync"]["syncOptions"]) == sorted(options)
    assert asked["retry"]["limit"] == 3


async def test_a_window_that_forbids_syncs_is_said_and_nothing_can_be_asked_for(
    page: Page, suite: Stage
) -> None:
    project = suite.unique("closed")
    window = {
        "kind": "deny",
        "schedule": "* * * * *",
        "duration": "2h",
        "applications": ["*"],
        "manualSync": False,
    }
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "syncWindows": [window],
    }
    body = {"project": {"metadata": {"name": project}, "spec": spec}}
    assert (await suite.ask("POST", "/api/v1/projects", body))[0] == 200
    name = await suite.own(automated={}, project=project)
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    panel = await panel_of(page, name)
    await expect(panel.get_by_role("alert")).to_contain_text("A sync window forbids syncing by hand now.")
    await expect(panel.get_by_role("alert")).to_contain_text("* * * * * for 2h")
    for action in ("Dry run", "Sync"):
        button = panel.get_by_role("button", name=action, exact=True)
        await expect(button).to_have_attribute("aria-disabled", "true")


async def test_who_may_not_sync_is_told_so_and_a_refusal_of_the_server_is_shown(
    open_page: OpenPage, page: Page, suite: Stage, guard: Guard
) -> None:
    name = await out_of_sync(suite)
    token = await suite.account("p, {name}, applications, get, *, allow")
    reader = await open_page(token)
    panel = await panel_of(reader, name)
    button = panel.get_by_role("button", name="Sync", exact=True)
    await expect(button).to_have_attribute("aria-disabled", "true")
    guard.allow("status of (400|403|404|412|500|501|503)")
    panel = await panel_of(page, name)
    await panel.get_by_role("combobox", name="Revision").fill("no-such-branch")
    await panel.get_by_role("button", name="Dry run").click()
    await expect(panel.get_by_role("alert").first).to_contain_text("no-such-branch")


async def test_a_commit_message_with_html_scripts_and_reversed_text_is_shown_as_text(
    page: Page, suite: Stage
) -> None:
    repo = await suite.repository({"app/a.yaml": config_map("settings", colour="blue")})
    await repo.publish(
        {"app/a.yaml": config_map("settings", colour="red")},
        "<img src=x onerror=document.title='owned'> \u202egnihtyreve delete",
    )
    name = await suite.application(suite.url(repo), await suite.namespace(), automated={})
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
    panel = await panel_of(page, name)
    await expect(panel.get_by_text("<img src=x onerror=").first).to_be_visible()
    assert await panel.locator("img").count() == 0
    assert "\u202e" not in await panel.inner_text()
    assert "owned" not in await page.title()
