"""The pictures of the README and of docs/, made by what a newcomer does: `make screenshots`."""

from playwright.async_api import Page, expect

from tests.ui.screenshot import WIDE, Screenshot
from tests.ui.stage import Stage


async def test_pictures_show_what_a_newcomer_sees(page: Page, suite: Stage, screenshot: Screenshot) -> None:
    await page.goto("/applications?sort=health")
    await expect(page.get_by_role("status").filter(has_text="application").first).to_be_visible()
    await screenshot(page, "picture-applications", widths=(WIDE,))
    await page.goto("/applications/argocd/shop?view=tree")
    await expect(page.get_by_role("tree")).to_have_attribute("data-structure", "laid-out")
    await screenshot(page, "picture-tree", widths=(WIDE,))
    namespace = suite.namespace_of["edited"]
    await page.goto(f"/applications/argocd/edited?node=/ConfigMap/{namespace}/edited/0&tab=diff")
    await expect(page.locator(".cm-line").filter(has_text="colour").nth(1)).to_be_visible()
    await screenshot(page, "picture-diff", widths=(WIDE,))
