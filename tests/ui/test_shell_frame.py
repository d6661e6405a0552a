"""The frame of every page: its look, its keys, the notice of an administrator, and a narrow window."""

import re

from playwright.async_api import Page, Route, expect

from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_shell_login import configured

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> "
    "\x1b[31mred\x1b[0m user\u202etxt.exe " + "x" * 600_000
)
DARK = "rgb(13, 17, 23)"


async def appearance(page: Page) -> None:
    """The page of a choice of looks."""
    await page.goto("/settings/appearance")
    await expect(page.get_by_role("heading", name="Appearance")).to_be_visible()


async def test_a_chosen_look_is_kept_and_otherwise_it_is_the_systems(
    page: Page, axe: Axe, screenshot: Screenshot
) -> None:
    await page.emulate_media(color_scheme="dark")
    await appearance(page)
    await expect(page.locator("html")).to_have_css("background-color", DARK)
    await page.get_by_role("radio", name="Light").check(force=True)
    await expect(page.locator("html")).not_to_have_css("background-color", DARK)
    await page.reload()
    await expect(page.get_by_role("radio", name="Light")).to_be_checked()
    await expect(page.locator("html")).not_to_have_css("background-color", DARK)
    await page.get_by_role("radio", name="As the system").check(force=True)
    await expect(page.locator("html")).to_have_css("background-color", DARK)
    await page.get_by_role("radio", name="Exact").check(force=True)
    await expect(page.locator("time")).to_have_text(re.compile(r"20\d\d.*UTC"))
    await axe(page)
    await screenshot(page, "appearance")


async def test_keys_lead_through_the_pages_and_are_listed(
    page: Page, axe: Axe, screenshot: Screenshot
) -> None:
    await appearance(page)
    await page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    await expect(keys.get_by_text("Show the keys")).to_be_visible()
    await axe(page)
    await screenshot(page, "keys")
    await page.keyboard.press("Escape")
    await expect(keys).to_have_count(0)
    await page.keyboard.press("g")
    await page.keyboard.press("e")
    await expect(page).to_have_url(re.compile("/settings$"))
    await expect(
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings")
    ).to_have_attribute("aria-current", "page")


async def test_the_whole_frame_is_reached_by_tab_and_the_content_at_once(page: Page) -> None:
    await appearance(page)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    await page.get_by_role("button", name="admin").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitemcheckbox", name="As the system")).to_have_attribute(
        "aria-checked", "true"
    )
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="admin")).to_be_focused()


async def test_a_notice_is_inert_whatever_it_says_and_can_be_closed(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    notice = {"ui.bannercontent": HOSTILE, "ui.bannerurl": "javascript:document.title='owned'"}
    async with configured(suite, **notice):
        banner = page.get_by_role("region", name="Notice")

        async def is_shown() -> bool:
            await appearance(page)
            return await banner.count() == 1

        await suite.until(is_shown, "the notice is shown")
        text = await banner.inner_text()
        assert "<script>document.title='owned'</script> red user\u2039U+202E\u203atxt.exe" in text
        assert len(text) < 5_000, "of a long line only its beginning is in the page"
        assert await banner.locator("img, script, a").count() == 0
        assert await page.title() == "Appearance · Fairlead"
        await screenshot(page, "notice-hostile")
        await banner.get_by_role("button", name="Close the notice").click()
        await page.reload()
        await expect(page.get_by_role("heading", name="Appearance")).to_be_visible()
        await expect(banner).to_have_count(0)


async def test_a_lasting_notice_and_a_style_of_ones_own_are_on_every_page(page: Page, suite: Stage) -> None:
    async def style(route: Route) -> None:
        await route.fulfill(content_type="text/css", body="h1 { letter-spacing: 3px }")

    await page.route("**/custom/own.css", style)
    notice = {
        "ui.bannercontent": "Maintenance on Friday",
        "ui.bannerurl": "https://status.example.com",
        "ui.bannerpermanent": "true",
        "ui.bannerposition": "both",
        "ui.cssurl": "./custom/own.css",
    }
    async with configured(suite, **notice):
        link = page.get_by_role("link", name="Maintenance on Friday")

        async def is_shown() -> bool:
            await appearance(page)
            return await link.count() == 2

        await suite.until(is_shown, "the notice is shown twice")
        await expect(link.first).to_have_attribute("href", "https://status.example.com")
        await expect(link.first).to_have_attribute("rel", re.compile("noopener"))
        await expect(page.get_by_role("button", name="Close the notice")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Appearance")).to_have_css("letter-spacing", "3px")


async def test_on_a_narrow_window_the_pages_are_behind_a_button(page: Page, screenshot: Screenshot) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await appearance(page)
    pages = page.get_by_role("navigation", name="Pages")
    await expect(pages).to_be_hidden()
    await page.get_by_role("button", name="Pages").click()
    await expect(pages).to_be_visible()
    await screenshot(page, "pages-narrow", widths=(360,))
    await page.keyboard.press("Escape")
    await expect(pages).to_be_hidden()
    await page.get_by_role("button", name="Pages").click()
    await pages.get_by_role("link", name="Settings").click()
    await expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    await expect(pages).to_be_hidden()


async def test_what_is_not_there_says_so_and_leads_on(page: Page, axe: Axe) -> None:
    await page.goto("/no/such/page")
    await expect(page.get_by_text("There is no such page")).to_be_visible()
    await axe(page)
    await page.get_by_role("link", name="Go to the applications").click()
    await expect(page).to_have_url(re.compile("/applications$"))
