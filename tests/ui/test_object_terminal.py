"""Terminals in the browser: only where they are switched on, with words when one is refused or ends."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.objects import Objects, make
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def objects(suite: Stage) -> Objects:
    """The application that all of these tests are about."""
    return await make(suite)


@pytest_asyncio.fixture(loop_scope="session")
async def switched_on(suite: Stage) -> AsyncIterator[None]:
    """Terminals are allowed, as far as the server is concerned."""
    await suite.merge_config("argocd-cm", **{"exec.enabled": "true"})

    async def is_on() -> bool:
        return bool((await suite.ask("GET", "/api/v1/settings"))[1].get("execEnabled"))

    await suite.until(is_on, "terminals are switched on")
    yield
    await suite.merge_config("argocd-cm", **{"exec.enabled": None})


async def test_a_person_works_in_a_container_until_the_shell_ends(
    page: Page, objects: Objects, switched_on: None, axe: Axe, screenshot: Screenshot
) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "terminal")
    await panel.get_by_label("Container").select_option("side")
    await expect(panel.get_by_text("not what you type")).to_be_visible()
    await axe(page)
    await panel.get_by_role("button", name="Open", exact=True).click()
    shell = panel.frame_locator("iframe")
    await expect(shell.get_by_text(re.compile(r"web-.*, container side"))).to_be_visible()
    await expect(shell.get_by_role("list").get_by_text("$").first).to_be_visible()
    await shell.get_by_role("textbox").press_sequentially("hello  there\r")
    await expect(shell.get_by_role("list").get_by_text("said: hello there")).to_be_visible()
    await screenshot(page, "object-terminal", widths=(1440,))
    await shell.get_by_role("textbox").press_sequentially("exit 3\r")
    await expect(shell.get_by_text("The shell has ended.")).to_be_visible()
    await shell.get_by_role("button", name="Open a new shell").click()
    await expect(shell.get_by_text(re.compile(r"web-.*, container side"))).to_be_visible()


async def test_who_may_open_none_is_told_why(
    open_page: OpenPage, suite: Stage, objects: Objects, switched_on: None, guard: Guard
) -> None:
    guard.allow("WebSocket")
    reader = await open_page(await suite.account("p, {name}, applications, get, */*, allow"))
    asked = {
        "appName": objects.name,
        "projectName": "default",
        "namespace": objects.namespace,
        "pod": "web-0",
        "container": "main",
    }
    await reader.goto(f"/terminal.html?{urlencode(asked)}")
    await expect(reader.get_by_text("opens when you ask for it")).to_be_visible()  # a link opens nothing
    await reader.get_by_role("button", name="Open the shell").click()
    await expect(reader.get_by_text("permission denied")).to_be_visible()
    await expect(reader.get_by_role("button", name="Open a new shell")).to_be_visible()


async def test_there_is_no_terminal_where_none_is_switched_on(
    page: Page, suite: Stage, objects: Objects
) -> None:
    async def is_off() -> bool:
        return not (await suite.ask("GET", "/api/v1/settings"))[1].get("execEnabled")

    await suite.until(is_off, "terminals are switched off")
    panel = await objects.open(page, "apps", "Deployment", "web")
    await expect(panel.get_by_role("tab", name="Logs")).to_be_visible()
    await expect(panel.get_by_role("tab", name="Terminal")).to_have_count(0)
