"""How an application's hydration fares: which dry commit is which commit, why not, and asking for one."""

from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.world import APPLICATIONS, CONTROL
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

DRY, WRITTEN = "0da637be0bd0a308d3a694f270f6b592c617cda9", "f9c1b2d3e4a5968778695a4b3c2d1e0f00112233"


async def test_the_state_says_which_dry_commit_is_on_the_branch_and_why_another_is_not(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own("shop", automated={})
    hydrator = {
        "drySource": {"repoURL": suite.url(suite.platform), "targetRevision": "main", "path": "helm"},
        "syncSource": {"targetBranch": "env/prod", "path": "web"},
    }
    await suite.patch_app(name, {"spec": {"source": None, "sourceHydrator": hydrator}})
    await page.goto(f"/applications/argocd/{name}")
    state = page.get_by_role("region", name="State")
    await expect(state).to_contain_text("main was not hydrated yet")
    await expect(state.get_by_role("button", name="Hydrate")).to_have_attribute("aria-disabled", "true")
    last = {"drySHA": DRY, "hydratedSHA": WRITTEN}
    done = {"phase": "Hydrated", "message": "Hydrated", "drySHA": DRY, "finishedAt": "2026-01-02T03:04:05Z"}
    await say(suite, name, {"currentOperation": done, "lastSuccessfulOperation": last})
    await expect(state).to_contain_text("Hydrated main (0da637b)")
    await expect(state).to_contain_text("env/prod has 0da637b as f9c1b2d")
    await axe(page)
    await screenshot(page, "application-hydrated")
    await say(suite, name, {"currentOperation": {**done, "phase": "Failed", "message": "no such chart"}})
    await expect(state).to_contain_text("Could not hydrate main (0da637b)")
    await expect(state).to_contain_text("no such chart")
    part = state.locator("div").filter(has=page.get_by_role("heading", name="Hydration")).last
    await part.get_by_role("button", name="Why?").click()
    details = page.get_by_role("complementary", name=name)
    await expect(details).to_contain_text("Dry source")
    await expect(details).to_contain_text("no such chart")
    await screenshot(page, "application-not-hydrated")


async def say(suite: Stage, name: str, said: dict[str, Any]) -> None:
    """Write what the controller would."""
    await suite.client.merge_patch(APPLICATIONS, name, {"status": {"sourceHydrator": said}}, CONTROL)
