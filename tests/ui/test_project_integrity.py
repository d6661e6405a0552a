"""Whose signatures a project demands, as a form; and edits of a project by two people at once."""

import json
from typing import Any

from playwright.async_api import Page, expect

from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_create_page import take
from tests.ui.test_projects_page import PROJECTS, dialog, project, section, spec_of

KEY = "D56C4FCA57A46444"


async def test_signature_policies_are_edited_as_a_form_and_the_older_keys_beside_them(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await project(suite, signatureKeys=[{"keyID": KEY}])
    await page.goto(f"/settings/projects/{name}")
    card = section(page, "Signature policies")
    await expect(card).to_contain_text("the 1 signature key below count for every repository")
    await card.get_by_role("button", name="Edit").click()
    await dialog(page).get_by_role("button", name="Add policy").click()
    policy = dialog(page).get_by_role("group", name="Policy 1", exact=True)
    await expect(policy.get_by_text("Without a repository it is for none.")).to_be_visible()
    await policy.get_by_label("Address").fill("https://git.example.com/shop/*")
    await policy.get_by_label("What must be signed").select_option("strict")
    await policy.get_by_role("combobox", name="Key").fill("nonsense")
    await expect(policy.get_by_text("nonsense is no key")).to_be_visible()
    await policy.get_by_role("combobox", name="Key").fill("ssh.ann")
    await expect(policy.get_by_text("The server has no ssh.ann")).to_be_visible()
    await axe(page)
    await screenshot(page, "project-integrity-form")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(card.get_by_role("row")).to_have_count(2)
    await expect(card).to_contain_text("count for nothing while there are policies")
    wanted = {
        "repos": [{"url": "https://git.example.com/shop/*"}],
        "gpg": {"mode": "strict", "keys": ["ssh.ann"]},
    }
    assert (await spec_of(suite, name))["sourceIntegrity"] == {"git": {"policies": [wanted]}}
    await card.scroll_into_view_if_needed()
    await axe(page)
    await screenshot(page, "project-integrity")
    await card.get_by_role("button", name="Edit").click()
    await policy.get_by_role("button", name="Remove this policy").click()
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(card).to_contain_text("count for every repository")
    spec = await spec_of(suite, name)
    assert "sourceIntegrity" not in spec
    assert spec["signatureKeys"] == [{"keyID": KEY}]


async def changed(suite: Stage, name: str, **spec: Any) -> None:
    """What somebody else makes of a project."""
    _, found = await suite.ask("GET", f"{PROJECTS}/{name}")
    found["spec"] |= spec
    status, answer = await suite.ask("PUT", f"{PROJECTS}/{name}", {"project": found})
    assert status == 200, answer


async def test_two_people_who_edit_a_project_lose_nothing_of_each_others(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow(r"status of 4\d\d")
    name = await project(suite, description="one", sourceRepos=["https://git.example.com/a"])
    await page.goto(f"/settings/projects/{name}")
    await section(page, "Source repositories").get_by_role("button", name="Edit").click()
    await dialog(page).get_by_role("button", name="Add repository").click()
    await dialog(page).get_by_label("Source repositories").last.fill("https://git.example.com/mine")
    theirs = ["https://git.example.com/a", "https://git.example.com/theirs"]
    await changed(suite, name, sourceRepos=theirs, description="two")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(dialog(page)).to_have_count(0)
    spec = await spec_of(suite, name)
    assert spec["sourceRepos"] == [*theirs, "https://git.example.com/mine"]
    assert spec["description"] == "two"
    await page.get_by_role("button", name="Edit description").click()
    await dialog(page).get_by_label("Description").fill("mine")
    await changed(suite, name, description="three")
    await dialog(page).get_by_role("button", name="Save").click()
    told = page.get_by_role("alert", name="Changed meanwhile")
    await expect(told).to_contain_text('is now "three"; you wrote "mine"')
    await expect(told).to_contain_text("by admin")
    await axe(page)
    await screenshot(page, "project-overtaken")
    await told.get_by_role("button", name="Keep mine").click()
    await expect(dialog(page)).to_have_count(0)
    assert (await spec_of(suite, name))["description"] == "mine"


async def test_a_project_is_edited_as_yaml_that_is_completed_and_checked(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot, guard: Guard
) -> None:
    guard.allow(r"status of 4\d\d")
    name = await project(suite, description="one", sourceRepos=["*"])
    await page.goto(f"/settings/projects/{name}")
    await page.get_by_role("button", name="Edit as YAML").click()
    editor = dialog(page).get_by_role("textbox", name="The project as YAML")
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text("sourceRepos:\n- '*'\n")
    await page.keyboard.type("permit")
    await take(page, "permitOnlyProjectScopedClusters")
    await page.keyboard.type("tr")
    await take(page, "true")
    await page.keyboard.insert_text("\nroless: []\ndescription: 3\n")
    await expect(dialog(page).locator(".cm-line").first).to_have_text("sourceRepos:")
    await page.keyboard.press("Control+Shift+M")
    found = dialog(page).get_by_role("listbox", name="Diagnostics")
    await expect(found).to_contain_text("did you mean roles?")
    await expect(found).to_contain_text("This has to be a text")
    await axe(page)
    await screenshot(page, "project-yaml")
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(found).to_contain_text("a text is expected, not a whole number.")
    await editor.click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(
        json.dumps({"sourceRepos": ["*"], "permitOnlyProjectScopedClusters": True})
    )
    await dialog(page).get_by_role("button", name="Save").click()
    await expect(dialog(page)).to_have_count(0)
    assert await spec_of(suite, name) == {"sourceRepos": ["*"], "permitOnlyProjectScopedClusters": True}
