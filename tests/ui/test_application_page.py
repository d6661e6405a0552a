"""One application in the browser: how it fares, why it differs, what waits, what a person does about it."""

import base64
import json
import re

from playwright.async_api import Page, expect

from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, CONTROL, config_map
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage, deployment

_NEVER = "      nodeSelector:\n        there: is-none\n"


async def test_an_application_says_in_plain_words_how_it_fares(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/applications/argocd/shop")
    state = page.get_by_role("region", name="State")
    await expect(state).to_contain_text(re.compile(r"Synced with main \([0-9a-f]{7}\)"))
    await expect(state).to_contain_text("Healthy")
    await expect(state).to_contain_text("Synced automatically, prunes and heals")
    await expect(state).to_contain_text("“first” by")
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web, Healthy"))).to_be_visible()
    await axe(page)
    await screenshot(page, "application-6")


async def test_why_names_field_values_owner_and_the_rule_to_leave_it_out(
    page: Page, suite: Stage, guard: Guard, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own("edited", automated={"prune": True})
    namespace = suite.namespace_of[name]
    await edit(suite, namespace, colour="red")
    await page.goto(f"/applications/argocd/{name}")
    await expect(page.get_by_role("region", name="State")).to_contain_text("1 of 2 objects differs from main")
    await page.get_by_role("button", name="Why?").click()
    panel = page.get_by_role("complementary", name="Why it differs")
    different = panel.get_by_role("region", name="ConfigMap edited")
    await expect(different).to_contain_text("data.colour")
    await expect(different).to_contain_text('"blue"')
    await expect(different).to_contain_text('"red"')
    await expect(different).to_contain_text("Owned by")
    await expect(different).to_contain_text("last changed")
    await different.get_by_role("button", name="Rule that would leave it out").click()
    await expect(different).to_contain_text("ignoreDifferences:")
    await expect(different).to_contain_text("- /data/colour")
    await expect(different.get_by_role("button", name="Copy the rule")).to_be_visible()
    assert "why=true" in page.url
    await axe(page)
    await screenshot(page, "application-why")
    await edit(suite, namespace, colour="green", size="11")
    await expect(different).to_contain_text('"green"')
    await expect(different).to_contain_text("data.size")
    guard.allow("status of 503")
    asked = re.compile("/api/v1/explain")
    await page.route(asked, lambda route: route.fulfill(status=503, body="{}"))
    await panel.get_by_role("button", name="Look again").click()
    await expect(panel.get_by_role("status")).to_contain_text("Stale: as it was")
    await expect(different).to_contain_text('"green"')
    await page.unroute(asked)
    await edit(suite, namespace, colour="blue", size="10")
    await expect(panel).to_contain_text("Nothing differs")
    await expect(panel.get_by_role("status")).to_be_hidden()


async def edit(suite: Stage, namespace: str, **data: str) -> None:
    """Edit the ConfigMap of the folder `edited` by hand."""
    await suite.client.merge_patch(CONFIG_MAPS, "edited", {"data": data}, namespace)


async def test_what_a_sync_waits_for_is_named_while_it_runs(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    files: dict[str, str | bytes | None] = {
        "app/web.yaml": deployment("slow", pod=_NEVER),
        "app/after.yaml": config_map("after", a="1").replace(
            "metadata:", 'metadata:\n  annotations:\n    argocd.argoproj.io/sync-wave: "2"'
        ),
    }
    repo = await suite.repository(files)
    name = await suite.application(suite.url(repo), await suite.namespace())
    await page.goto(f"/applications/argocd/{name}")
    waiting = page.get_by_role("region", name="What is waited for")
    slow = waiting.get_by_role("listitem").filter(
        has=page.get_by_role("link", name="Deployment slow", exact=True)
    )
    await expect(slow).to_contain_text("to become healthy, for")
    await expect(slow).to_contain_text("given up in")
    await expect(slow).to_contain_text(re.compile("Pod slow-.*: Unschedulable: "))
    await expect(waiting).to_contain_text("the sync itself · wave 0")
    await axe(page)
    await screenshot(page, "application-waiting")
    await waiting.get_by_role("button", name="End it").click()
    await expect(waiting).to_be_hidden()


async def test_an_operation_says_what_became_of_each_object_and_when_it_is_tried_again(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    files: dict[str, str | bytes | None] = {
        "app/good.yaml": config_map("good", a="1"),
        "app/bad.yaml": config_map("bad", a="1").replace("name: bad", "name: Not_A_Name"),
    }
    repo = await suite.repository(files)
    retry = {"limit": 3, "backoff": {"duration": "5m", "maxDuration": "10m"}}
    policy = {"automated": {}, "retry": retry}
    name = await suite.application(suite.url(repo), await suite.namespace(), syncPolicy=policy)
    await page.goto(f"/applications/argocd/{name}?operation=true")
    panel = page.get_by_role("complementary", name="Operation")
    await expect(panel).to_contain_text("The next attempt begins in")
    await expect(panel).to_contain_text("attempt 2 of at most 4")
    await expect(panel).to_contain_text("By itself: it differed from Git")
    await expect(panel).to_contain_text("“first” by")
    failed = panel.get_by_role("row").filter(has_text="Not_A_Name")
    await expect(failed).to_contain_text("Failed")
    await expect(failed).to_contain_text("invalid", ignore_case=True)
    waiting = page.get_by_role("region", name="What is waited for")
    await expect(waiting).to_contain_text("A sync is tried again")
    await axe(page)
    await screenshot(page, "application-operation")
    await panel.get_by_role("button", name="Terminate").click()
    await expect(panel.get_by_role("button", name="Terminate")).to_be_hidden()
    await expect(waiting).to_be_hidden()


async def test_auto_sync_is_paused_and_resumed_with_what_that_means_said(
    page: Page, suite: Stage, axe: Axe
) -> None:
    name = await suite.own()
    await page.goto(f"/applications/argocd/{name}")
    state = page.get_by_role("region", name="State")
    await state.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause auto-sync")
    await expect(dialog).to_contain_text("New commits are compared and shown, and not deployed.")
    await axe(page, "dialog")
    await dialog.get_by_role("button", name="Pause", exact=True).click()
    await expect(state).to_contain_text("Auto-sync is paused")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert (await suite.app(name))["spec"]["syncPolicy"]["automated"] == {
        "enabled": False,
        "prune": True,
        "selfHeal": True,
    }
    await state.get_by_role("button", name="Resume").click()
    dialog = page.get_by_role("dialog", name="Resume auto-sync")
    await expect(dialog).to_contain_text("What is changed in the cluster is set back.")
    await dialog.get_by_role("button", name="Resume", exact=True).click()
    await expect(state).to_contain_text("Synced automatically, prunes and heals")


async def test_a_prune_of_too_much_shows_what_would_go_and_asks_for_the_name(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    names = [f"setting-{number:02}" for number in range(12)]
    files: dict[str, str | bytes | None] = {f"app/{name}.yaml": config_map(name, a="1") for name in names}
    repo = await suite.repository(files)
    name = await suite.application(suite.url(repo), await suite.namespace())
    await suite.settled(name)
    await repo.publish({f"app/{one}.yaml": None for one in names[1:]}, "drop nearly everything")
    await page.goto(f"/applications/argocd/{name}")
    held = page.get_by_role("region", name="Waits for you")
    await expect(held).to_contain_text("It would delete 11 of 12 objects")
    await expect(held.get_by_role("listitem")).to_have_count(10)
    await held.get_by_role("button", name="Show 1 more").click()
    await expect(held.get_by_role("listitem")).to_have_count(11)
    await axe(page)
    await screenshot(page, "application-held")
    await held.get_by_role("button", name="Prune 11 objects").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(f"Type {name} to confirm").fill("something else")
    agree = dialog.get_by_role("button", name="Prune 11 objects")
    await expect(agree).to_have_attribute("aria-disabled", "true")
    await dialog.get_by_label(f"Type {name} to confirm").fill(name)
    await agree.click()
    await expect(dialog).to_be_hidden()
    await expect(held).to_be_hidden()
    await expect(page.get_by_role("status").filter(has_text=re.compile("^1 object"))).to_be_visible()


async def test_deleting_asks_for_the_name_and_says_what_becomes_of_the_objects(
    page: Page, suite: Stage, guard: Guard, axe: Axe, screenshot: Screenshot
) -> None:
    guard.allow("status of 404")
    name = await suite.own()
    await page.goto(f"/applications/argocd/{name}")
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name=f"Delete {name}")
    await expect(dialog).to_contain_text("The application and its 3 objects in the cluster are deleted")
    await dialog.get_by_text("Leave its objects in the cluster").click()
    await expect(dialog).to_contain_text("its 3 objects in the cluster stay")
    await axe(page, "dialog")
    await screenshot(page, "application-delete")
    await dialog.get_by_label(f"Type {name} to confirm").fill(name)
    await dialog.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("alert").filter(has_text="This application was deleted")).to_be_visible()
    assert await suite.data(suite.namespace_of[name], "settings") is not None


async def test_a_commit_is_followed_from_push_to_healthy(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    files: dict[str, str | bytes | None] = {"app/settings.yaml": config_map("settings", colour="blue")}
    repo = await suite.repository(files)
    name = await suite.application(suite.url(repo), await suite.namespace())
    await suite.settled(name)
    await page.goto(f"/applications/argocd/{name}")
    await expect(page.get_by_role("treeitem", name=re.compile("^ConfigMap settings"))).to_be_visible()
    await repo.publish({"app/settings.yaml": config_map("settings", colour="green")}, "Paint it green")
    latest = page.get_by_role("region", name="The latest commit")
    await expect(latest).to_contain_text("Paint it green")
    way = latest.get_by_role("img", name=re.compile("^The way: .*detected.*rendered.*applied.*healthy after"))
    await expect(way).to_be_visible()
    await latest.get_by_role("button", name="Story").click()
    story = page.get_by_role("complementary", name="Story")
    await expect(story).to_contain_text("Paint it green")
    namespace = (await suite.app(name))["spec"]["destination"]["namespace"]
    await suite.client.merge_patch(CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, namespace)
    drift = story.get_by_role("listitem").filter(has_text="ConfigMap settings changed outside Git")
    await expect(drift).to_contain_text("healed")
    await expect(drift).to_contain_text(re.compile('"green".*"red".* by .+'))
    await axe(page)
    await screenshot(page, "application-story")


async def test_an_application_that_is_not_there_or_not_yours_says_so(
    page: Page, suite: Stage, open_page: OpenPage, guard: Guard, axe: Axe
) -> None:
    guard.allow("status of 40[34]")
    await page.goto("/applications/argocd/nowhere")
    await expect(page.get_by_role("alert")).to_contain_text("The application nowhere")
    await expect(page.get_by_role("link", name="All applications")).to_be_visible()
    await axe(page)
    stranger = await open_page(await suite.account("p, {name}, projects, get, default, allow"))
    await stranger.goto("/applications/argocd/shop")
    await expect(stranger.get_by_role("alert")).to_contain_text("The application shop")


async def test_a_right_that_is_taken_away_is_said_and_the_page_stays(
    suite: Stage, open_page: OpenPage, guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow("status of 403")
    token = await suite.account("p, {name}, applications, get, default/shop, allow", stem="guest")
    page = await open_page(token)
    await page.goto("/applications/argocd/shop")
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
    await expect(page.get_by_role("button", name="Sync")).to_have_attribute("aria-disabled", "true")
    guest = token_subject(token)
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{guest}.csv": None})
    lost = page.get_by_role("alert").filter(has_text="You cannot follow this application any more")
    await expect(lost).to_be_visible()
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
    await screenshot(page, "application-lost", widths=(1440,))


async def test_a_notice_and_what_is_written_in_it_are_inert(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own()
    annotations = {
        "notice.argocd.argoproj.io/content": "Frozen <img src=x onerror=alert(1)> until \u202eyadnoM",
        "notice.argocd.argoproj.io/severity": "warning",
        "notice.argocd.argoproj.io/url": "javascript:alert(1)",
        "link.argocd.argoproj.io/runbook": "Runbook|https://runbook.example/shop",
        "link.argocd.argoproj.io/bad": "Click me|javascript:alert(document.cookie)",
        "pref.argocd.argoproj.io/default-view": "list",
    }
    await suite.patch_app(name, {"metadata": {"annotations": annotations}})
    await page.goto(f"/applications/argocd/{name}")
    notice = page.get_by_role("complementary", name="Notice")
    await expect(notice).to_contain_text(
        re.compile(r"Frozen <img src=x onerror=alert\(1\)> until .U\+202E.yadnoM")
    )
    await expect(notice.get_by_role("link")).to_have_count(0)
    await expect(page.get_by_role("table", name="Objects of the application")).to_be_visible()
    await page.get_by_role("button", name="Details").click()
    details = page.get_by_role("complementary", name=name)
    await expect(details.get_by_role("link", name="Runbook")).to_have_attribute(
        "href", "https://runbook.example/shop"
    )
    await expect(details.get_by_text("Click me")).to_be_visible()
    await expect(details.get_by_role("link", name="Click me")).to_have_count(0)
    assert "node=argoproj.io%2FApplication%2Fargocd%2F" in page.url
    await axe(page)
    await screenshot(page, "application-details")
    await notice.get_by_role("button", name="Close the notice").click()
    await page.reload()
    await expect(page.get_by_role("table", name="Objects of the application")).to_be_visible()
    await expect(notice).to_be_hidden()


async def test_conditions_are_listed_errors_first(page: Page, suite: Stage, axe: Axe) -> None:
    name = await suite.application(suite.url(suite.platform), await suite.namespace(), path="no/such/folder")
    await suite.with_condition(name, "ComparisonError")
    await page.goto(f"/applications/argocd/{name}")
    state = page.get_by_role("region", name="State")
    await expect(state).to_contain_text("Could not be compared with Git")
    objects = page.get_by_role("region", name="Objects")
    await expect(objects).to_contain_text("Its objects are not known")
    await expect(objects).to_contain_text("no/such/folder")
    await state.get_by_role("button", name="Show").click()
    panel = page.get_by_role("complementary", name="Conditions")
    await expect(panel).to_contain_text("ComparisonError")
    await expect(panel).to_contain_text("no/such/folder")
    await axe(page)


async def test_a_deletion_by_somebody_else_is_said_on_the_page_with_what_holds_it(
    page: Page, suite: Stage, guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow("status of 404")
    name = await suite.own(finalizer=True)
    namespace = suite.namespace_of[name]
    held = {"metadata": {"finalizers": ["example.com/held"]}}
    await suite.client.merge_patch(CONFIG_MAPS, "settings", held, namespace)
    await page.goto(f"/applications/argocd/{name}")
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
    await suite.client.delete(APPLICATIONS, name, CONTROL)
    waiting = page.get_by_role("region", name="What is waited for")
    await expect(waiting).to_contain_text("The application is being deleted")
    settings = waiting.get_by_role("listitem").filter(
        has=page.get_by_role("link", name="ConfigMap settings", exact=True)
    )
    await expect(settings).to_contain_text("to be gone")
    await expect(settings).to_contain_text("held by finalizer example.com/held")
    await screenshot(page, "application-leaving")
    await suite.client.merge_patch(CONFIG_MAPS, "settings", {"metadata": {"finalizers": None}}, namespace)
    await expect(page.get_by_role("alert").filter(has_text="This application was deleted")).to_be_visible()
    await expect(waiting).to_be_hidden()


def token_subject(token: str) -> str:
    """The account that a token is of."""
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return str(claims["sub"]).partition(":")[0]
