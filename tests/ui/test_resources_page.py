"""Objects across applications in the browser."""

import re

from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage


async def test_objects_are_searched_narrowed_sorted_and_paged_by_the_server(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/resources")
    table = page.get_by_role("region", name="Objects", exact=True)
    await expect(table.get_by_role("row")).to_have_count(51)
    await expect(page.get_by_text(re.compile(r"^1 to 50 of \d+ objects$"))).to_be_visible()
    await screenshot(page, "resources")
    await page.get_by_role("button", name="Later").click()
    await expect(page.get_by_text(re.compile(r"^51 to 100 of"))).to_be_visible()
    await page.get_by_label("Search").fill("worker")
    await expect(page.get_by_text("12 objects", exact=True)).to_be_visible()
    await axe(page)
    await expect(page).to_have_url(re.compile("search=worker"))
    await page.get_by_label("Search").fill("setting many")
    kinds = page.get_by_role("region", name="Kind")
    await kinds.get_by_label(re.compile("ConfigMap")).check()
    await expect(page.get_by_text(re.compile("of 240 objects"))).to_be_visible()
    await page.get_by_role("button", name="Name", exact=True).click()
    await expect(table.get_by_role("row").nth(1)).to_contain_text("setting-239")
    await page.reload()
    await expect(table.get_by_role("row").nth(1)).to_contain_text("setting-239")
    link = table.get_by_role("link", name="setting-239")
    await expect(link).to_have_attribute("href", re.compile(r"/applications/argocd/many\?node=.*setting-239"))


async def test_a_page_that_is_asked_for_again_in_vain_says_since_when_it_is_old(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow("ERR_FAILED")
    await page.clock.install()
    await page.goto("/resources?search=worker")
    await expect(page.get_by_text("12 objects", exact=True)).to_be_visible()
    mark = page.locator("[data-live]")
    await expect(mark).to_have_count(0)
    asked = "**/api/v1/search/resources**"
    await page.route(asked, lambda route: route.abort())
    await page.clock.fast_forward(11_000)
    await expect(mark).to_have_attribute("data-live", "stale")
    await expect(mark).to_contain_text("Stale, last true")
    await expect(page.get_by_text("12 objects", exact=True)).to_be_visible()
    await page.unroute(asked)
    await page.clock.fast_forward(11_000)
    await expect(mark).to_have_count(0)


async def test_the_view_of_objects_is_absent_when_it_is_switched_off(page: Page, suite: Stage) -> None:
    await suite.merge_config("argocd-cm", **{"ui.view.resources.disabled": "true"})
    try:

        async def is_off() -> bool:
            return not (await suite.ask("GET", "/api/v1/settings"))[1].get("resourceViewEnabled")

        await suite.until(is_off, "the view is switched off")
        await page.goto("/resources")
        await expect(page.get_by_text("This view is switched off")).to_be_visible()
    finally:
        await suite.merge_config("argocd-cm", **{"ui.view.resources.disabled": None})

    async def is_on() -> bool:
        return bool((await suite.ask("GET", "/api/v1/settings"))[1].get("resourceViewEnabled"))

    await suite.until(is_on, "the view is switched on again")
