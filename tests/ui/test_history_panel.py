"""What was deployed, what changed between any two states, and the way back."""

from functools import partial

from playwright.async_api import Locator, Page, expect

from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import CONTROL, Object, config_map, sync_of
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage


async def deployed(suite: Stage, *colours: str) -> tuple[str, str, WorkRepo]:
    """An application with a deployment for each colour, its namespace and its repository."""
    repo = await suite.repository({"app/a.yaml": config_map("settings", colour=colours[0])})
    namespace = await suite.namespace()
    name = await suite.application(suite.url(repo), namespace)
    await suite.until_data(namespace, "settings", {"colour": colours[0]})
    for number, colour in enumerate(colours[1:], 2):
        await repo.publish({"app/a.yaml": config_map("settings", colour=colour)}, f"turn it {colour}")
        await suite.until_app(name, partial(has_history, number))
    return name, namespace, repo


def has_history(number: int, app: Object) -> bool:
    return len(app["status"].get("history", [])) >= number


async def panel_of(page: Page, name: str) -> Locator:
    await page.goto(f"/applications/{CONTROL}/{name}?rollback=0")
    panel = page.get_by_role("complementary", name=f"History of {name}")
    await expect(panel).to_be_visible()
    return panel


async def test_two_deployed_states_are_shown_side_by_side_and_any_two_can_be_chosen(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name, _, _ = await deployed(suite, "blue", "red", "green")
    panel = await panel_of(page, name)
    entries = panel.get_by_role("list", name="Deployments, newest first").get_by_role("listitem")
    await expect(entries.first).to_contain_text("turn it green")
    await entries.first.get_by_role("button", name="What it changed").click()
    difference = panel.get_by_role("region", name="Difference of two states")
    await expect(difference).to_contain_text("1 changed")
    await expect(difference.get_by_text("green").first).to_be_visible()
    await expect(difference.get_by_text("red").first).to_be_visible()
    await difference.get_by_label("From").select_option("0")
    await expect(difference.get_by_text("blue").first).to_be_visible()
    await axe(page, "aside")
    await screenshot(page, "history-panel")


async def test_a_rollback_says_that_auto_sync_must_be_off_switches_it_off_and_goes_back(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    name, namespace, repo = await deployed(suite, "blue", "red")
    await repo.publish({"app/b.yaml": config_map("added", a="1")}, "add another")
    await suite.until_app(name, partial(has_history, 3))
    panel = await panel_of(page, name)
    await expect(panel.get_by_text("Auto-sync is on.")).to_be_visible()
    back = panel.get_by_role("button", name="Roll back to it").last
    await expect(back).to_have_attribute("aria-disabled", "true")
    await panel.get_by_role("button", name="Switch auto-sync off").click()
    await expect(panel.get_by_text("Auto-sync is on.")).to_have_count(0)
    await expect(back).not_to_have_attribute("aria-disabled", "true")
    app = await suite.app(name)
    assert app["spec"]["syncPolicy"]["automated"] == {"enabled": False, "prune": True, "selfHeal": True}
    await back.click()
    dialog = page.get_by_role("dialog", name=f"Roll {name} back to #0?")
    await dialog.get_by_label("Prune", exact=True).check()
    lost = dialog.get_by_role("alert").filter(has_text="1 object would be deleted")
    await expect(lost).to_contain_text(f"ConfigMap {namespace}/added is deleted")
    await screenshot(page, "history-rollback")
    confirm = dialog.get_by_role("button", name="Roll back")
    await expect(confirm).to_have_attribute("aria-disabled", "true")
    await dialog.get_by_label(f"Type {name} to confirm").fill(name)
    await confirm.click()
    await expect(panel.get_by_role("region", name="Sync", exact=True)).to_contain_text("Succeeded")
    await suite.until_data(namespace, "settings", {"colour": "blue"})
    await suite.until_data(namespace, "added", None)
    await suite.until_app(name, lambda app: sync_of(app) == "OutOfSync")
