"""What is done to many applications at once: shown before, a result for each after."""

import re

from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.world import APPLICATIONS, CONTROL, sync_of
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.crowd import crowd
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage


async def chosen(page: Page, *names: str) -> Locator:
    """The page with these selected; what can be done to them."""
    for name in names:
        await page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()
    return page.get_by_role("toolbar", name="Selected applications")


async def test_many_are_synced_at_once_and_each_has_a_result(
    page: Page, suite: Stage, screenshot: Screenshot, axe: Axe
) -> None:
    stem = suite.unique("together")
    names = [await suite.own(name=f"{stem}-{letter}", automated={}) for letter in "abc"]
    await suite.until_app(names[2], lambda app: sync_of(app) == "OutOfSync")
    await page.goto(f"/applications?search={stem}&view=table")
    bar = await chosen(page, *names)
    await bar.get_by_role("button", name="Sync").click()
    dialog = page.get_by_role("dialog", name="Sync applications")
    await expect(dialog).to_contain_text("3 applications will be synced")
    touched = dialog.get_by_role("region", name="To be touched", exact=True)
    for name in names:
        await expect(touched).to_contain_text(name)
    await axe(page, themes=("light",))
    await screenshot(page, "applications-bulk-sync")
    await touched.get_by_role("checkbox", name=re.compile(names[1])).uncheck()
    await dialog.get_by_role("button", name="Sync 2 applications").click()
    await expect(dialog).to_contain_text("2 of 2 done.")
    await expect(dialog.get_by_role("region", name="Results")).to_contain_text("Sync started")
    await dialog.get_by_role("button", name="Close").last.click()
    for name in (names[0], names[2]):
        await suite.settled(name)
        await expect(page.locator("[data-place]").filter(has_text=name)).to_contain_text("Healthy")
    assert sync_of(await suite.app(names[1])) == "OutOfSync"


async def test_what_a_right_forbids_is_told_before_anything_is_done(
    open_page: OpenPage, suite: Stage, screenshot: Screenshot
) -> None:
    async with crowd(suite, 4) as found:
        policy = f"p, {{name}}, applications, {{}}, default/{found.label}-*, allow"
        token = await suite.account(
            policy.replace("{}", "get"),
            f"p, {{name}}, applications, sync, default/{found.label}-000, allow",
            stem="operator",
        )
        page = await open_page(token)
        await page.goto("/applications?view=table")
        await expect(page.get_by_role("link", name=f"{found.label}-003")).to_be_visible()
        await page.get_by_role("checkbox", name="Select all applications of this view").check()
        bar = page.get_by_role("toolbar", name="Selected applications")
        await expect(bar).to_contain_text("4 applications selected")
        await bar.get_by_role("button", name="Sync").click()
        dialog = page.get_by_role("dialog", name="Sync applications")
        await expect(dialog).to_contain_text("1 application will be synced")
        await expect(dialog).to_contain_text("3 applications cannot be touched")
        await expect(dialog.get_by_role("region", name="Not to be touched")).to_contain_text(
            "permission denied"
        )
        await screenshot(page, "applications-bulk-blocked", themes=("light",))
        await dialog.get_by_role("button", name="Cancel").click()
        delete = bar.get_by_role("button", name="Delete")
        await expect(delete).to_have_attribute("aria-disabled", "true")
        await expect(delete).to_have_accessible_description("You have no right to delete applications")


async def test_auto_sync_is_paused_and_resumed(page: Page, suite: Stage) -> None:
    async with crowd(suite, 4) as found:
        await page.goto(f"/applications?{found.view}")
        on, off = f"{found.label}-001", f"{found.label}-002"
        bar = await chosen(page, on, off)
        await bar.get_by_role("button", name="Pause").click()
        dialog = page.get_by_role("dialog", name="Pause auto-sync")
        await expect(dialog.get_by_role("region", name="To be touched", exact=True)).to_contain_text(on)
        await expect(dialog.get_by_role("region", name="Not to be touched")).to_contain_text(off)
        await dialog.get_by_role("button", name="Pause 1 application").click()
        await expect(dialog).to_contain_text("1 of 1 done.")
        await dialog.get_by_role("button", name="Close").last.click()
        tile = page.locator("[data-place]", has=page.get_by_role("link", name=on, exact=True))
        await expect(tile).to_contain_text("Auto-sync paused")
        assert (await suite.app(on))["spec"]["syncPolicy"]["automated"] == {"enabled": False}
        await tile.get_by_role("button", name=f"Actions of {on}").click()
        await page.get_by_role("menuitem", name="Resume auto-sync").click()
        await page.get_by_role("button", name="Resume 1 application").click()
        await expect(page.get_by_role("dialog")).to_contain_text("1 of 1 done.")
        await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
        await expect(tile).not_to_contain_text("Auto-sync paused")
        assert (await suite.app(on))["spec"]["syncPolicy"]["automated"] == {"enabled": True}


async def test_a_deletion_names_what_goes_and_asks_for_words(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    async with crowd(suite, 5) as found:
        await page.goto(f"/applications?{found.view}&view=table")
        await page.get_by_role("checkbox", name="Select all applications of this view").check()
        await page.get_by_role("checkbox", name=f"Select {found.label}-004", exact=True).uncheck()
        bar = page.get_by_role("toolbar", name="Selected applications")
        await bar.get_by_role("button", name="Delete").click()
        dialog = page.get_by_role("dialog", name="Delete applications")
        await expect(dialog).to_contain_text("4 applications will be deleted")
        await expect(dialog.get_by_role("region", name="To be touched", exact=True)).not_to_contain_text(
            f"{found.label}-004"
        )
        await screenshot(page, "applications-bulk-delete")
        act = dialog.get_by_role("button", name="Delete 4 applications")
        await expect(act).to_be_disabled()
        await dialog.get_by_text("Leave it in the cluster").click()
        await dialog.get_by_role("textbox").fill("delete 4")
        await act.click()
        await expect(dialog).to_contain_text("4 of 4 done.")
        await dialog.get_by_role("button", name="Close").last.click()
        await page.mouse.move(5, 5)
        await expect(page.get_by_role("link", name=f"{found.label}-004")).to_be_visible()
        await expect(page.get_by_role("link", name=re.compile(f"^{found.label}-"))).to_have_count(1)
        left = [name for name in found.names if await suite.client.find(APPLICATIONS, name, CONTROL)]
        assert left == [f"{found.label}-004"]
        found.names[:] = left


async def test_a_bulk_action_is_stopped_and_says_what_it_did_not_touch(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow("status of 403")
    async with crowd(suite, 12) as found:
        await page.goto(f"/applications?{found.view}&view=table")
        await page.get_by_role("checkbox", name="Select all applications of this view").check()
        bar = page.get_by_role("toolbar", name="Selected applications")
        await bar.get_by_role("button", name="Refresh").click()
        dialog = page.get_by_role("dialog", name="Refresh applications")
        await dialog.get_by_role("checkbox", name="Hard refresh").check()
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        await page.route(re.compile(r"refresh=hard"), hold)
        await dialog.get_by_role("button", name="Refresh 12 applications").click()
        await dialog.get_by_role("button", name="Stop").click()
        await expect(dialog).to_contain_text("stopped: 8 not touched")
        assert len(held) == 4
        for route in held[:3]:
            await route.fulfill(json={})
        await held[3].fulfill(status=403, json={"code": 7, "message": "permission denied"})
        await expect(dialog).to_contain_text("3 of 12 done, 1 failed")
        await expect(dialog.get_by_role("region", name="Results")).to_contain_text("permission denied")
        await expect(dialog.get_by_role("button", name="Try 1 again")).to_be_visible()
