"""Logging in: by a password or the identity provider, to a page of ours and no other."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from tests.fakes.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.ui.axe import Axe
from tests.ui.conftest import COOKIE, OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

REFUSED = "status of 40[01]"


def oidc(provider: IdentityProvider) -> str:
    """The settings that name a provider."""
    return (
        f'name: Example ID\nissuer: {provider.issuer}\nclientID: {CLIENT}\nclientSecret: "{SECRET}"\n'
        f"logoutURL: '{provider.issuer}/out?to={{{{logoutRedirectURL}}}}'\n"
    )


@pytest.fixture(autouse=True)
def _expected(guard: Guard) -> None:
    """Browsers complain of every request that is refused, and a stranger's first is."""
    guard.allow(REFUSED)


async def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the form and send it."""
    await page.get_by_label("User name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in", exact=True).click()


@asynccontextmanager
async def configured(suite: Stage, **data: str) -> AsyncIterator[None]:
    """These keys of argocd-cm for a while."""
    await suite.merge_config("argocd-cm", **data)
    try:
        yield
    finally:
        await suite.merge_config("argocd-cm", **dict.fromkeys(data))


async def test_a_stranger_logs_in_and_comes_to_the_page_that_was_asked_for(
    anonymous: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await anonymous.goto("/settings/appearance?from=mail")
    await expect(anonymous.get_by_role("heading", name="Fairlead")).to_be_visible()
    await expect(anonymous.get_by_label("User name")).to_be_focused()
    await axe(anonymous)
    await log_in(anonymous, "admin", "wrong")
    await expect(anonymous.get_by_role("alert")).to_have_text("Invalid username or password")
    await screenshot(anonymous, "login-refused")
    await log_in(anonymous, "admin", suite.password)
    await expect(anonymous).to_have_url(re.compile(r"/settings/appearance\?from=mail$"))
    await expect(anonymous.get_by_role("heading", name="Appearance")).to_be_visible()
    kept = await anonymous.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})")
    [token] = [one["value"] for one in await anonymous.context.cookies() if one["name"] == COOKIE]
    assert token not in kept, "no script can read the session"


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%09/evil.example",
    "%20//evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/login",
)


async def test_a_login_leads_to_no_other_site(open_page: OpenPage, suite: Stage) -> None:
    page = await open_page(suite.token)
    for asked in ELSEWHERE:
        await page.goto("about:blank")
        await page.goto(f"/login?return_url={asked}")
        await expect(page).to_have_url(f"{suite.address}/applications")


async def test_the_login_page_says_nothing_that_its_address_says(anonymous: Page) -> None:
    await anonymous.goto("/login?has_sso_error=Call+0900-EVIL&error=Call+0900-EVIL&return_url=/help")
    await expect(anonymous.get_by_label("Password")).to_be_visible()
    await expect(anonymous.get_by_text("0900-EVIL")).to_have_count(0)
    await anonymous.goto("/login?has_sso_error=true")
    await expect(anonymous.get_by_role("alert").first).to_contain_text(
        "The identity provider did not log you in"
    )


async def test_the_way_over_the_identity_provider_comes_back_to_the_page_with_the_rights_of_its_groups(
    anonymous: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    page = anonymous
    async with (
        IdentityProvider().serving() as provider,
        configured(suite, **{"oidc.config": oidc(provider), "url": suite.address}),
    ):
        provider.person["groups"] = [suite.unique("team")]
        await suite.merge_config(
            "argocd-rbac-cm", **{"policy.sso.csv": f"g, {provider.person['groups'][0]}, role:readonly\n"}
        )
        link = page.get_by_role("link", name="Log in via Example ID")

        async def is_shown() -> bool:
            await page.goto("/login?return_url=/applications/argocd/shop")
            await expect(page.get_by_label("Password")).to_be_visible()
            return await link.count() == 1

        await suite.until(is_shown, "the identity provider is offered")
        await axe(page)
        await screenshot(page, "login-sso")
        provider.refuses = {"error": "access_denied", "error_description": "Call 0900-EVIL"}
        await link.click()
        await expect(page.get_by_role("alert").first).to_contain_text("it denied you access")
        await expect(page.get_by_text("0900-EVIL")).to_have_count(0)
        await screenshot(page, "login-sso-refused", widths=(1440,))
        provider.refuses = {}
        await page.goto("/login?return_url=/applications/argocd/shop")
        await link.click()
        await expect(page).to_have_url(f"{suite.address}/applications/argocd/shop")
        await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
        await expect(page.get_by_role("button", name="Sync")).to_have_attribute("aria-disabled", "true")
        await page.get_by_role("button", name="ada@example.org").click()
        await page.get_by_role("menuitem", name="Log out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        assert "out" in provider.asked, "it is logged out at the provider, too"
        assert not [one for one in await page.context.cookies() if one["name"] == COOKIE]
    await suite.merge_config("argocd-rbac-cm", **{"policy.sso.csv": None})


async def test_who_logs_out_is_nobody_and_logs_in_anew(anonymous: Page, suite: Stage) -> None:
    await anonymous.goto("/login?return_url=/settings/appearance")
    await log_in(anonymous, "admin", suite.password)
    await anonymous.get_by_role("button", name="admin").click()
    await anonymous.get_by_role("menuitem", name="Log out").click()
    await expect(anonymous.get_by_label("Password")).to_be_visible()
    assert not [one for one in await anonymous.context.cookies() if one["name"] == COOKIE]
