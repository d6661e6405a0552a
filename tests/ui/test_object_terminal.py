"""Terminals in the browser: only where they are switched on, with words when one is refused or ends."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.objects import PASTE, Objects, make
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_shell_session import name_in

FITS = """(host) =>
  host.querySelector('.xterm-screen').getBoundingClientRect().width <= host.clientWidth"""
HEAR = """(box) => window.addEventListener('copy', (event) => {
  box.dataset.copied = event.clipboardData.getData('text/plain');
})"""


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
    await expect(shell.get_by_role("list").get_by_text("$").last).to_be_visible()
    await shell.get_by_role("textbox").press_sequentially("exit 3\r")
    await expect(shell.get_by_role("list").get_by_text(re.compile("exit .*3")).last).to_be_visible()
    await expect(shell.get_by_text("The shell has ended.")).to_be_visible()
    await shell.get_by_role("button", name="Open a new shell").click()
    await expect(shell.get_by_text(re.compile(r"web-.*, container side"))).to_be_visible()


async def test_a_terminal_fits_its_window_and_text_is_taken_out_of_it_and_put_in(
    page: Page, objects: Objects, switched_on: None
) -> None:
    sizes: list[tuple[int, int]] = []

    def sent(data: bytes | str) -> None:
        said = json.loads(data)
        if said.get("operation") == "resize":
            sizes.append((said["rows"], said["cols"]))

    page.on("websocket", lambda line: line.on("framesent", sent))
    panel = await objects.open(page, "apps", "Deployment", "web", "terminal")
    await panel.get_by_role("button", name="Open", exact=True).click()
    shell = panel.frame_locator("iframe")
    said = shell.get_by_role("list")
    await expect(said.get_by_text("$").first).to_be_visible()
    for width, height in ((360, 740), (3840, 2160), (1440, 900)):
        before = len(sizes)
        await page.set_viewport_size({"width": width, "height": height})
        async with asyncio.timeout(60):
            while len(sizes) == before:
                await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            while not await shell.locator("#terminal").evaluate(FITS):
                await asyncio.sleep(0.05)
    narrow, wide = min(cols for _, cols in sizes), max(cols for _, cols in sizes)
    assert 20 <= narrow < 60 < wide
    box = shell.get_by_role("textbox")
    await box.evaluate(PASTE, "pasted words")
    await box.press("Enter")
    await expect(said.get_by_text("said: pasted words")).to_be_visible()
    await box.evaluate(HEAR)
    row = await shell.locator(".xterm-rows > div").filter(has_text="said: pasted").last.bounding_box()
    assert row is not None
    await page.mouse.dblclick(row["x"] + 12, row["y"] + row["height"] / 2)
    await box.press("Control+c")
    await expect(box).to_have_attribute("data-copied", re.compile(r"^said"))


async def test_a_shell_that_a_container_has_not_is_said_in_words(
    page: Page, objects: Objects, switched_on: None
) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "terminal")
    await panel.get_by_label("Shell").select_option("powershell")
    await panel.get_by_role("button", name="Open", exact=True).click()
    shell = panel.frame_locator("iframe")
    await expect(shell.get_by_role("list").get_by_text("powershell").first).to_be_visible()
    await expect(shell.get_by_role("button", name="Open a new shell")).to_be_visible()


async def test_a_shell_ends_with_the_right_to_it_and_says_so(
    open_page: OpenPage, suite: Stage, objects: Objects, switched_on: None
) -> None:
    token = await suite.account(
        "p, {name}, applications, get, */*, allow", "p, {name}, exec, create, */*, allow", stem="typist"
    )
    page = await open_page(token)
    panel = await objects.open(page, "apps", "Deployment", "web", "terminal")
    await panel.get_by_role("button", name="Open", exact=True).click()
    shell = panel.frame_locator("iframe")
    await expect(shell.get_by_role("list").get_by_text("$").first).to_be_visible()
    name = name_in(token)
    await suite.merge_config(
        "argocd-rbac-cm", **{f"policy.{name}.csv": f"p, {name}, applications, get, */*, allow"}
    )
    await expect(shell.get_by_role("list").get_by_text("Permission denied")).to_be_visible()
    await expect(shell.get_by_role("button", name="Open a new shell")).to_be_visible()


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
