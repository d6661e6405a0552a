"""Accounts and the reader's own page in the browser: tokens shown once, passwords, rights, help."""

import re

from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

REFUSED = r"status of [45]\d\d"


async def person(suite: Stage, *policies: str) -> tuple[str, str]:
    """The name and a token of a new account."""
    token = await suite.account(*policies)
    _, who = await suite.ask("GET", "/api/v1/session/userinfo", token=token)
    return who["username"], token


async def test_an_account_gets_a_token_that_is_shown_once_and_taken_back(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name, _ = await person(suite)
    await page.goto("/settings/accounts")
    await expect(page.get_by_role("row").filter(has_text="admin")).to_be_visible()
    await axe(page)
    await screenshot(page, "accounts")
    await page.get_by_role("link", name=name).click()
    await page.get_by_role("button", name="New token").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Id").fill("pipeline")
    await form.get_by_label("Lives for").fill("")
    await expect(form.get_by_text("It does not end")).to_be_visible()
    await form.get_by_role("button", name="Make token").click()
    token = await form.get_by_test_id("token").inner_text()
    status, who = await suite.ask("GET", "/api/v1/session/userinfo", token=token)
    assert (status, who["username"]) == (200, name)
    await form.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="pipeline")
    await expect(row.get_by_text("Never")).to_be_visible()
    assert token not in await page.content()
    await axe(page)
    await screenshot(page, "account")
    await row.get_by_role("button", name="Delete").click()
    await form.get_by_role("button", name="Delete").click()
    await expect(row).to_have_count(0)
    status, _ = await suite.ask("GET", "/api/v1/account", token=token)
    assert status == 401


async def test_a_token_id_that_is_taken_is_refused_at_its_field(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow(REFUSED)
    name, _ = await person(suite)
    body = {"name": name, "id": "taken", "expiresIn": 0}
    assert (await suite.ask("POST", f"/api/v1/account/{name}/token", body))[0] == 200
    await page.goto(f"/settings/accounts/{name}")
    await page.get_by_role("button", name="New token").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Id").fill("taken")
    await form.get_by_role("button", name="Make token").click()
    await expect(form.get_by_label("Id")).to_have_accessible_description(
        re.compile("already has token with id 'taken'")
    )


async def test_a_password_is_changed_with_the_readers_own_and_says_what_is_wrong(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow(REFUSED)
    name, _ = await person(suite)
    await page.goto(f"/settings/accounts/{name}")
    form = page.get_by_role("region", name="Password", exact=True)
    own = form.get_by_label("Your own password")
    await expect(own).to_have_attribute("autocomplete", "current-password")
    await own.fill("not mine")
    new, again = form.get_by_label("New password", exact=True), form.get_by_label("New password again")
    await expect(new).to_have_attribute("autocomplete", "new-password")
    await new.fill("correct horse")
    await again.fill("correct house")
    await expect(form.get_by_text("Not the same", exact=True)).to_be_visible()
    await again.fill("correct horse")
    await form.get_by_role("button", name="Change password").click()
    await expect(own).to_have_accessible_description(re.compile("current password does not match"))
    await own.fill(suite.password)
    await form.get_by_role("button", name="Change password").click()
    await expect(page.get_by_text(f"The password of {name} is changed")).to_be_visible()
    body = {"username": name, "password": "correct horse"}
    assert (await suite.ask("POST", "/api/v1/session", body))[0] == 200


async def test_the_readers_own_page_says_who_they_are_and_what_they_may(
    open_page: OpenPage, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name, token = await person(suite, "p, {name}, applications, sync, default/shop, allow")
    reader = await open_page(token)
    await reader.goto("/user-info")
    await expect(reader.get_by_role("region", name="You", exact=True).get_by_text(name)).to_be_visible()
    rights = reader.get_by_role("region", name="Your rights").first
    line = rights.get_by_role("row").filter(has_text=re.compile(r"^applications(?!ets)"))
    await expect(line).to_contain_text("sync")
    await expect(line).not_to_contain_text("delete")
    await expect(rights.get_by_role("row").filter(has_text="clusters")).to_contain_text("Nothing")
    asked = reader.get_by_role("region", name="What you may do")
    await asked.get_by_label("Object").fill("default/shop")
    await asked.get_by_role("button", name="May I?").click()
    await expect(asked.get_by_text("Yes, you may sync applications default/shop.")).to_be_visible()
    await asked.get_by_label("Action").select_option("delete")
    await asked.get_by_label("Object").press("Enter")
    await expect(asked.get_by_text("No, you may not delete applications default/shop.")).to_be_visible()
    tokens = reader.get_by_role("region", name="Tokens", exact=True)
    await tokens.get_by_role("button", name="New token").click()
    form = reader.get_by_role("dialog")
    await form.get_by_label("Id").fill("mine")
    await form.get_by_role("button", name="Make token").click()
    own = await form.get_by_test_id("token").inner_text()
    assert (await suite.ask("GET", "/api/v1/session/userinfo", token=own))[1]["username"] == name
    await form.get_by_role("button", name="I have it").click()
    await expect(tokens.get_by_role("cell", name="mine")).to_be_visible()
    await axe(reader)
    await screenshot(reader, "user", whole=True)


async def test_an_account_that_is_disabled_says_what_that_means(page: Page, suite: Stage, axe: Axe) -> None:
    name, token = await person(suite)
    await suite.merge_config("argocd-cm", **{f"accounts.{name}.enabled": "false"})

    async def is_out() -> bool:
        return (await suite.ask("GET", "/api/v1/account", token=token))[0] == 401

    await suite.until(is_out, "its tokens are refused")
    await page.goto("/settings/accounts")
    await expect(page.get_by_role("row").filter(has_text=name).get_by_text("Disabled")).to_be_visible()
    await page.get_by_role("link", name=name).click()
    await expect(
        page.get_by_text("Disabled: nobody logs in as it, and its tokens are refused")
    ).to_be_visible()
    await expect(page.get_by_text("its tokens are refused until it is enabled again")).to_be_visible()
    await axe(page)


async def test_help_leads_to_the_command_and_the_api(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    await suite.merge_config(
        "argocd-cm",
        **{
            "help.download.linux-amd64": "https://downloads.example/argocd",
            "help.chatUrl": "https://chat.example",
        },
    )
    try:

        async def is_told() -> bool:
            return bool((await suite.ask("GET", "/api/v1/settings"))[1]["help"].get("binaryUrls"))

        await suite.until(is_told, "the downloads are told")
        await page.goto("/help")
        link = page.get_by_role("link", name="Linux (amd64)")
        await expect(link).to_have_attribute("href", "https://downloads.example/argocd")
        await expect(page.get_by_role("link", name="Chat now!")).to_be_visible()
        await expect(page.get_by_text(re.compile(r"^argocd login 127\.0\.0\.1:\d+"))).to_be_visible()
        await expect(page.get_by_text("added scripts to these pages")).to_have_count(0)
        await axe(page)
        await screenshot(page, "help")
    finally:
        await suite.merge_config("argocd-cm", **{"help.download.linux-amd64": None, "help.chatUrl": None})


async def test_settings_lead_to_everything_that_is_set_up_once(
    page: Page, axe: Axe, screenshot: Screenshot
) -> None:
    await page.goto("/settings")
    for name in (
        "Repositories",
        "Certificates and known hosts",
        "GnuPG keys",
        "Clusters",
        "Projects",
        "Accounts",
        "Appearance",
    ):
        await expect(page.get_by_role("link", name=name).first).to_be_visible()
    await axe(page)
    await screenshot(page, "settings")
    await page.get_by_role("link", name="Clusters").first.click()
    await expect(page.get_by_role("heading", name="Clusters", level=1)).to_be_visible()
