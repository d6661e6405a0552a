"""Repositories, credentials, certificates and keys in the browser: secrets go in and never come back."""

import re
import secrets
from urllib.parse import quote

from playwright.async_api import Locator, Page, Response, expect

from tests.e2e.world import CONFIG_MAPS, CONTROL
from tests.signing import GpgKey
from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

REFUSED = r"status of [45]\d\d"


def dialog(page: Page) -> Locator:
    """The form over the page."""
    return page.get_by_role("dialog")


def row(page: Page, text: str) -> Locator:
    """The row of a table that has this text."""
    return page.get_by_role("row").filter(has_text=text)


async def guarded(suite: Stage) -> tuple[str, str, str]:
    """The address of a repository that asks who one is, its prefix, and its password."""
    name, password = suite.unique("guarded"), secrets.token_hex(12)
    url = await suite.git.create(f"{name}/config")
    suite.git.protect(name, username="reader", password=password)
    return url, url.removesuffix("/config.git"), password


async def test_a_repository_is_tried_connected_tested_changed_and_forgotten(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow(REFUSED)
    url, _, password = await guarded(suite)
    told: list[str] = []
    addresses: list[str] = []

    async def keep(response: Response) -> None:
        addresses.append(response.url)
        if "/api/" in response.url and "stream" not in response.url:
            told.append(await response.text())

    page.on("response", keep)
    await page.goto("/settings/repos")
    await page.get_by_role("button", name="Connect repository").click()
    form = dialog(page)
    await form.get_by_role("button", name="Connect", exact=True).click()
    await expect(form.get_by_text("Needed").first).to_be_visible()
    await form.get_by_label("Repository URL").fill("git@example.com:team/config.git")
    await expect(form.get_by_text("Begins with https:// or http://")).to_be_visible()
    await form.get_by_label("Repository URL").fill(url)
    await form.get_by_label("User name").fill("reader")
    await form.get_by_label("Password or token").fill("wrong")
    await axe(page)
    await screenshot(page, "repository-form")
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text(re.compile("error testing repository connectivity"))).to_be_visible()
    await form.get_by_label("Password or token").fill(password)
    await form.get_by_role("button", name="Test connection").click()
    await expect(form.get_by_text("It can be read with these credentials.")).to_be_visible()
    await form.get_by_role("button", name="Connect", exact=True).click()
    await expect(form).to_have_count(0)
    await expect(row(page, url).get_by_text("Successful")).to_be_visible()
    await axe(page)
    await screenshot(page, "repositories")
    await row(page, url).get_by_role("button", name="Test").click()
    await expect(page.get_by_text(f"{url} can be read")).to_be_visible()
    await row(page, url).get_by_role("button", name="Edit").click()
    await expect(form.get_by_text("What is secret is never shown.")).to_be_visible()
    await expect(form.get_by_label("Password or token")).to_have_value("")
    await form.get_by_label("Password or token").fill(password)
    await form.get_by_label("Name", exact=True).fill("config")
    await form.get_by_role("button", name="Save").click()
    await expect(row(page, url).get_by_text("config", exact=True)).to_be_visible()
    await row(page, url).get_by_role("button", name="Disconnect").click()
    await expect(form.get_by_text("No application that you may see comes from it.")).to_be_visible()
    await form.get_by_label(f"Type {url} to confirm").fill(url)
    await form.get_by_role("button", name="Disconnect").click()
    await expect(row(page, url)).to_have_count(0)
    assert told, "answers were looked at"
    assert not [text for text in told if password in text], "a secret came back to the browser"
    assert not [address for address in addresses if password in address], "a secret stood in an address"


async def test_disconnecting_says_which_applications_come_from_a_repository(page: Page, suite: Stage) -> None:
    url = suite.url(suite.platform)
    body = {"repo": url, "type": "git"}
    assert (await suite.ask("POST", "/api/v1/repositories", body))[0] == 200
    await page.goto("/settings/repos")
    await row(page, url).get_by_role("button", name="Disconnect").click()
    await expect(
        dialog(page).get_by_text(re.compile(r"\d+ applications come from it: .*and more"))
    ).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog(page)).to_have_count(0)
    status, _ = await suite.ask("DELETE", f"/api/v1/repositories/{quote(url, safe='')}")
    assert status == 200


async def test_a_template_lends_its_credentials_to_a_repository(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow(REFUSED)
    url, prefix, password = await guarded(suite)
    await page.goto("/settings/repos")
    await page.get_by_role("button", name="New credential template").click()
    form = dialog(page)
    await form.get_by_label("URL prefix").fill(prefix)
    await form.get_by_label("User name").fill("reader")
    await form.get_by_label("Password or token").fill(password)
    await form.get_by_role("button", name="Connect", exact=True).click()
    await expect(form).to_have_count(0)
    templates = page.get_by_role("region", name="Credential templates", exact=True)
    await expect(templates.get_by_text(prefix).first).to_be_visible()
    await page.get_by_role("button", name="Connect repository").click()
    await form.get_by_label("Repository URL").fill(url)
    await form.get_by_role("button", name="Connect", exact=True).click()
    await expect(form).to_have_count(0)
    await expect(row(page, url).get_by_text("by a template")).to_be_visible()
    await expect(row(page, url).get_by_text("Successful")).to_be_visible()


async def test_what_is_written_to_is_apart_once_the_hydrator_is_on(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow(REFUSED)
    url, prefix, password = await guarded(suite)
    await switch_hydrator(suite, "true")
    try:
        await page.goto("/settings/repos")
        written = page.get_by_role("region", name="Repositories to write to", exact=True)
        templates = page.get_by_role("region", name="Credential templates to write with")
        form = dialog(page)
        await written.get_by_role("button", name="Add write repository").click()
        await form.get_by_label("Repository URL").fill(url)
        await form.get_by_role("button", name="Test connection").click()
        await expect(form.get_by_text(re.compile("error testing repository connectivity"))).to_be_visible()
        await form.get_by_label("User name").fill("reader")
        await form.get_by_label("Password or token").fill(password)
        await form.get_by_text("Options", exact=True).click()
        await form.get_by_label("Force HTTP basic authentication").check()
        await form.get_by_label("No proxy for").fill("127.0.0.1")
        await form.get_by_role("button", name="Connect", exact=True).click()
        await expect(form).to_have_count(0)
        await expect(row(page, url).get_by_text("Successful")).to_be_visible()
        await templates.get_by_role("button", name="Add write credential template").click()
        await form.get_by_label("URL prefix").fill(prefix)
        await form.get_by_label("User name").fill("writer")
        await form.get_by_label("Password or token").fill(password)
        await form.get_by_role("button", name="Connect", exact=True).click()
        await expect(form).to_have_count(0)
        await expect(templates.get_by_role("cell", name="writer")).to_be_visible()
        await axe(page)
        await screenshot(page, "repositories-written", whole=True)
        _, answer = await suite.ask("GET", "/api/v1/write-repositories")
        [stored] = [one for one in answer["items"] if one["repo"] == url]
        assert (stored["forceHttpBasicAuth"], stored["noProxy"]) == (True, "127.0.0.1")
        await written.get_by_role("button", name="Test").click()
        await expect(page.get_by_text(f"{url} can be read")).to_be_visible()
        for part, name in ((written, url), (templates, prefix)):
            await (
                part.get_by_role("row").filter(has_text=name).get_by_role("button", name="Disconnect").click()
            )
            await form.get_by_label(f"Type {name} to confirm").fill(name)
            await form.get_by_role("button", name="Disconnect").click()
            await expect(form).to_have_count(0)
        await expect(row(page, url)).to_have_count(0)
    finally:
        await switch_hydrator(suite, None)


async def switch_hydrator(suite: Stage, value: str | None) -> None:
    """Return once the API serves what is written to, or does not."""
    name = "argocd-cmd-params-cm"
    if await suite.client.find(CONFIG_MAPS, name, CONTROL) is None:
        metadata = {"name": name, "labels": {"app.kubernetes.io/part-of": "argocd"}}
        await suite.client.create(CONFIG_MAPS, {"metadata": metadata}, CONTROL)
    await suite.merge_config(name, **{"hydrator.enabled": value})

    async def is_switched() -> bool:
        served = (await suite.ask("GET", "/api/v1/write-repositories"))[0] == 200
        return served is (value is not None)

    await suite.until(is_switched, f"hydrator.enabled is {value}")


async def test_every_way_of_reaching_a_repository_asks_for_what_it_needs(
    page: Page, screenshot: Screenshot
) -> None:
    await page.goto("/settings/repos")
    await page.get_by_role("button", name="Connect repository").click()
    form = dialog(page)
    wanted = {
        "Git over SSH": "SSH private key",
        "GitHub App": "GitHub App private key",
        "Google Cloud": "Service account key",
        "Azure service principal": "Client secret",
        "Helm repository": "Password or token",
        "OCI registry": "Password or token",
    }
    for kind, label in wanted.items():
        await form.get_by_label("Reached by").select_option(label=kind)
        await expect(form.get_by_label(label)).to_be_visible()
        await expect(form.get_by_label(label)).to_have_attribute(
            "autocomplete", re.compile("off|new-password")
        )
    await form.get_by_label("Reached by").select_option(label="Azure workload identity")
    await expect(form.get_by_text("only hosts of Azure are shown its tokens")).to_be_visible()
    await form.get_by_label("Reached by").select_option(label="GitHub App")
    await screenshot(page, "repository-github-app")


async def test_a_known_host_is_added_and_deleted(page: Page, axe: Axe, screenshot: Screenshot) -> None:
    await page.goto("/settings/certs")
    await expect(page.get_by_role("row").filter(has_text="github.com").first).to_be_visible()
    await axe(page)
    await screenshot(page, "certificates")
    await page.get_by_role("button", name="Add SSH known hosts").click()
    form = dialog(page)
    await form.get_by_label("Known hosts").fill("rubbish")
    await expect(form.get_by_text("Line 1 is not: host type key").first).to_be_visible()
    key = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    await form.get_by_label("Known hosts").fill(f"[git.example.org]:2222 ssh-ed25519 {key}")
    await form.get_by_role("button", name="Add").click()
    await expect(form).to_have_count(0)
    host = row(page, "[git.example.org]:2222")
    await expect(host).to_contain_text("SHA256:")
    await host.get_by_role("button", name="Delete").click()
    await form.get_by_label("to confirm").fill("[git.example.org]:2222")
    await form.get_by_role("button", name="Delete").click()
    await expect(host).to_have_count(0)
    await expect(page.get_by_role("row").filter(has_text="github.com").first).to_be_visible()


async def test_a_tls_certificate_that_is_none_is_refused_in_the_servers_words(
    page: Page, guard: Guard
) -> None:
    guard.allow(REFUSED)
    await page.goto("/settings/certs")
    await page.get_by_role("button", name="Add TLS certificate").click()
    form = dialog(page)
    await form.get_by_label("Server").fill("git.example.net")
    await form.get_by_label("Certificates").fill(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    )
    await form.get_by_role("button", name="Add").click()
    await expect(
        form.get_by_text("no valid PEM certificate was sent for server 'git.example.net'")
    ).to_be_visible()


async def test_a_gnupg_key_is_added_and_deleted(page: Page, axe: Axe, screenshot: Screenshot) -> None:
    await page.goto("/settings/gpgkeys")
    await page.get_by_role("button", name="Add key").click()
    form = dialog(page)
    await form.get_by_label("Public keys").fill("-----BEGIN PGP PRIVATE KEY BLOCK-----")
    await expect(form.get_by_text("This is the private key").first).to_be_visible()
    await form.get_by_label("Public keys").fill(GpgKey().text)
    await form.get_by_role("button", name="Add").click()
    await expect(form).to_have_count(0)
    table = page.get_by_role("region", name="GnuPG keys", exact=True)
    await expect(table.get_by_role("row")).to_have_count(2)
    await axe(page)
    await screenshot(page, "gpgkeys")
    await table.get_by_role("button", name="Delete").click()
    title = await form.get_by_role("heading").inner_text()
    await form.get_by_label("to confirm").fill(title.removeprefix("Delete key "))
    await form.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("No keys")).to_be_visible()
