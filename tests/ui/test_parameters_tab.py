"""What the sources of an application are told, changed with its effect shown before it is saved."""

import json
import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.world import CONTROL, config_map, sync_of
from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_create_page import take


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


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: ruled\nversion: 1.0.0\n",
    "values.yaml": "colour: blue\nsize:\n  width: 1\n",
    "values.schema.json": '{"properties":{"size":{"properties":{"width":{"type":"integer","maximum":9}}}}}',
    "templates/settings.yaml": config_map(
        "ruled", colour="{{ .Values.colour }}", width="w{{ .Values.size.width }}"
    ),
}


async def test_values_are_completed_and_checked_by_their_chart_and_an_object_stays_one(
    page: Page, suite: Stage, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow("status of 400")
    repo = await suite.repository({f"chart/{name}": text for name, text in CHART.items()})
    namespace, url = await suite.namespace(), suite.url(repo)
    helm = {"valuesObject": {"colour": "red"}, "values": "colour: ignored\n"}
    source = {"repoURL": url, "path": "chart", "targetRevision": "main", "helm": helm}
    name = await suite.application(url, namespace, source=source)
    await suite.until_data(namespace, "ruled", {"colour": "red", "width": "w1"})
    panel = await tab_of(page, name, "parameters")
    await expect(panel.get_by_text("values as a text, which count for nothing")).to_be_visible()
    await panel.get_by_role("button", name="Remove the text").click()
    await panel.get_by_role("textbox", name="Values").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text("size:\n  ")
    await page.keyboard.type("wi")
    await take(page, "width")
    await page.keyboard.type("10")
    await page.keyboard.press("Control+Shift+M")
    told = panel.get_by_role("listbox", name="Diagnostics")
    await expect(told).to_contain_text("This has to be 9 or less.")
    await screenshot(page, "parameters-values")
    await page.keyboard.press("Escape")
    await panel.get_by_role("textbox", name="Values").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text("\nbroken: [")
    save = panel.get_by_role("button", name="Save")
    await expect(panel.get_by_text("valuesObject cannot be read").first).to_be_attached()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text("size:\n  width: 5 # as asked\ncolour: green\n")
    effect = panel.get_by_role("region", name="What the change would deploy")
    await expect(effect).to_contain_text("1 changed")
    await expect(panel.get_by_text("# as asked").first).to_be_visible()
    await save.click()
    await suite.until_data(namespace, "ruled", {"colour": "green", "width": "w5"})
    stored = (await suite.app(name))["spec"]["source"]["helm"]
    assert stored == {"valuesObject": {"size": {"width": 5}, "colour": "green"}}


async def test_an_edit_is_not_written_over_what_somebody_else_wrote_meanwhile(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own()
    panel = await tab_of(page, name, "edit")
    limit = panel.get_by_label("Deployments kept")
    await limit.fill("5")
    other = {"spec": {"revisionHistoryLimit": 7, "info": [{"name": "team", "value": "shop"}]}}
    body = {"patch": json.dumps(other), "patchType": "merge"}
    assert (await suite.ask("PATCH", f"/api/v1/applications/{name}", body))[0] == 200
    told = panel.get_by_role("alert", name="Changed meanwhile")
    await expect(told).to_contain_text("was changed meanwhile by admin")
    await expect(told).to_contain_text(re.compile(r"\.spec\.revisionHistoryLimit.*is now 7; you wrote 5"))
    await expect(told).to_contain_text(".spec.info")
    await axe(page, "aside")
    await screenshot(page, "edit-overtaken")
    await told.get_by_role("button", name="Keep mine").click()
    await expect(told).to_have_count(0)
    await panel.get_by_role("button", name="Save").click()
    app = await suite.until_app(name, lambda app: app["spec"].get("revisionHistoryLimit") == 5)
    assert app["spec"]["info"] == [{"name": "team", "value": "shop"}]
    await limit.fill("6")
    await suite.patch_app(name, {"spec": {"revisionHistoryLimit": 8}})
    await expect(told).to_contain_text("you wrote 6")
    await told.get_by_role("button", name="Take theirs").click()
    await expect(limit).to_have_value("8")
    assert (await suite.app(name))["spec"]["revisionHistoryLimit"] == 8
