"""What holds an application in the browser: a pause with its end, and what it depends on."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from fairlead.matching.dependencies import ANNOTATION
from fairlead.matching.pauses import PREFIX
from fairlead.matching.pins import PREFIX as PINNED
from fairlead.model.times import stamp
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, CONTROL, config_map
from tests.ui.axe import Axe
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.test_history_panel import deployed, panel_of


async def test_a_pause_and_what_is_waited_for_are_said_and_led_to(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    repo = await suite.repository({"app/settings.yaml": config_map("settings", colour="blue")})
    name = await suite.application(suite.url(repo), await suite.namespace())
    await suite.settled(name)
    annotations = {
        ANNOTATION: "nowhere",
        f"{PREFIX}until": stamp(datetime.now(UTC) + timedelta(minutes=45)),
        f"{PREFIX}by": "ann",
        f"{PREFIX}reason": "INC-482",
    }
    await suite.client.merge_patch(APPLICATIONS, name, {"metadata": {"annotations": annotations}}, CONTROL)
    app = await suite.app(name)
    await page.goto(f"/applications/argocd/{name}")
    banner = page.get_by_role("complementary", name="Paused")
    await expect(banner).to_contain_text("Paused by ann: INC-482")
    await expect(banner).to_contain_text(re.compile("ends in 4[2345] min"))
    await expect(banner).to_contain_text("a person may sync")
    await axe(page)
    await screenshot(page, "application-paused")
    pinned = {f"{PINNED}revisions": app["status"]["sync"]["revision"], f"{PINNED}by": "ann"}
    await suite.client.merge_patch(APPLICATIONS, name, {"metadata": {"annotations": pinned}}, CONTROL)
    pin = page.get_by_role("complementary", name="Pinned")
    await expect(pin).to_contain_text(re.compile("Pinned to [0-9a-f]{12} by ann"))
    await screenshot(page, "application-pinned")
    await pin.get_by_role("button", name="Follow again").click()
    await expect(pin).to_be_hidden()
    await banner.get_by_role("button", name="Resume now").click()
    await expect(banner).to_be_hidden()
    await repo.publish({"app/settings.yaml": config_map("settings", colour="green")}, "Paint it green")
    waiting = page.get_by_role("region", name="What is waited for")
    await expect(waiting).to_contain_text("A sync waits for what it depends on")
    await expect(waiting).to_contain_text("it does not exist")
    await expect(waiting.get_by_role("link", name="Application nowhere")).to_have_attribute(
        "href", "/applications/argocd/nowhere"
    )
    await axe(page)
    await screenshot(page, "application-depends")
    gone = {"metadata": {"annotations": {ANNOTATION: None}}}
    await suite.client.merge_patch(APPLICATIONS, name, gone, CONTROL)
    await expect(waiting).to_be_hidden()
    namespace = (await suite.app(name))["spec"]["destination"]["namespace"]
    assert await suite.client.find(CONFIG_MAPS, "settings", namespace) is not None


async def test_the_history_offers_to_go_back_and_stay_where_auto_sync_is_on(
    page: Page, suite: Stage, axe: Axe, screenshot: Screenshot
) -> None:
    name, namespace, _ = await deployed(suite, "blue", "red")
    panel = await panel_of(page, name)
    await panel.get_by_role("button", name="Roll back and pin").last.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Nothing newer is followed until")
    await axe(page, "dialog")
    await screenshot(page, "history-pin")
    await dialog.get_by_role("button", name="Roll back and pin").click()
    await suite.until_data(namespace, "settings", {"colour": "blue"})
    pin = page.get_by_role("complementary", name="Pinned")
    await expect(pin).to_contain_text("until a newer commit by admin")
    await pin.get_by_role("button", name="Follow again").click()
    await suite.until_data(namespace, "settings", {"colour": "red"})
