"""Ways out of the UI that people name, and what an application wishes of its page."""

import re

from playwright.async_api import Page, expect

from tests.e2e.world import APPLICATIONS, CONTROL
from tests.ui.axe import Axe
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_shell_login import configured

LINKS = {
    "application.links": "- title: Board of {name}\n  url: https://board.example/?app={{{{.app.metadata.name}}}}\n"
    "- title: Script\n  url: 'javascript:alert(1)'\n",
    "resource.links": "- title: Log\n  url: https://log.example/{{{{.resource.kind}}}}/{{{{.resource.metadata.name}}}}\n"
    '  description: of this one\n  if: resource.kind == "ConfigMap"\n',
    "project.links": "- title: Wiki\n  url: https://wiki.example/{{{{.project.metadata.name}}}}\n",
}
TURNED = "Board\u202eexe"


async def test_links_of_administrators_stand_on_applications_objects_and_projects(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name = await suite.own()
    namespace = suite.namespace_of[name]
    async with configured(suite, **{key: text.format(name=name) for key, text in LINKS.items()}):

        async def are_told() -> bool:
            return bool((await suite.ask("GET", f"/api/v1/applications/{name}/links"))[1].get("items"))

        await suite.until(are_told, "the links of the settings are told")
        await page.goto(f"/applications/{CONTROL}/{name}?node=argoproj.io/Application/{CONTROL}/{name}/0")
        details = page.get_by_role("complementary", name=name)
        board = details.get_by_role("link", name=f"Board of {name}")
        await expect(board).to_have_attribute("href", f"https://board.example/?app={name}")
        await expect(board).to_have_attribute("rel", re.compile("noopener"))
        await expect(details.get_by_text("Script", exact=True)).to_have_count(0)
        await page.goto(f"/applications/{CONTROL}/{name}?node=/ConfigMap/{namespace}/settings/0")
        log = page.get_by_role("complementary").get_by_role("link", name="Log")
        await expect(log).to_have_attribute("href", "https://log.example/ConfigMap/settings")
        await axe(page, "aside", themes=("light",))
        await screenshot(page, "object-links", widths=(390,))
        await page.goto("/settings/projects/default")
        wiki = page.get_by_role("link", name="Wiki")
        await expect(wiki).to_have_attribute("href", "https://wiki.example/default")


async def test_a_repository_whose_address_a_browser_would_run_is_no_link_and_no_title_turns_around(
    page: Page, suite: Stage, guard: Guard
) -> None:
    guard.allow(r"status of [45]\d\d")  # nothing is told of commits of such a repository
    name = await suite.application("javascript:alert(document.cookie)", await suite.namespace())
    titled = {"link.argocd.argoproj.io/board": f"{TURNED}|https://board.example/"}
    await suite.patch_app(name, {"metadata": {"annotations": titled}})
    await suite.with_condition(name, "ComparisonError")
    await page.goto(f"/applications/{CONTROL}/{name}?node=argoproj.io/Application/{CONTROL}/{name}/0")
    details = page.get_by_role("complementary", name=name)
    await expect(details.get_by_text("javascript:alert(document.cookie)").first).to_be_visible()
    await expect(details.get_by_role("link", name="Board\u2039U+202E\u203aexe")).to_be_visible()
    assert "\u202e" not in await page.inner_text("body")
    await page.goto(f"/applications?search={name}")
    await expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    await page.get_by_role("button", name=f"Actions of {name}").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    assert await page.locator("a[href^='javascript:' i]").count() == 0
    await suite.client.delete(APPLICATIONS, name, CONTROL)


async def test_an_application_chooses_its_view_and_how_its_pods_are_grouped(page: Page, suite: Stage) -> None:
    name = await suite.own()
    wishes = {
        "pref.argocd.argoproj.io/default-view": "pods",
        "pref.argocd.argoproj.io/default-pod-sort": "parentResource",
    }
    await suite.patch_app(name, {"metadata": {"annotations": wishes}})
    await page.goto(f"/applications/{CONTROL}/{name}")
    pods = page.get_by_role("region", name="Pods", exact=True)
    await expect(pods.get_by_role("region", name=re.compile("^ReplicaSet web-"))).to_be_visible()
    await expect(pods.get_by_role("radio", name="Parent")).to_be_checked()
    await page.goto(f"/applications/{CONTROL}/{name}?view=list")
    await expect(page.get_by_role("table", name="Objects of the application")).to_be_visible()
