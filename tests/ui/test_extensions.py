"""Scripts of an operator in the pages: each kind in its place, and what one does wrong is its own affair."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

WHOLE = """
((window) => {
  const e = React.createElement;
  const style = document.createElement('style');
  style.textContent = '.costs-own { outline: 3px dotted rgb(1, 2, 3); }';
  document.head.appendChild(style);
  const plain = { background: 'none', color: 'inherit' };
  const named = (application) => application.metadata.name;
  const Counts = ({ application, resource, tree }) =>
    e('p', { className: 'costs-own' },
      `${resource.kind} of ${named(application)}, ${tree.nodes.length > 0 ? 'with' : 'without'} a tree`);
  const Part = ({ application, openFlyout }) =>
    e('button', { onClick: openFlyout, style: plain }, `Costs of ${named(application)}`);
  const Flyout = ({ application }) => {
    const [count, setCount] = React.useState(0);
    const onClick = () => setCount(count + 1);
    return e('button', { onClick, style: plain }, `All of ${named(application)}: ${count}`);
  };
  const Own = () =>
    e('p', null, `Since ${Moment(0).utc().format('YYYY')}, ${typeof ReactDOM.createRoot}`);
  const api = window.extensionsAPI;
  api.registerResourceExtension(Counts, '{apps,batch}', 'Deploy*', 'Costs', { icon: 'fa-coins' });
  api.registerResourceExtension(Counts, 'argoproj.io', 'Application', 'Costs');
  api.registerSystemLevelExtension(Own, 'All costs', '/costs', 'fa-coins');
  api.registerStatusPanelExtension(Part, 'Costs', 'costs', Flyout);
  api.registerTopBarActionMenuExt(
    () => e('span', null, 'Budget'), 'Budget', 'budget', Flyout,
    (app) => named(app) === 'shop', 'fa-coins', true);
  api.registerAppViewExtension(
    ({ application, tree }) => e('p', null, `A view of ${named(application)}: ${tree.nodes.length} nodes`),
    'Map', 'fa-map');
})(window);
"""
HOSTILE = """
const e = React.createElement;
const evil = '<img src=x onerror="window.taken=1">\\u202eevil';
const Throws = () => { throw new Error('thrown on purpose'); };
window.extensionsAPI.registerResourceExtension(Throws, '**', '**', evil);
window.extensionsAPI.registerStatusPanelExtension(Throws, evil, 'evil');
window.extensionsAPI.registerTopBarActionMenuExt(Throws, 'Bad button', 'bad', Throws);
const unsure = () => { throw new Error('unsure'); };
window.extensionsAPI.registerAppViewExtension(Throws, 'Bad view', 'fa-x', unsure);
window.extensionsAPI.registerSystemLevelExtension(Throws, 'Bad page', '/bad');
window.extensionsAPI.registerSystemLevelExtension(Throws, 'Mine', '/settings');
"""


@pytest_asyncio.fixture(loop_scope="session")
async def folder(suite: Stage) -> AsyncIterator[Path]:
    """Where the suite looks for scripts; once it is gone, pages name none any more."""
    where = suite.extensions
    where.mkdir(parents=True, exist_ok=True)
    yield where
    shutil.rmtree(where)
    await put(suite, where)


async def put(suite: Stage, folder: Path, **files: str) -> None:
    """Return once the pages name exactly these."""
    for name, text in files.items():
        place = folder / name / f"extension-{name}.js"
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)

    async def are_named() -> bool:
        async with suite.http.get(f"{suite.address}/applications") as answer:
            page = await answer.text()
        return page.count("extensions.js?file=") == len(files)

    await suite.until(are_named, "the page names the scripts")


async def test_scripts_of_an_operator_are_at_home_on_every_page(
    *, page: Page, suite: Stage, folder: Path, guard: Guard, axe: Axe, screenshot: Screenshot
) -> None:
    guard.allow("content security policy: style-src-elem inline")
    guard.allow("Refused to apply inline style|Applying inline style violates")
    await put(suite, folder, costs=WHOLE)
    await page.goto("/applications/shop")
    await page.get_by_role("button", name="Costs of shop").click()
    panel = page.get_by_role("complementary", name="Costs")
    await panel.get_by_role("button", name="All of shop: 0").click()
    await expect(panel.get_by_role("button", name="All of shop: 1")).to_be_visible()
    await screenshot(page, "extension-flyout")
    await axe(page)
    await page.get_by_role("button", name="Budget").click()
    await expect(page.get_by_role("complementary", name="Budget")).to_be_visible()
    await page.get_by_role("button", name="Close the panel").click()
    await page.get_by_role("button", name="Details").click()
    await page.get_by_role("tab", name="Costs").click()
    counts = page.get_by_text("Application of shop, with a tree")
    await expect(counts).to_have_css("outline-style", "dotted")
    await page.goto("/applications/shop?node=apps/Deployment/shop-prod/web/0&tab=extension-0")
    await expect(page.get_by_text("Deployment of shop, with a tree")).to_be_visible()
    await screenshot(page, "extension-tab")
    await page.goto("/applications/shop?node=/Service/shop-prod/web/0")
    await expect(page.get_by_role("tab", name="Manifest")).to_be_visible()
    await expect(page.get_by_role("tab", name="Costs")).to_have_count(0)
    await page.get_by_role("button", name="Close the panel").click()
    await page.get_by_role("radio", name="Map").check(force=True)
    await expect(page.get_by_text("A view of shop:")).to_be_visible()
    await screenshot(page, "extension-view")
    await page.get_by_role("link", name="All costs").click()
    await expect(page.get_by_text("Since 1970, function")).to_be_visible()
    await axe(page)
    await page.goto("/costs/of/something")
    await expect(page.get_by_role("heading", name="All costs")).to_be_visible()
    await page.goto("/help")
    await expect(page.get_by_text("costs/extension-costs.js")).to_be_visible()
    await screenshot(page, "extension-help")


async def test_a_script_that_throws_or_lies_harms_nobody_else(
    *, page: Page, suite: Stage, folder: Path, guard: Guard, axe: Axe, screenshot: Screenshot
) -> None:
    guard.allow("exception: |thrown on purpose|content security policy|nline style|MIME type")
    await put(
        suite,
        folder,
        a_throws="throw new Error('at once')",
        b_torn="this is (no script",
        c_evil=HOSTILE,
        costs=WHOLE,
    )
    await page.goto("/applications/shop")
    await expect(page.get_by_role("button", name="Costs of shop")).to_be_visible()
    for words in (
        "a_throws/extension-a_throws.js: at once",
        "extension-b_torn.js",
        "there is a page at /settings",
    ):
        await expect(page.get_by_text(words).first).to_be_visible()
    await expect(page.get_by_text("The extension “<img").first).to_contain_text(
        "of c_evil/extension-c_evil.js"
    )
    await expect(page.get_by_text("Bad button failed")).to_be_visible()
    await expect(page.get_by_role("radio", name="Bad view")).to_have_count(0)
    await screenshot(page, "extension-failures")
    await axe(page)
    await page.goto("/applications/shop?node=/Service/shop-prod/web/0&tab=extension-0")
    await expect(page.get_by_role("tab", name="<img")).to_have_attribute("aria-selected", "true")
    await page.get_by_role("tab", name="Manifest").click()
    await expect(page.get_by_role("complementary").get_by_text("targetPort").first).to_be_visible()
    await page.get_by_role("link", name="Bad page").click()
    await expect(page.get_by_text("thrown on purpose")).to_be_visible()
    await page.get_by_role("link", name="Applications").first.click()
    await expect(page.get_by_text("many").first).to_be_visible()
    assert await page.evaluate("window.taken") is None


async def test_no_script_runs_where_a_password_is_typed(anonymous: Page, suite: Stage, folder: Path) -> None:
    await put(suite, folder, costs=WHOLE)
    await anonymous.goto("/applications/shop")
    await expect(anonymous.get_by_label("Password")).to_be_visible()
    assert await anonymous.evaluate("'React' in window || 'extensionsAPI' in window") is False


async def test_without_scripts_nothing_is_asked_for(page: Page, suite: Stage, folder: Path) -> None:
    await put(suite, folder)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/applications")
    await expect(page.get_by_text("many").first).to_be_visible()
    assert not [url for url in asked if "extensions" in url or "host-" in url]
    assert await page.evaluate("'React' in window || 'extensionsAPI' in window") is False
