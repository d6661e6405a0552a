"""Projects in the browser: lists as rows, roles with tokens, sync windows in their calendar, rights."""

import re
from typing import Any
from urllib.parse import quote

import msgspec
from playwright.async_api import Locator, Page, expect

from tests.e2e.world import CONTROL
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

PROJECTS = "/api/v1/projects"
REFUSED = r"status of 4\d\d"


async def project(suite: Stage, **spec: Any) -> str:
    """A project of the test's own; its name."""
    name = suite.unique("team")
    body = {"project": {"metadata": {"name": name}, "spec": spec}}
    status, answer = await suite.ask("POST", PROJECTS, body)
    assert status == 200, answer
    return name


async def spec_of(suite: Stage, name: str) -> dict[str, Any]:
    """What is stored of a project."""
    status, answer = await suite.ask("GET", f"{PROJECTS}/{name}")
    assert status == 200, answer
    return msgspec.convert(answer["spec"], dict[str, Any])


def dialog(page: Page) -> Locator:
    """The form over the page."""
    return page.get_by_role("dialog")


def section(page: Page, name: str) -> Locator:
    """A part of the page."""
    return page.get_by_role("region", name=name, exact=True)


async def test_a_project_is_made_and_its_lists_are_edited_as_rows(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = suite.unique("made")
    await page.goto("/settings/projects")
    await expect(page.get_by_role("link", name="default", exact=True)).to_be_visible()
    await axe(page)
    await screenshot(page, "projects")
    await page.get_by_role("button", name="New project").click()
    await dialog(page).get_by_label("Name").fill(name)
    await dialog(page).get_by_label("Name").press("Enter")
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    await section(page, "Source repositories").get_by_role("button", name="Edit").click()
    await dialog(page).get_by_role("button", name="Add repository").click()
    await dialog(page).get_by_label("Source repositories").fill("https://git.example.com/<b>team</b>/*")
    await dialog(page).get_by_role("button", name="Save").click()
    listed = section(page, "Source repositories")
    await expect(listed.get_by_text("https://git.example.com/<b>team</b>/*")).to_be_visible()
    await section(page, "Destinations").get_by_role("button", name="Edit").click()
    for number, namespace in enumerate(("web", "web-*"), 1):
        await dialog(page).get_by_role("button", name="Add destination").click()
        row = dialog(page).get_by_role("group", name=f"destination {number}")
        await row.get_by_label("Cluster name").fill("in-cluster")
        await row.get_by_label("Namespace").fill(namespace)
    await axe(page)
    await screenshot(page, "project-destinations")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(section(page, "Destinations").get_by_role("row")).to_have_count(3)
    spec = await spec_of(suite, name)
    assert spec["destinations"] == [
        {"name": "in-cluster", "namespace": "web"},
        {"name": "in-cluster", "namespace": "web-*"},
    ]
    await axe(page)
    await screenshot(page, "project", whole=True)


async def test_the_servers_words_stand_where_they_belong_and_nothing_is_lost(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow(REFUSED)
    name = await project(suite, destinations=[{"name": "in-cluster", "namespace": "web"}])
    await page.goto(f"/settings/projects/{name}")
    await section(page, "Destinations").get_by_role("button", name="Edit").click()
    await dialog(page).get_by_role("button", name="Add destination").click()
    row = dialog(page).get_by_role("group", name="destination 2")
    await row.get_by_label("Cluster name").fill("in-cluster")
    await row.get_by_label("Namespace").fill("web")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(dialog(page).get_by_role("alert")).to_have_text("destination 'in-cluster/web' already added")
    await row.get_by_label("Namespace").fill("web-2")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(dialog(page)).to_have_count(0)
    await expect(section(page, "Destinations").get_by_text("web-2")).to_be_visible()


async def test_somebody_who_was_faster_is_not_overwritten(page: Page, suite: Stage, guard: Guard) -> None:
    guard.allow(REFUSED)
    name = await project(suite, description="before")
    await page.goto(f"/settings/projects/{name}")
    await page.get_by_role("button", name="Edit description").click()
    _, other = await suite.ask("GET", f"{PROJECTS}/{name}")
    other["spec"]["description"] = "of somebody else"
    assert (await suite.ask("PUT", f"{PROJECTS}/{name}", {"project": other}))[0] == 200
    await dialog(page).get_by_label("Description").fill("mine")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert", name="Changed meanwhile")).to_contain_text("of somebody else")
    assert (await spec_of(suite, name))["description"] == "of somebody else"


async def test_a_role_gets_policies_and_its_token_is_shown_once(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await project(suite)
    await page.goto(f"/settings/projects/{name}?tab=roles")
    await page.get_by_role("button", name="Add role").click()
    await dialog(page).get_by_label("Name", exact=True).fill("-ci")
    await expect(
        dialog(page).get_by_text("beginning and ending with a letter or digit").first
    ).to_be_visible()
    await dialog(page).get_by_label("Name", exact=True).fill("ci")
    await dialog(page).get_by_role("button", name="Add policy").click()
    rule = dialog(page).get_by_role("group", name="policy 1")
    await rule.get_by_role("combobox", name="Action").fill("sync")
    await rule.get_by_role("combobox", name="Action").press("Tab")
    await rule.get_by_label("Object").fill("*")
    await dialog(page).get_by_role("button", name="Add group").click()
    await dialog(page).get_by_label("Group", exact=True).fill("release-managers")
    await axe(page)
    await screenshot(page, "project-role-form")
    await dialog(page).get_by_role("button", name="Save").click()
    role = section(page, "Role ci")
    await expect(role.get_by_text("May sync applications")).to_be_visible()
    [stored] = (await spec_of(suite, name))["roles"]
    assert stored["policies"] == [f"p, proj:{name}:ci, applications, sync, {name}/*, allow"]
    assert stored["groups"] == ["release-managers"]
    await role.get_by_role("button", name="New token").click()
    await dialog(page).get_by_label("Id").fill("pipeline")
    await dialog(page).get_by_label("Lives for").fill("soon")
    await expect(dialog(page).get_by_text("Such as 12h, 30d or 1y")).to_be_visible()
    await dialog(page).get_by_label("Lives for").fill("30d")
    await dialog(page).get_by_role("button", name="Make token").click()
    token = await dialog(page).get_by_test_id("token").inner_text()
    status, answer = await suite.ask("GET", "/api/v1/session/userinfo", token=token)
    assert (status, answer["username"]) == (200, f"proj:{name}:ci")
    await dialog(page).get_by_role("button", name="I have it").click()
    await expect(role.get_by_role("cell", name="pipeline")).to_be_visible()
    assert token not in await page.content(), "it is shown this once"
    await axe(page)
    await screenshot(page, "project-roles", whole=True)
    await role.get_by_role("row", name=re.compile("pipeline")).get_by_role("button", name="Delete").click()
    await dialog(page).get_by_role("button", name="Delete").click()
    await expect(role.get_by_text("No tokens.")).to_be_visible()
    status, _ = await suite.ask("GET", f"{PROJECTS}/{name}", token=token)
    assert status == 401


async def test_sync_windows_are_drawn_on_the_next_two_weeks(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await project(suite)
    await page.goto(f"/settings/projects/{name}?tab=windows")
    await page.get_by_role("button", name="Add window").click()
    form = dialog(page)
    await form.get_by_label("Schedule").fill("0 25 * * *")
    await form.get_by_label("Duration").fill("8h")
    await expect(form.get_by_text('"25" is outside 0-23')).to_be_visible()
    await form.get_by_label("Schedule").fill("0 22 * * *")
    await form.get_by_label("Time zone").fill("Europe/Berlin")
    await form.get_by_label("Time zone").press("Tab")
    await expect(
        form.get_by_text(re.compile(r"(Open now|Opens next).*22:00.*06:00.*Europe/Berlin"))
    ).to_be_visible()
    await form.get_by_label("Applications").fill("web-*, shop")
    await axe(page)
    await screenshot(page, "project-window-form")
    await form.get_by_role("button", name="Save").click()
    table = page.get_by_role("region", name="Sync windows", exact=True)
    await expect(table.get_by_role("cell", name="applications web-*, shop")).to_be_visible()
    await page.get_by_role("button", name="Add window").click()
    await form.get_by_label("Kind").select_option("deny")
    await form.get_by_label("Schedule").fill("0 9 * * 1")
    await form.get_by_label("Duration").fill("3h30m")
    await form.get_by_label("Applications").fill("*")
    await form.get_by_role("button", name="Save").click()
    await expect(table.get_by_role("cell", name="all applications")).to_be_visible()
    calendar = page.get_by_role("region", name="The next two weeks")
    bars = calendar.get_by_role("listitem").filter(has_text=re.compile("^(Allow|Deny)"))
    await expect(bars.filter(has_text=re.compile("^Deny 09:00.12:30: all applications$"))).to_have_count(2)
    await expect(calendar.locator("ol > li")).to_have_count(14)
    await axe(page)
    await screenshot(page, "project-windows", whole=True)
    [allow, deny] = (await spec_of(suite, name))["syncWindows"]
    assert (allow["schedule"], allow["timeZone"], allow["applications"]) == (
        "0 22 * * *",
        "Europe/Berlin",
        ["web-*", "shop"],
    )
    assert (deny["kind"], deny["duration"]) == ("deny", "3h30m")


async def test_many_windows_are_changed_at_once_and_each_keeps_what_is_not_said(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    night = {"kind": "allow", "schedule": "0 22 * * *", "duration": "8h", "applications": ["web-*"]}
    noon = {
        "kind": "deny",
        "schedule": "0 12 * * *",
        "duration": "1h",
        "clusters": ["prod"],
        "timeZone": "UTC",
    }
    rest = {"kind": "deny", "schedule": "0 0 * * 0", "duration": "24h", "namespaces": ["*"]}
    name = await project(suite, syncWindows=[night, noon, rest])
    await page.goto(f"/settings/projects/{name}?tab=windows")
    bar = page.get_by_role("toolbar", name="Chosen sync windows")
    for number in (1, 2):
        await page.get_by_label(f"Choose window {number}").check()
    await expect(bar.get_by_text("2 windows chosen")).to_be_visible()
    await axe(page)
    await screenshot(page, "project-windows-chosen")
    await bar.get_by_role("button", name="Allow syncs by hand").click()
    await expect(bar).to_have_count(0)

    async def by_hand() -> list[bool]:
        windows = (await spec_of(suite, name))["syncWindows"]
        return [window.get("manualSync", False) for window in windows]

    async def is_allowed() -> bool:
        return await by_hand() == [True, True, False]

    await suite.until(is_allowed, "two windows let syncs by hand through")
    said = page.get_by_role("region", name="Sync windows", exact=True).get_by_role("cell")
    await expect(said.filter(has_text=re.compile("by hand", re.IGNORECASE))).to_have_count(2)
    for number in (2, 3):
        await page.get_by_label(f"Choose window {number}").check()
    await bar.get_by_role("button", name="Change").click()
    form = dialog(page)
    await expect(form.get_by_role("button", name="Save")).to_have_attribute("aria-disabled", "true")
    await form.get_by_label("Duration").fill("2h")
    await form.get_by_label("Syncs by hand").select_option(label="Forbidden")
    await axe(page)
    await screenshot(page, "project-windows-many", widths=(1440,))
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_have_count(0)
    [first, second, third] = (await spec_of(suite, name))["syncWindows"]
    assert first == {**night, "manualSync": True}
    assert {**noon, "duration": "2h"}.items() <= second.items()
    assert {**rest, "duration": "2h"}.items() <= third.items()
    assert await by_hand() == [True, False, False]
    await expect(said.filter(has_text=re.compile("by hand", re.IGNORECASE))).to_have_count(1)
    for number in (1, 3):
        await page.get_by_label(f"Choose window {number}").check()
    await bar.get_by_role("button", name="Delete").click()
    await form.get_by_role("button", name="Delete").click()
    await expect(form).to_have_count(0)
    assert (await spec_of(suite, name))["syncWindows"] == [second]


async def test_every_list_of_a_project_is_reached_and_what_no_form_shows_stays(
    page: Page, suite: Stage
) -> None:
    integrity = {"git": {"policies": [{"repos": [{"url": "*"}], "gpg": {"mode": "none", "keys": []}}]}}
    window = {"kind": "deny", "schedule": "0 12 * * *", "duration": "1h", "applications": ["*"]}
    name = await project(suite, sourceIntegrity=integrity, syncWindows=[window])
    await page.goto(f"/settings/projects/{name}")
    await page.get_by_role("switch", name=re.compile("^Look for orphans")).click()
    warn = page.get_by_role("switch", name=re.compile("^Warn of orphans"))
    await expect(warn).not_to_be_checked()
    await warn.click()
    await expect(warn).to_be_checked()
    lists = {
        "Source namespaces": ("namespace", {"Source namespaces": "team-*"}),
        "Service accounts of destinations": (
            "service account",
            {"Server": "*", "Namespace": "web", "Service account": "deployer"},
        ),
        "Allowed cluster-scoped kinds": ("kind", {"Group": "", "Kind": "Namespace", "Name": "web-*"}),
        "Denied cluster-scoped kinds": ("kind", {"Group": "*", "Kind": "CustomResourceDefinition"}),
        "Allowed kinds in namespaces": ("kind", {"Group": "apps", "Kind": "*"}),
        "Denied kinds in namespaces": ("kind", {"Group": "", "Kind": "ResourceQuota"}),
        "Signature keys": ("key", {"Key ID": "4AEE18F83AFDEB23"}),
        "Orphans that are not told": ("exception", {"Group": "*", "Kind": "ConfigMap", "Name": "kube-*"}),
    }
    for title, (noun, values) in lists.items():
        await section(page, title).get_by_role("button", name="Edit").click()
        await dialog(page).get_by_role("button", name=f"Add {noun}").click()
        row = dialog(page).get_by_role("group", name=f"{noun} 1")
        for label, value in values.items():
            await row.get_by_label(label, exact=True).fill(value)
        await dialog(page).get_by_role("button", name="Save").click()
        await expect(dialog(page)).to_have_count(0)
    spec = await spec_of(suite, name)
    assert spec == {
        "sourceIntegrity": integrity,
        "syncWindows": spec["syncWindows"],
        "sourceNamespaces": ["team-*"],
        "destinationServiceAccounts": [
            {"server": "*", "namespace": "web", "defaultServiceAccount": "deployer"}
        ],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace", "name": "web-*"}],
        "clusterResourceBlacklist": [{"group": "*", "kind": "CustomResourceDefinition"}],
        "namespaceResourceWhitelist": [{"group": "apps", "kind": "*"}],
        "namespaceResourceBlacklist": [{"group": "", "kind": "ResourceQuota"}],
        "signatureKeys": [{"keyID": "4AEE18F83AFDEB23"}],
        "orphanedResources": {
            "warn": True,
            "ignore": [{"group": "*", "kind": "ConfigMap", "name": "kube-*"}],
        },
    }
    assert window.items() <= spec["syncWindows"][0].items()


async def test_what_the_reader_may_not_change_is_disabled_with_the_reason(
    open_page: OpenPage, suite: Stage, axe: Axe
) -> None:
    name = await project(suite, syncWindows=[], description="look at me")
    token = await suite.account(f"p, {{name}}, projects, get, {name}, allow")
    reader = await open_page(token)
    await reader.goto(f"/settings/projects/{name}")
    await expect(reader.get_by_text("look at me")).to_be_visible()
    edit = reader.get_by_role("button", name="Edit description")
    await expect(edit).to_have_attribute("aria-disabled", "true")
    await expect(edit).to_have_accessible_description(f"You have no right to update projects {name}")
    await edit.press("Enter")
    await expect(dialog(reader)).to_have_count(0)
    await axe(reader)


async def test_a_project_is_deleted_once_its_name_was_typed(page: Page, suite: Stage) -> None:
    name = await project(suite)
    await page.goto(f"/settings/projects/{name}")
    await page.get_by_role("button", name="Delete", exact=True).click()
    form = dialog(page)
    await expect(form.get_by_text("Its roles and their tokens are lost with it.")).to_be_visible()
    await expect(form.get_by_role("button", name="Delete")).to_have_attribute("aria-disabled", "true")
    await form.get_by_label(f"Type {name} to confirm").fill(name)
    await form.get_by_role("button", name="Delete").click()
    await expect(page).to_have_url(re.compile(r"/settings/projects$"))
    assert (await suite.ask("GET", f"{PROJECTS}/{name}"))[0] == 404


async def test_a_badge_is_offered_with_its_snippets_once_badges_are_switched_on(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await project(suite)
    await page.goto(f"/settings/projects/{name}?tab=badge")
    await expect(page.get_by_text("Badges are switched off")).to_be_visible()
    await suite.merge_config("argocd-cm", **{"statusbadge.enabled": "true"})
    try:

        async def is_on() -> bool:
            return bool((await suite.ask("GET", "/api/v1/settings"))[1].get("statusBadgeEnabled"))

        await suite.until(is_on, "badges are switched on")
        await page.reload()
        picture = page.get_by_role("img", name="Health and sync status, as a badge")
        await expect(picture).to_be_visible()
        width = "element => element.complete && element.naturalWidth"
        assert await picture.evaluate(width) or await picture.evaluate("e => e.decode().then(() => 1)")
        snippet = section(page, "Markdown")
        await expect(snippet).to_contain_text(f"/api/badge?project={name}")
        await axe(page)
        await screenshot(page, "project-badge")
        node = quote(f"argoproj.io/Application/{CONTROL}/shop/0", safe="")
        await page.goto(f"/applications/{CONTROL}/shop?node={node}")
        panel = page.get_by_role("complementary", name="shop")
        await expect(panel.get_by_role("img", name="Health and sync status, as a badge")).to_be_visible()
        await expect(panel.get_by_role("region", name="Markdown")).to_contain_text(
            f"/api/badge?name=shop&namespace={CONTROL}"
        )
        await axe(page, "aside")
        await screenshot(page, "application-badge")
    finally:
        await suite.merge_config("argocd-cm", **{"statusbadge.enabled": None})
