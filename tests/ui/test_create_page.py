"""A new application, made in the browser."""

import json
from urllib.parse import quote

from playwright.async_api import Page, expect

from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from tests.e2e.world import CONTROL, config_map, sync_of
from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

LOCAL = "https://kubernetes.default.svc"


async def take(page: Page, name: str) -> None:
    """Take what an editor proposes, once it knows the schema."""
    option = page.locator(".cm-tooltip-autocomplete").get_by_role("option", name=name)
    for _ in range(30):
        try:
            await expect(option).to_be_visible(timeout=2000)
            break
        except AssertionError:
            await page.keyboard.press("Control+Space")
    await option.click()


async def test_an_application_is_made_without_knowing_yaml_and_shown_before_it_is_made(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    name, namespace = suite.unique("made"), await suite.namespace()
    await page.goto("/applications?new=true")
    await page.get_by_role("textbox", name="Name", exact=True).fill(name)
    await page.get_by_role("combobox", name="Cluster").fill(LOCAL)
    await page.get_by_label("Namespace", exact=True).fill(namespace)
    await page.get_by_role("combobox", name="Repository").fill(suite.url(suite.platform))
    path = page.get_by_role("combobox", name="Path")
    await path.click()
    await page.get_by_role("option", name="kustomize Kustomize", exact=True).click()
    await expect(page.get_by_text("1 new")).to_be_visible()
    await axe(page)
    await screenshot(page, "create-page")
    assert await suite.app(name) == {}
    await page.get_by_label("Sync by itself").check()
    await page.get_by_role("button", name="Create").click()
    await page.wait_for_url(f"**/applications/{CONTROL}/{name}")
    await suite.settled(name)


async def test_form_and_yaml_go_in_step_both_ways_and_comments_stay(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    name = suite.unique("typed")
    start = {"metadata": {"name": name}, "spec": {"source": {"repoURL": suite.url(suite.platform)}}}
    await page.goto(f"/applications?new={quote(json.dumps(start))}")
    await expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value(name)
    await page.get_by_text("YAML", exact=True).click()
    editor = page.get_by_role("textbox", name="The application as YAML")
    await editor.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.insert_text("# who asks: the shop\n")
    await page.get_by_role("combobox", name="Path").fill("apps/typed")
    await expect(page.get_by_text("path: apps/typed").first).to_be_visible()
    await expect(page.get_by_text("# who asks: the shop").first).to_be_visible()
    await editor.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.insert_text("broken: [\n")
    await expect(page.get_by_text("The form waits")).to_be_visible()
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text("metadata:\n  name: pasted\nspec:\n  project: other\n")
    await expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("pasted")
    await expect(page.get_by_role("combobox", name="Project")).to_have_value("other")


async def test_a_spec_is_completed_and_checked_at_its_line_while_it_is_typed(
    page: Page, suite: Stage, guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    start = {
        "metadata": {"name": suite.unique("typed")},
        "spec": {
            "source": {"repoURL": suite.url(suite.platform), "path": "shop"},
            "destination": {"server": LOCAL, "namespace": "typed"},
        },
    }
    await page.goto(f"/applications?new={quote(json.dumps(start))}")
    await page.get_by_text("YAML", exact=True).click()
    editor = page.get_by_role("textbox", name="The application as YAML")
    await editor.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text("  syncPolicy:\n    ")
    await page.keyboard.type("auto")
    await take(page, "automated")
    await page.keyboard.type("pru")
    await take(page, "prune")
    await screenshot(page, "create-completed", widths=(1440,))
    await take(page, "true")
    await expect(page.get_by_label("Prune", exact=True)).to_be_checked()
    await page.keyboard.insert_text(
        "\n      selfHeall: true\n    retry: often\n  revisionHistoryLimit: many\n"
    )
    await page.keyboard.press("Control+Shift+M")
    told = page.get_by_role("listbox", name="Diagnostics")
    await expect(told).to_contain_text("There is no field selfHeall here; did you mean selfHeal?")
    await expect(told).to_contain_text("This has to be a map")
    await expect(told).to_contain_text("This has to be a whole number")
    await screenshot(page, "create-checked")
    await page.get_by_text("More", exact=True).click()
    limit = page.get_by_label("Deployments kept")
    await editor.get_by_text("retry: often").click()
    await page.keyboard.press("Home")
    await page.keyboard.press("Shift+End")
    await page.keyboard.press("Delete")
    await expect(limit).to_have_attribute("aria-invalid", "true")
    await expect(told).to_contain_text("a whole number is expected, not a text.")


async def test_what_is_wrong_is_said_on_its_field(
    page: Page, suite: Stage, guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    await page.goto("/applications/new")
    name = page.get_by_role("textbox", name="Name", exact=True)
    await name.fill("Not A Name")
    await expect(page.get_by_text("Lower case letters, digits").first).to_be_visible()
    await name.fill(suite.unique("wrong"))
    await page.get_by_role("combobox", name="Cluster").fill(LOCAL)
    await page.get_by_role("combobox", name="Repository").fill(suite.url(suite.platform))
    path = page.get_by_role("combobox", name="Path")
    await path.fill("no/such/folder")
    await expect(path).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("app path does not exist").first).to_be_visible()
    await path.fill("shop")
    await expect(page.get_by_text("3 new")).to_be_visible()
    project = page.get_by_role("combobox", name="Project")
    await project.fill("nobody")
    await expect(project).to_have_attribute("aria-invalid", "true")
    await screenshot(page, "create-errors", widths=(1440,))
    await page.get_by_role("combobox", name="Cluster").fill("")
    await page.get_by_role("button", name="Create").click()
    await expect(page.get_by_role("alert").filter(has_text="Choose the cluster")).to_be_visible()


async def test_a_chart_in_the_repository_shows_its_values_and_takes_other_ones(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    name, namespace = suite.unique("chart"), await suite.namespace()
    source = {"repoURL": suite.url(suite.platform), "path": "helm", "targetRevision": "main"}
    destination = {"server": LOCAL, "namespace": namespace}
    start = {"metadata": {"name": name}, "spec": {"source": source, "destination": destination}}
    await page.goto(f"/applications?new={quote(json.dumps(start))}")
    await expect(page.get_by_label("colour", exact=True)).to_have_value("blue")
    values = page.get_by_role("textbox", name="Values")
    await values.click()
    await page.keyboard.insert_text("colour: green")
    await expect(page.get_by_text("2 new")).to_be_visible()
    await page.get_by_role("button", name="Create").click()
    await page.wait_for_url(f"**/applications/{CONTROL}/{name}")
    assert (await suite.app(name))["spec"]["source"]["helm"] == {"values": "colour: green"}
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")


async def test_charts_of_a_repository_are_offered_with_their_versions_and_previewed(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow("status of (400|403|404|412|500)")
    template = {"values.yaml": "colour: blue\n", "templates/cm.yaml": config_map("web", colour="blue")}
    name, namespace = suite.unique("charts"), await suite.namespace()
    start = {
        "metadata": {"name": name},
        "spec": {"destination": {"server": LOCAL, "namespace": namespace}},
    }
    async with ChartServer() as charts:
        for version in ("1.0.0", "1.1.0"):
            charts.add(packed_chart("web", version, dict(template)))
        await page.goto(f"/applications?new={quote(json.dumps(start))}")
        await page.get_by_role("combobox", name="Repository").fill(charts.url)
        await page.get_by_text("Helm repository", exact=True).click()
        await page.get_by_role("combobox", name="Chart").click()
        await page.get_by_role("option", name="web").click()
        await page.get_by_role("combobox", name="Version").click()
        await expect(page.get_by_role("option", name="1.0.0")).to_be_visible()
        await page.get_by_role("option", name="1.1.0").click()
        await expect(page.get_by_text("1 new")).to_be_visible()
        await page.get_by_label("Sync by itself").check()
        await page.get_by_role("button", name="Create").click()
        await page.wait_for_url(f"**/applications/{CONTROL}/{name}")
        await suite.until_data(namespace, "web", {"colour": "blue"})
    source = (await suite.app(name))["spec"]["source"]
    assert source == {"repoURL": charts.url, "chart": "web", "targetRevision": "1.1.0"}
