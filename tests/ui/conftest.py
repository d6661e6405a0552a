"""One suite and one browser for all tests of the web UI; a context of its own for each test.

A test fails for what a browser complains of: errors on the console, exceptions of the page, violations of the
content security policy; what a test expects of these it says to `guard`. `page` is logged in as admin,
`anonymous` as nobody, `open_page` as whoever a token says.
"""

import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from fairlead.local.ui import built_ui, ui_packages
from tests.ui.axe import Axe
from tests.ui.browser import browser_program, running_browser
from tests.ui.guard import WATCH, Guard
from tests.ui.kept import attached, kept, started
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

TIMEOUT = 60_000.0
"""Milliseconds that a step of a test may take on a busy machine; none takes as long as a rule."""
expect.set_options(timeout=TIMEOUT)
COOKIE = "argocd.token"
CONTEXT: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "en-GB",
    "timezone_id": "UTC",
    "reduced_motion": "reduce",
}
"""Nothing moves, so that a page may be looked at as soon as it is there; a test of motion says otherwise."""
FAILED = pytest.StashKey[bool]()

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The suite with its applications, and the UI built from these sources."""
    folder, known = tmp_path_factory.mktemp("ui"), kept()
    if known is None:
        await built_ui()
    async with started(folder) if known is None else attached(known, folder) as stage:
        yield stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The one browser."""
    async with running_browser(browser_program()) as running:
        yield running


@pytest.fixture(scope="session")
def axe_source() -> str:
    """What looks for barriers."""
    return (ui_packages() / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def guard() -> Iterator[Guard]:
    """What browsers complain of; `guard.allow(pattern)` expects something."""
    guard = Guard()
    yield guard
    guard.verdict()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(
    suite: Stage, browser: Browser, guard: Guard, request: pytest.FixtureRequest
) -> AsyncIterator[OpenPage]:
    """Opens pages in contexts of their own: `await open_page(token, **options of the context)`."""
    contexts: list[BrowserContext] = []

    async def opened(token: str = "", **options: Any) -> Page:
        given = {**CONTEXT, **options}
        context = await browser.new_context(base_url=suite.address, **given)
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        await context.add_init_script(WATCH)
        guard.watch(context)
        if token:
            await context.add_cookies(
                [{"name": COOKIE, "value": token, "url": suite.address, "httpOnly": True, "sameSite": "Lax"}]
            )
        return await context.new_page()

    yield opened
    for context in contexts:
        if request.node.stash.get(FAILED, False):
            await _show(context, request.node.name)
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage, suite: Stage) -> Page:
    """A page of admin, 1440 wide and light."""
    return await open_page(suite.token)


@pytest_asyncio.fixture(loop_scope="session")
async def anonymous(open_page: OpenPage, guard: Guard) -> Page:
    """A page of nobody, which is told so by the API."""
    guard.allow("status of 401")
    return await open_page()


@pytest.fixture
def screenshot() -> Screenshot:
    """Writes what a page looks like, light and dark, wide and narrow: `await screenshot(page, "name")`, into
    the folder that UI_SHOTS names."""
    folder = os.environ.get("UI_SHOTS")
    return Screenshot(Path(folder) if folder else None)


@pytest.fixture
def axe(axe_source: str) -> Axe:
    """Looks for barriers, in both themes: `await axe(page)`."""
    return Axe(axe_source)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember who failed, for `open_page`."""
    report: Any = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


async def _show(context: BrowserContext, name: str) -> None:
    """What a test saw when it failed, for whoever reads its output."""
    for number, page in enumerate(context.pages):
        sys.stdout.write(f"\n--- {page.url}\n{(await page.inner_text('body'))[:3000]}\n")
        folder = os.environ.get("UI_SHOTS")
        if folder:
            await page.screenshot(path=Path(folder) / f"failed-{name[:80]}-{number}.png")
