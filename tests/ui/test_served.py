"""The UI as it is served by the real suite: that it comes up, for somebody and for nobody."""

from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot


async def test_somebody_who_is_logged_in_finds_the_way_around(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("navigation").first).to_be_visible()
    await expect(page.get_by_role("link", name="Settings")).to_be_visible()


async def test_nobody_is_asked_to_log_in(anonymous: Page, axe: Axe, screenshot: Screenshot) -> None:
    await anonymous.goto("/applications")
    await expect(anonymous.get_by_label("Password")).to_be_visible()
    await axe(anonymous)
    await screenshot(anonymous, "served-login")
