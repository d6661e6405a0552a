"""Rights in the browser: no control is offered that the server would refuse, and each says why."""

import re
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from tests.e2e.world import CONTROL
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_history_panel import deployed

REFUSED = r"status of 4\d\d"
SEES = (
    "p, {name}, applications, get, */*, allow",
    *(
        f"p, {{name}}, {kind}, get, *, allow"
        for kind in ("projects", "clusters", "repositories", "certificates", "gpgkeys", "accounts")
    ),
)
"""Whoever sees everything and may change nothing."""
NODE = quote("apps/Deployment/shop-prod/web/0", safe="")
ITSELF = quote(f"argoproj.io/Application/{CONTROL}/shop/0", safe="")
CLUSTER = f"/settings/clusters/{quote('https://kubernetes.default.svc', safe='')}"
SHOP = f"/applications/{CONTROL}/shop"
APPLICATIONS = {
    "/applications?view=table&namespace=shop-prod": ("shop", "New application"),
    SHOP: ("Synced", "Sync"),
    f"{SHOP}?deploy=all": ("Prune", "Dry run"),
    f"{SHOP}?rollback=0": ("History of shop", "Sync"),
    f"{SHOP}?node={NODE}&tab=manifest": ("Managed fields", "Edit"),
    f"{SHOP}?node={ITSELF}": ("Created", "Sync"),
    "/applications?new=": ("What it would make", "Create"),
    "/resources": ("Deployment", ""),
}
SETTINGS = {
    "/settings/projects": ("default", "New project"),
    "/settings/projects/default": ("Source repositories", "Edit description"),
    "/settings/projects/default?tab=roles": ("No roles", "Add role"),
    "/settings/projects/default?tab=windows": ("No sync windows", "Add window"),
    "/settings/repos": ("Credential templates", "Connect repository"),
    "/settings/certs": ("github.com", "Add TLS certificate"),
    "/settings/gpgkeys": ("GnuPG keys", "Add key"),
    "/settings/clusters": ("in-cluster", "Add cluster"),
    CLUSTER: ("Declared", "Invalidate cache"),
    "/settings/accounts/admin": ("May have tokens", "Change password"),
}
"""Addresses of pages, what is there once each is, and a control that is refused there."""
HARMLESS = re.compile(
    r"^(Refresh|Details|History|Results|Story|Copy .*|Close.*|Cancel|Show .*|Hide .*|Download|Test|Later|"
    r"What would change of .*|What it changed|Compare with now|Favourite .*|From the .*|Zoom .*|Fit|Tidy.*|"
    r"Add a source|Reset|Choose .*|(None|All)( .*)?|Favourites|Views|Clear .*|"
    r".*: take away|\d+ more|Actions of .*)$"
)
"""What buttons are called that change nothing in the server."""
ENABLED = """(root) => [...root.querySelectorAll(':is(main, aside, dialog) :is(button, [role=switch])')]
  .filter((one) => !one.matches('th *, [role=columnheader] *, [role=tab], [aria-expanded]'))
  .filter((one) => one.checkVisibility())
  .filter((one) => !one.disabled && one.getAttribute('aria-disabled') !== 'true')
  .map((one) => (one.getAttribute('aria-label') || one.textContent || '').trim())
  .filter((name) => name !== '')
"""


@pytest_asyncio.fixture(loop_scope="session")
async def reader(open_page: OpenPage, suite: Stage) -> Page:
    """A page of somebody who sees everything and may change nothing."""
    return await open_page(await suite.account(*SEES))


async def enabled(page: Page) -> list[str]:
    """The names of all controls that may be used and are not known to be harmless."""
    found: list[str] = await page.locator("body").evaluate(ENABLED)
    return [name for name in found if not HARMLESS.search(name)]


@pytest.mark.parametrize("pages", [APPLICATIONS, SETTINGS], ids=["applications", "settings"])
async def test_no_page_offers_a_control_that_the_server_would_refuse(
    reader: Page, guard: Guard, pages: dict[str, tuple[str, str]]
) -> None:
    guard.allow("status of 403")
    offered: dict[str, list[str]] = {}
    for address, (words, control) in pages.items():
        await reader.goto(address)
        await expect(reader.get_by_text(words).filter(visible=True).first).to_be_visible()
        if control:
            button = reader.get_by_role("button", name=control, exact=True).first
            await expect(button).to_have_attribute("aria-disabled", "true")
        found = await enabled(reader)
        if found:
            offered[address] = found
    assert offered == {}


async def test_the_reason_is_told_to_whoever_comes_by_keys(
    reader: Page, axe: Axe, screenshot: Screenshot
) -> None:
    await reader.goto(CLUSTER)
    edit = reader.get_by_role("button", name="Edit")
    await expect(edit).to_have_accessible_description(
        "You have no right to update clusters https://kubernetes.default.svc"
    )
    await reader.get_by_role("button", name="Rotate token").focus()
    await reader.keyboard.press("Tab")
    await expect(edit).to_be_focused()
    await expect(reader.get_by_role("tooltip").filter(has_text="You have no right").first).to_be_visible()
    await reader.keyboard.press("Enter")
    await expect(reader.get_by_role("dialog")).to_have_count(0)
    await axe(reader)
    await screenshot(reader, "rights-cluster")


async def test_what_may_be_done_to_one_object_is_asked_by_its_kind_and_name(
    open_page: OpenPage, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    token = await suite.account(
        *SEES,
        "p, {name}, applications, update/apps/Deployment/shop-prod/*, default/shop, allow",
        "p, {name}, applications, action/apps/Deployment/restart, default/shop, allow",
        "p, {name}, applications, delete//Service/shop-prod/web, default/shop, allow",
    )
    page = await open_page(token)
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "can-i" in one.url else None)
    await page.goto(f"{SHOP}?node={NODE}&tab=manifest")
    panel = page.get_by_role("complementary").filter(has=page.get_by_role("heading", name="web"))
    await expect(panel.get_by_role("button", name="Edit")).not_to_have_attribute("aria-disabled", "true")
    remove = panel.get_by_role("button", name="Delete this Deployment")
    await expect(remove).to_have_attribute("aria-disabled", "true")
    await expect(remove).to_have_accessible_description(re.compile("no right to delete the Deployment web"))
    await panel.get_by_role("button", name="Actions").click()
    restart = page.get_by_role("menuitem", name=re.compile("^Restart"))
    await expect(restart).to_be_visible()
    await expect(restart).not_to_have_attribute("aria-disabled", "true")
    others = page.get_by_role("menuitem").filter(has_not_text="Restart")
    await expect(others.first).to_have_attribute("aria-disabled", "true")
    await expect(others.first).to_contain_text("You have no right to run")
    await axe(page, "aside")
    await screenshot(page, "rights-object")
    assert len(asked) <= 4, "what is on screen is asked together"
    service = quote("/Service/shop-prod/web/0", safe="")
    await page.goto(f"{SHOP}?node={service}&tab=manifest")
    edit = panel.get_by_role("button", name="Edit")
    await expect(edit).to_have_attribute("aria-disabled", "true")
    await expect(panel.get_by_role("button", name="Delete this Service")).not_to_have_attribute(
        "aria-disabled", "true"
    )


async def test_the_right_to_roll_back_alone_rolls_back(
    open_page: OpenPage, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name, namespace, _ = await deployed(suite, "blue", "red")
    await suite.patch_app(name, {"spec": {"syncPolicy": {"automated": None}}})
    switch = "server.rbac.rollback.enforce.enable"
    token = await suite.account(
        "p, {name}, applications, get, */*, allow",
        f"p, {{name}}, applications, rollback, default/{name}, allow",
    )
    page = await open_page(token)
    await suite.merge_config("argocd-cm", **{switch: "true"})
    try:
        question = {"resource": "applications", "action": "rollback", "object": f"default/{name}"}

        async def may() -> bool:
            body = {"questions": [question]}
            return (await suite.ask("POST", "/api/v1/can-i", body, token=token))[1] == {"answers": [True]}

        await suite.until(may, "rolling back is a right of its own")
        await page.goto(f"/applications/{CONTROL}/{name}?rollback=0")
        panel = page.get_by_role("complementary", name=f"History of {name}")
        await panel.get_by_role("button", name="Roll back to it").click()
        dialog = page.get_by_role("dialog", name=f"Roll {name} back to #0?")
        await dialog.get_by_role("button", name="Roll back").click()
        await suite.until_data(namespace, "settings", {"colour": "blue"})
        await expect(panel.get_by_role("region", name="Sync", exact=True)).to_contain_text("Succeeded")
        await screenshot(page, "rights-rollback", widths=(1440,))
        await page.goto(f"/applications/{CONTROL}/{name}")
        sync = page.get_by_role("button", name="Sync", exact=True)
        await expect(sync).to_have_attribute("aria-disabled", "true")
        await expect(sync).to_have_accessible_description(re.compile("no right to sync"))
    finally:
        await suite.merge_config("argocd-cm", **{switch: None})


async def test_a_right_that_is_taken_away_disables_what_it_allowed_at_the_next_refusal(
    open_page: OpenPage, suite: Stage, guard: Guard
) -> None:
    guard.allow(REFUSED)
    project = suite.unique("taken")
    body = {"project": {"metadata": {"name": project}, "spec": {"description": "before"}}}
    assert (await suite.ask("POST", "/api/v1/projects", body))[0] == 200
    person = suite.unique("loser")
    token = await suite.account(*SEES, f"p, {{name}}, projects, update, {project}, allow", stem=person)
    page = await open_page(token)
    await page.goto(f"/settings/projects/{project}")
    edit = page.get_by_role("button", name="Edit description")
    await expect(edit).not_to_have_attribute("aria-disabled", "true")
    await edit.click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Description").fill("after")
    _, who = await suite.ask("GET", "/api/v1/session/userinfo", token=token)
    name = who["username"]
    lines = "".join(f"{line.format(name=name)}\n" for line in SEES)
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": lines})

    async def is_taken() -> bool:
        path = f"/api/v1/account/can-i/projects/update/{project}"
        return (await suite.ask("GET", path, token=token))[1] == {"value": "no"}

    await suite.until(is_taken, "the right is taken away")
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_contain_text("permission denied")
    await form.get_by_role("button", name="Cancel").click()
    await expect(edit).to_have_attribute("aria-disabled", "true")
    await expect(edit).to_have_accessible_description(f"You have no right to update projects {project}")


async def test_a_row_of_the_list_offers_what_may_be_done_to_that_application(
    open_page: OpenPage, suite: Stage
) -> None:
    token = await suite.account(*SEES, "p, {name}, applications, sync, default/shop, allow")
    page = await open_page(token)
    await page.goto("/applications?view=table&namespace=shop-prod")
    await page.get_by_role("button", name="Actions of shop", exact=True).click()
    sync = page.get_by_role("menuitem", name=re.compile("^Sync…"))
    await expect(page.get_by_role("menuitem", name=re.compile("^Delete…"))).to_have_attribute(
        "aria-disabled", "true"
    )
    await expect(sync).not_to_have_attribute("aria-disabled", "true")
    await page.keyboard.press("Escape")
    await page.get_by_role("checkbox", name="Select shop", exact=True).click()
    bar = page.get_by_role("toolbar", name="Selected applications")
    await expect(bar.get_by_role("button", name="Delete")).to_have_attribute("aria-disabled", "true")
    await expect(bar.get_by_role("button", name="Pause")).to_have_attribute("aria-disabled", "true")
    await expect(bar.get_by_role("button", name="Sync")).not_to_have_attribute("aria-disabled", "true")
    new = page.get_by_role("button", name="New application")
    await expect(new).to_have_attribute("aria-disabled", "true")
    await expect(new).to_have_accessible_description("You have no right to create applications")
