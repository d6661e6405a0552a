"""ApplicationSets in the browser: a rollout as it goes, what saving would do, and the end."""

import json
import re
from typing import Any

from playwright.async_api import Page, expect

from fairlead.kube.resource import Resource
from tests.e2e.world import CONTROL
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

SETS = Resource(
    group="argoproj.io", version="v1alpha1", plural="applicationsets", kind="ApplicationSet", namespaced=True
)
HOSTILE = "<img src=x onerror=alert(1)>"


def spec_of(suite: Stage, *names: str) -> dict[str, Any]:
    """A set that is rolled out in two steps, the first of which is the first name's."""
    elements = [
        {"name": name, "step": "late" if number else "early", "note": HOSTILE}
        for number, name in enumerate(names)
    ]
    steps = [
        {"matchExpressions": [{"key": "step", "operator": "In", "values": [step]}]}
        for step in ("early", "late")
    ]
    return {
        "generators": [{"list": {"elements": elements}}],
        "strategy": {"type": "RollingSync", "rollingSync": {"steps": steps}},
        "template": {
            "metadata": {"name": "{{name}}", "labels": {"step": "{{step}}"}},
            "spec": {
                "project": "default",
                "source": {"repoURL": suite.url(suite.platform), "path": "edited"},
                "destination": {"name": "in-cluster", "namespace": "{{name}}"},
                "syncPolicy": {"syncOptions": ["CreateNamespace=true"]},
            },
        },
    }


async def test_a_set_is_rolled_out_edited_and_deleted(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = suite.unique("set")
    early, late, more = (suite.unique(stem) for stem in ("early", "late", "more"))
    await page.goto("/applicationsets")
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "ApplicationSet",
        "metadata": {"name": name},
        "spec": spec_of(suite, early, late),
    }
    await suite.client.create(SETS, body, CONTROL)
    row = page.get_by_role("row").filter(has_text=name)
    await expect(row).to_contain_text("list")
    await row.get_by_role("link", name=name).click()
    steps = page.get_by_role("region", name="Steps of the rollout").get_by_role("row")
    await expect(steps.nth(1)).to_contain_text("Done")
    await expect(steps.nth(2)).to_contain_text("Done")
    made = page.get_by_role("region", name=f"Applications of {name}").get_by_role("row")
    await expect(made.filter(has_text=late)).to_contain_text("Healthy, step 2")
    await expect(made.filter(has_text=late)).to_contain_text("Synced")
    await expect(page.get_by_text("ApplicationSet Rollout has completed")).to_be_visible()
    await axe(page)
    await screenshot(page, "applicationset")
    await page.get_by_role("tab", name="Manifest").click()
    await expect(page.get_by_text("onerror=alert(1)").first).to_be_visible()
    await page.get_by_role("tab", name="Events").click()
    await expect(page.get_by_text(f'created Application "{late}"')).to_be_visible()
    await page.goto(f"/applications/{CONTROL}/{early}?node=argoproj.io/Application/{CONTROL}/{early}/0")
    await page.get_by_role("complementary", name=early).get_by_role("link", name=name).click()

    await edited(page, spec_of(suite, early, more), f"Made{more}.*Taken away{late}", axe, screenshot)
    await expect(made.filter(has_text=more)).to_contain_text("Healthy, step 2")
    await expect(made.filter(has_text=late)).to_have_count(0)

    await page.goto("/applicationsets")
    await expect(row).to_contain_text("Healthy")
    await axe(page)
    await screenshot(page, "applicationsets")
    await row.get_by_role("link", name=name).click()
    await page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("With it its 2 Applications will be deleted.")
    await dialog.get_by_role("textbox").fill(name)
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="ApplicationSets")).to_be_visible()
    await expect(row).to_have_count(0)


async def test_a_set_is_made_in_the_browser_and_what_waits_of_it_is_let_go(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = suite.unique("made")
    one, other = (suite.unique(stem) for stem in ("one", "other"))
    await page.goto("/applicationsets")
    await page.get_by_role("button", name="New ApplicationSet").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("alert")).to_contain_text("Give it a name")
    await axe(page)
    await screenshot(page, "applicationset-new")
    spec = spec_of(suite, one, other)
    del spec["strategy"]
    await dialog.get_by_role("textbox", name="The ApplicationSet as YAML").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(json.dumps({"metadata": {"name": name}, "spec": spec}))
    await dialog.get_by_role("button", name="Make it").click()
    made = page.get_by_role("region", name=f"Applications of {name}").get_by_role("row")
    await expect(made.filter(has_text=one)).to_have_count(1)
    await expect(made.filter(has_text=other)).to_have_count(1)

    empty = {"spec": {"generators": [{"list": {"elements": []}}]}}
    await suite.client.merge_patch(SETS, name, empty, CONTROL)
    held = page.get_by_role("region", name="Waits for you")
    await expect(held).to_contain_text("2 of 2 Applications", timeout=60_000)
    await axe(page)
    await screenshot(page, "applicationset-held")
    await held.get_by_role("button", name="Delete them").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill(name)
    await dialog.get_by_role("button", name="Delete them").click()
    await expect(held).to_have_count(0, timeout=60_000)
    await expect(made.filter(has_text=one)).to_have_count(0, timeout=60_000)


async def edited(page: Page, spec: dict[str, Any], told: str, axe: Axe, screenshot: Screenshot) -> None:
    """Write another specification into the set on the page, see what that would do, and save it."""
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="The ApplicationSet as YAML").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(json.dumps(spec))
    await dialog.get_by_role("button", name="Show what it would do").click()
    preview = dialog.get_by_role("region", name="What it would do")
    await expect(preview).to_contain_text("It would come to 2 Applications")
    await expect(preview).to_contain_text(re.compile(told))
    await axe(page)
    await screenshot(page, "applicationset-edit")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
