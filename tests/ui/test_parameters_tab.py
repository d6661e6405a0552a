"""What the sources of an application are told, changed with its effect shown before it is saved."""

from playwright.async_api import Locator, Page, expect

from tests.e2e.world import CONTROL, config_map, sync_of
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage


async def tab_of(page: Page, name: str, tab: str) -> Locator:
    node = f"argoproj.io/Application/{CONTROL}/{name}/0"
    await page.goto(f"/applications/{CONTROL}/{name}?node={node}&tab={tab}")
    panel = page.get_by_role("complementary").filter(has=page.get_by_role("tab", name=tab.capitalize()))
    await expect(panel).to_be_visible()
    return panel


async def test_a_parameter_of_a_chart_is_overridden_with_its_effect_shown_before_it_is_saved(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own("helm")
    panel = await tab_of(page, name, "parameters")
    await panel.get_by_label("colour", exact=True).fill("green")
    effect = panel.get_by_role("region", name="What the change would deploy")
    await expect(effect).to_contain_text("1 changed")
    await expect(effect.get_by_text("green").first).to_be_visible()
    assert (await suite.data(suite.namespace_of[name], "charted")) == {"colour": "blue"}
    await axe(page, "aside")
    await screenshot(page, "parameters-helm")
    await effect.get_by_role("button", name="Save").click()
    await suite.until_data(suite.namespace_of[name], "charted", {"colour": "green"})
    app = await suite.app(name)
    assert app["spec"]["source"]["helm"]["parameters"] == [{"name": "colour", "value": "green"}]
    await panel.get_by_role("button", name="Take colour back").click()
    await effect.get_by_role("button", name="Save").click()
    await suite.until_data(suite.namespace_of[name], "charted", {"colour": "blue"})


async def test_form_and_yaml_of_kustomize_go_in_step(page: Page, suite: Stage) -> None:
    name = await suite.own("kustomize")
    panel = await tab_of(page, name, "parameters")
    await panel.get_by_label("Name suffix").fill("-blue")
    await panel.get_by_label("Tag of nginx").fill("1.29")
    effect = panel.get_by_role("region", name="What the change would deploy")
    await expect(effect).to_contain_text("1 new, 1 gone")
    await panel.get_by_text("YAML", exact=True).click()
    await expect(panel.get_by_text("nameSuffix: -blue").first).to_be_visible()
    await expect(panel.get_by_text("nginx:1.29").first).to_be_visible()
    await effect.get_by_role("button", name="Drop the changes").click()
    await expect(effect).to_have_count(0)
    assert "kustomize" not in (await suite.app(name))["spec"]["source"]


async def test_several_sources_are_edited_one_by_one(page: Page, suite: Stage) -> None:
    repo = await suite.repository(
        {"one/a.yaml": config_map("one", a="1"), "two/sub/b.yaml": config_map("two", a="1")}
    )
    namespace, url = await suite.namespace(), suite.url(repo)
    sources = [
        {"repoURL": url, "path": "one", "targetRevision": "main"},
        {"repoURL": url, "path": "two", "targetRevision": "main"},
    ]
    name = await suite.application(url, namespace, sources=sources)
    await suite.until_app(name, lambda app: bool(sync_of(app)))
    panel = await tab_of(page, name, "parameters")
    await panel.get_by_role("tab", name="two").click()
    await panel.get_by_label("Tool", exact=True).select_option("Directory")
    await panel.get_by_label("Folders below it too").check()
    effect = panel.get_by_role("region", name="What the change would deploy")
    await expect(effect).to_contain_text("1 new")
    await effect.get_by_role("button", name="Save").click()
    await suite.until_data(namespace, "two", {"a": "1"})


async def test_other_fields_are_edited_as_a_form_and_as_yaml_in_step(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own()
    panel = await tab_of(page, name, "edit")
    await panel.get_by_label("Heal", exact=True).uncheck()
    await panel.get_by_text("More sync options").click()
    await panel.get_by_label("Prune last").check()
    await panel.get_by_label("Retry when it fails").check()
    await panel.get_by_label("Attempts").fill("4")
    await screenshot(page, "parameters-edit", widths=(390,))
    await axe(page, "aside")
    await panel.get_by_text("YAML", exact=True).click()
    await expect(panel.get_by_text("PruneLast=true").first).to_be_visible()
    await panel.get_by_role("button", name="Save").click()
    app = await suite.until_app(name, lambda app: "retry" in app["spec"].get("syncPolicy", {}))
    policy = app["spec"]["syncPolicy"]
    assert policy["automated"] == {"prune": True}
    assert policy["syncOptions"] == ["PruneLast=true"]
    assert policy["retry"]["limit"] == 4


async def test_events_and_images_of_an_application_are_found(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own()
    panel = await tab_of(page, name, "events")
    await panel.get_by_label("Find in events").fill("sync")
    await expect(panel.get_by_text("OperationCompleted").first).to_be_visible()
    await axe(page, "aside")
    await screenshot(page, "events-tab", widths=(390,))
    panel = await tab_of(page, name, "images")
    await expect(panel.get_by_text("nginx:1.27").first).to_be_visible()
    await panel.get_by_role("button", name="Where else it runs").first.click()
    elsewhere = panel.get_by_role("list", name="Applications with nginx:1.27")
    await expect(elsewhere.get_by_role("link", name="shop", exact=True)).to_be_visible()
    await axe(page, "aside")
    await screenshot(page, "images-tab", widths=(1440,))
