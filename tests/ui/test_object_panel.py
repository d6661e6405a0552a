"""The panel of one object: what it says, and what is done with it. Nothing that is in it does anything."""

import base64
import re

import pytest_asyncio
from playwright.async_api import Page, Response, Route, expect

from fairlead.kube.resource import Resource
from tests.e2e.world import CONFIG_MAPS
from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.objects import SECRET, Objects, make, written
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage

EVENTS = Resource(group="", version="v1", plural="events", kind="Event", namespaced=True)
PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def objects(suite: Stage) -> Objects:
    """The application that all of these tests are about."""
    return await make(suite)


async def test_an_object_says_what_it_is_and_leads_to_what_it_owns(
    page: Page, objects: Objects, axe: Axe, screenshot: Screenshot
) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web")
    await expect(panel.get_by_text("Healthy").first).to_be_visible()
    await expect(panel.get_by_text("nginx:1.27")).to_be_visible()
    await expect(panel.get_by_role("heading", name="Conditions")).to_be_visible()
    await axe(page)
    await screenshot(page, "object-summary")
    await panel.get_by_role("link", name=re.compile(r"ReplicaSet web-")).click()
    inner = page.get_by_role("complementary").filter(
        has=page.get_by_role("heading", name=re.compile("ReplicaSet"))
    )
    await expect(inner.get_by_role("link", name=re.compile(r"Pod web-")).first).to_be_visible()
    await inner.get_by_role("link", name="Deployment web").click()
    await expect(panel.get_by_text("nginx:1.27")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("complementary")).to_have_count(0)


async def test_what_an_object_says_of_itself_is_shown_and_does_nothing(page: Page, objects: Objects) -> None:
    panel = await objects.open(page, "", "ConfigMap", "odd")
    await expect(panel.get_by_text("<script>document.title='hacked'</script>")).to_be_visible()
    await expect(panel.get_by_role("link", name="Runbook")).to_have_attribute(
        "href", "https://runbook.example/odd"
    )
    await expect(panel.get_by_role("link", name="bad")).to_have_count(0)
    assert await page.locator("a[href^='javascript:' i]").count() == 0
    await panel.get_by_role("tab", name="Manifest").click()
    await expect(panel.get_by_text("onerror=").first).to_be_visible()
    assert "hacked" not in await page.title()


async def test_values_of_a_secret_never_come_to_the_browser(page: Page, objects: Objects) -> None:
    answers: list[Response] = []

    def heard(response: Response) -> None:
        answers.append(response)

    page.on("response", heard)
    panel = await objects.open(page, "", "Secret", "login", "manifest")
    await expect(panel.get_by_text("++++++++").first).to_be_visible()
    await panel.get_by_text("Desired").click()
    await expect(panel.get_by_text("++++++++").first).to_be_visible()
    manifests = [one for one in answers if re.search(r"/(managed-)?resources?\?", one.url)]
    assert len(manifests) >= 2
    told = "".join([await one.text() for one in manifests])
    assert "++++++++" in told
    assert not any(each in told for each in (SECRET, base64.b64encode(SECRET.encode()).decode()))


async def test_a_manifest_is_tried_shown_and_then_written(
    page: Page, suite: Stage, objects: Objects, axe: Axe, screenshot: Screenshot
) -> None:
    panel = await objects.open(page, "", "ConfigMap", "settings", "manifest")
    await panel.get_by_role("button", name="Edit").click()
    editor = panel.get_by_role("textbox", name="Manifest of ConfigMap settings")
    text = await editor.inner_text()
    await written(page, editor, text.replace("blue", ""))
    await panel.get_by_role("button", name="Try it").click()
    await expect(panel.get_by_text(".data.colour is empty.")).to_be_visible()
    await written(page, editor, text.replace("blue", "green"))
    await panel.get_by_role("button", name="Try it").click()
    await expect(panel.get_by_text("Nothing is written yet.")).to_be_visible()
    await expect(panel.get_by_text("green").first).to_be_visible()
    assert (await suite.data(objects.namespace, "settings") or {})["colour"] == "blue"
    await screenshot(page, "object-edit", widths=(1440,))
    await panel.get_by_role("button", name="Write it").click()
    await expect(page.get_by_text("ConfigMap settings was changed")).to_be_visible()
    await suite.until_data(objects.namespace, "settings", {"colour": "green", "size": "10"})
    await panel.get_by_role("tab", name="Diff").click()
    await expect(panel.get_by_text("Left is what is live")).to_be_visible()
    await expect(panel.get_by_text("argocd-server").first).to_be_visible()
    await expect(panel.get_by_role("button", name="Copy the rule")).to_be_visible()
    await screenshot(page, "object-diff", themes=("light",))
    for mode in ("Inline", "Compact", "Side by side"):
        await panel.get_by_text(mode, exact=True).click()
        await expect(panel.get_by_text("green").first).to_be_visible()
    await axe(page, "aside")


async def test_what_somebody_else_changed_meanwhile_is_not_overwritten_unasked(
    page: Page, suite: Stage, objects: Objects
) -> None:
    panel = await objects.open(page, "", "ConfigMap", "odd", "manifest")
    await panel.get_by_role("button", name="Edit").click()
    editor = panel.get_by_role("textbox", name="Manifest of ConfigMap odd")
    text = await editor.inner_text()
    await suite.client.merge_patch(CONFIG_MAPS, "odd", {"data": {"page": "theirs"}}, objects.namespace)
    await written(page, editor, re.sub(r"page: .*", "page: mine", text))
    await panel.get_by_role("button", name="Try it").click()
    await expect(panel.get_by_text('.data.page is now "theirs"; you wrote "mine".')).to_be_visible()
    await panel.get_by_role("button", name="Try mine all the same").click()
    await panel.get_by_role("button", name="Write it").click()
    await suite.until_data(objects.namespace, "odd", {"page": "mine"})


async def test_events_are_told_as_text(
    page: Page, suite: Stage, objects: Objects, screenshot: Screenshot
) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "events")
    await expect(panel.get_by_text("ScalingReplicaSet").first).to_be_visible()
    status, found = await suite.ask(
        "GET",
        f"/api/v1/applications/{objects.name}/events",
        resourceName="web",
        resourceNamespace=objects.namespace,
    )
    assert status == 200
    involved = found["items"][0]["involvedObject"]
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": suite.unique("evil"), "namespace": objects.namespace},
        "involvedObject": involved,
        "type": "Warning",
        "reason": "Evil",
        "message": "<img src=x onerror=alert(1)> \u202egnp.exe",
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 3,
    }
    await suite.client.create(EVENTS, event, objects.namespace)
    await expect(panel.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    await screenshot(page, "object-events", widths=(1440,))


async def test_an_action_is_asked_about_and_done(page: Page, objects: Objects) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web")
    await panel.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Restart").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Git is not changed by it.")).to_be_visible()
    await dialog.get_by_role("button", name="Restart").click()
    await expect(page.get_by_text("Restart was done to Deployment web")).to_be_visible()
    await panel.get_by_role("button", name="Actions").click()
    resume = page.get_by_role("menuitem", name="Resume")
    await expect(resume).to_have_attribute("aria-disabled", "true")


async def test_a_deletion_says_what_is_lost_and_what_comes_back(
    page: Page, suite: Stage, objects: Objects, axe: Axe, guard: Guard
) -> None:
    guard.allow("status of 400")  # what is gone is asked for once more, and is not found
    panel = await objects.open(page, "", "ConfigMap", "settings")
    await panel.get_by_role("button", name="Delete this ConfigMap").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("the next sync makes it again")).to_be_visible()
    await dialog.get_by_text("Force", exact=True).click()
    await expect(dialog.get_by_label("Type settings to confirm")).to_be_visible()
    await axe(page)
    await dialog.get_by_text("Foreground", exact=True).click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("ConfigMap settings is being deleted")).to_be_visible()
    await suite.until_data(objects.namespace, "settings", None)


async def test_who_may_not_is_told_so_by_the_server(
    open_page: OpenPage, suite: Stage, objects: Objects, guard: Guard
) -> None:
    guard.allow("status of 403")
    token = await suite.account("p, {name}, applications, get, */*, allow")
    reader = await open_page(token)

    async def allow(route: Route) -> None:
        questions = (route.request.post_data_json or {})["questions"]
        await route.fulfill(json={"answers": [True for _ in questions]})

    await reader.route("**/api/v1/can-i", allow)  # as it was before the right was taken away
    panel = await objects.open(reader, "", "ConfigMap", "odd")
    await panel.get_by_role("button", name="Delete this ConfigMap").click()
    dialog = reader.get_by_role("dialog")
    await dialog.get_by_role("button", name="Delete").click()
    await expect(dialog.get_by_text("permission denied")).to_be_visible()
