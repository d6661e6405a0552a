"""What happens while a page is open: the session ends, the server restarts, a right is taken away."""

import base64
import json
import os
import re
import signal
from typing import Any
from urllib.parse import quote

import pytest
from playwright.async_api import Page, expect

from fairlead.local.suite import Suite
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_shell_login import log_in

SHOP = "/applications?namespace=shop-prod"
WORSE = "status of (401|403|50\\d)|ERR_|Failed to load resource"


@pytest.fixture(autouse=True)
def _expected(guard: Guard) -> None:
    """Browsers complain of every request that fails, which is what these tests bring about."""
    guard.allow(WORSE)


def name_in(token: str) -> str:
    """Whose token it is."""
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return str(claims["sub"]).partition(":")[0]


async def test_a_page_outlives_its_session_and_goes_on_after_a_new_login(
    anonymous: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    page = anonymous
    await page.goto(f"/login?return_url={quote(SHOP)}")
    await log_in(page, "admin", suite.password)
    await expect(page.get_by_text("shop", exact=True).first).to_be_visible()
    other = await page.context.new_page()
    await other.goto("/auth/logout")
    await other.close()
    dialog = page.get_by_role("dialog", name="Your session has ended")
    await expect(dialog.get_by_label("Password")).to_be_focused()
    await expect(dialog.get_by_label("User name")).to_have_value("admin")
    assert await page.get_by_text("shop", exact=True).count() > 0, "what is on the page stays"
    await axe(page, themes=("dark",))
    await screenshot(page, "session-ended", themes=("dark",))
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    await log_in(page, "admin", suite.password)
    await expect(dialog).to_have_count(0)
    await expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    await expect(page.get_by_text("shop", exact=True).first).to_be_visible()


async def test_what_was_typed_into_a_form_outlives_the_session(anonymous: Page, suite: Stage) -> None:
    page = anonymous
    await page.goto("/login?return_url=/applications?new=true")
    await log_in(page, "admin", suite.password)
    name = page.get_by_role("textbox", name="Name", exact=True)
    await name.fill("half-typed")
    await page.context.clear_cookies()
    await page.get_by_role("combobox", name="Repository").fill(suite.url(suite.platform))
    dialog = page.get_by_role("dialog", name="Your session has ended")
    await expect(dialog.get_by_label("User name")).to_have_value("admin")
    await log_in(page, "admin", suite.password)
    await expect(dialog).to_have_count(0)
    await expect(name).to_have_value("half-typed")
    await expect(page.get_by_role("combobox", name="Repository")).to_have_value(suite.url(suite.platform))


async def kill_api_server(suite: Stage) -> None:
    """It starts again by itself; one that a test only attached to is started."""
    running: Any = suite.suite
    if isinstance(running, Suite):
        os.kill(running.services["api-server"].pid, signal.SIGKILL)
    else:
        await running.process.kill()
        await running.start()


async def test_a_page_says_that_its_server_is_away_and_is_live_again_by_itself(
    page: Page, suite: Stage
) -> None:
    await page.goto(SHOP)
    mark = page.locator("[data-live]")
    await expect(mark).to_have_attribute("data-live", "live")
    await expect(page.get_by_text("shop", exact=True).first).to_be_visible()
    await kill_api_server(suite)
    await expect(mark).to_have_attribute("data-live", re.compile("reconnecting|stale"))
    await expect(page.get_by_text("shop", exact=True).first).to_be_visible()
    await expect(mark).to_have_attribute("data-live", "live")


async def test_a_right_that_is_taken_away_ends_what_is_shown(open_page: OpenPage, suite: Stage) -> None:
    token = await suite.account("p, {name}, applications, get, */*, allow")
    page = await open_page(token)
    await page.goto(SHOP)
    await expect(page.get_by_text("shop", exact=True).first).to_be_visible()
    name = name_in(token)
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": ""})
    await expect(page.get_by_text("shop", exact=True)).to_have_count(0)
