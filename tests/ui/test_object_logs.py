"""Logs of many pods and containers, and what is large: it does nothing, and the page stays quick."""

import json
import re

import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.ui.axe import Axe
from tests.ui.objects import Objects, make
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.tasks import is_quick, watch_tasks
from tests.ui.wire import fetched_only

MANY = 100_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def objects(suite: Stage) -> Objects:
    """The application that all of these tests are about."""
    return await make(suite)


async def test_logs_of_all_pods_and_containers_are_followed_as_text(
    page: Page, objects: Objects, axe: Axe, screenshot: Screenshot
) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    log = panel.get_by_role("log")
    line = log.get_by_text(re.compile(r"Hello <b>there</b> .U\+202E.gnp\.exe \d+"))
    await expect(line.first).to_be_visible()
    await expect(log.get_by_text("main", exact=True).first).to_be_visible()
    await expect(log.get_by_text("side", exact=True).first).to_be_visible()
    await expect(panel.get_by_text("Live.")).to_be_visible()
    assert len(set(await log.locator("span[title^='web-']").all_inner_texts())) == 2
    assert "\x1b" not in await log.inner_text()
    await panel.get_by_label("Follow").uncheck()
    await expect(panel.get_by_text("That is all.")).to_be_visible()
    await expect(line.first).to_be_visible()
    await axe(page, "aside", themes=("dark",))
    await screenshot(page, "object-logs")


async def test_lines_are_narrowed_here_and_by_the_server(page: Page, objects: Objects) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    log = panel.get_by_role("log")
    line = log.get_by_text("Hello")
    await expect(line.first).to_be_visible()
    await panel.get_by_label("Container").select_option("side")
    await expect(log.get_by_text("main", exact=True)).to_have_count(0)
    await panel.get_by_label("Times").uncheck()
    await panel.get_by_label("Wrap").check()
    await expect(line.first).to_be_visible()
    await panel.get_by_label("Wrap").uncheck()
    await panel.get_by_label("Filter lines").fill("no such words")
    await expect(log.get_by_text("None of the lines has these words.")).to_be_visible()
    await panel.get_by_label("Filter lines").fill("HELLO")
    await expect(log.locator("mark").first).to_be_visible()
    await panel.get_by_role("button", name="Search the whole log").click()
    await expect(panel.get_by_role("button", name="Only lines with")).to_be_visible()
    await expect(line.first).to_be_visible()


async def test_pods_times_and_numbers_of_lines_are_chosen_and_the_whole_log_is_taken_away(
    page: Page, objects: Objects, screenshot: Screenshot
) -> None:
    asked: list[str] = []
    page.on("websocket", lambda line: line.on("framesent", lambda data: asked.append(str(data))))
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    log = panel.get_by_role("log")
    await expect(log.get_by_text("Hello").first).to_be_visible()
    await expect(log.locator("time").first).to_have_text(re.compile(r"^\d\d:\d\d:\d\d\.\d{3}$"))
    pod = await panel.get_by_label("Pod").locator("option").nth(1).get_attribute("value") or ""
    await panel.get_by_label("Pod").select_option(pod)
    await panel.get_by_label("Since").select_option("60")
    await panel.get_by_label("Lines", exact=True).select_option("100")
    await expect(panel.get_by_text("Live.")).to_be_visible()
    await expect(log.get_by_text("Hello").first).to_be_visible()
    await expect(log.locator("span[title^='web-']")).to_have_count(0)  # of one pod, which need not be named
    assert all(part in asked[-1] for part in (f"podName={pod}", "sinceSeconds=60", "tailLines=100"))
    await panel.get_by_label("Wrap").check()
    assert await log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    await screenshot(page, "object-logs-wrapped", widths=(360, 3840), themes=("light",))
    await panel.get_by_role("button", name="Download").click()
    async with page.context.expect_event("request", lambda one: "download=true" in one.url) as begun:
        await page.get_by_role("menuitem", name="The whole log").click()
    file = await page.request.get((await begun.value).url)
    assert file.headers["content-disposition"].startswith("attachment;")
    assert re.search(r"Hello.*\d+$", await file.text(), re.MULTILINE)
    await panel.get_by_label("Wrap").uncheck()


async def test_the_run_before_is_asked_for_and_its_absence_told(page: Page, objects: Objects) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    await panel.get_by_label("Previous run").check()
    log = panel.get_by_role("log")
    await expect(log.get_by_text("previous terminated container").first).to_be_visible()
    await expect(panel.get_by_text("That is all.")).to_be_visible()


async def test_lines_are_taken_away_as_a_file(page: Page, objects: Objects) -> None:
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    await expect(panel.get_by_role("log").get_by_text("Hello").first).to_be_visible()
    await panel.get_by_role("button", name="Download").click()
    async with page.expect_download() as saved:
        await page.get_by_role("menuitem", name="The lines that are here").click()
    assert (await saved.value).suggested_filename == "Deployment-web.log"


def told(number: int, content: str) -> str:
    at = f"2026-01-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    entry = {"content": content, "timeStampStr": at, "podName": f"web-{number % 2}/main"}
    return f"data: {json.dumps({'result': entry})}\n\n"


async def test_a_hundred_thousand_lines_and_one_of_a_megabyte_stay_quick(
    page: Page, objects: Objects
) -> None:
    last = f"data: {json.dumps({'result': {'content': '', 'last': True}})}\n\n"
    lines = "".join(told(number, f"\x1b[3{number % 8}mline {number}\x1b[0m") for number in range(MANY))
    body = lines + told(MANY, "y" * (1 << 20)) + last

    async def answer(route: Route) -> None:
        await route.fulfill(status=200, content_type="text/event-stream", body=body)

    await fetched_only(page)
    await page.route(re.compile(r"/logs\?"), answer)
    await watch_tasks(page)
    panel = await objects.open(page, "apps", "Deployment", "web", "logs")
    log = panel.get_by_role("log")
    await expect(panel.get_by_text("That is all.")).to_be_visible()
    await expect(panel.get_by_text("100,001 lines")).to_be_visible()
    await expect(log.get_by_role("button", name="more")).to_be_visible()
    assert await log.evaluate("(log) => log.querySelectorAll('*').length") < 2000
    await is_quick(page, "100,000 lines and one of 1 MB")
    await panel.get_by_label("Filter lines").fill("line 99999")
    await expect(panel.get_by_text("1 of 100,001 lines")).to_be_visible()
    await panel.get_by_label("Filter lines").fill("")
    await expect(log.get_by_role("button", name="more")).to_be_visible()
    await log.get_by_role("button", name="more").click()
    await expect(page.get_by_role("dialog").get_by_role("button", name=re.compile("Show"))).to_be_visible()
    await is_quick(page, "filtering 100,000 lines and showing one of 1 MB")


async def test_a_manifest_of_five_megabytes_is_shown_at_once(page: Page, objects: Objects) -> None:
    data = {f"key-{number}": "<b>x</b>: y\u202e " * 8 for number in range(50_000)}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "odd"}, "data": data}
    text = json.dumps({"manifest": json.dumps(manifest)})
    assert len(text) > 5 << 20

    async def answer(route: Route) -> None:
        await route.fulfill(status=200, content_type="application/json", body=text)

    await page.route(re.compile(r"/resource\?"), answer)
    await watch_tasks(page)
    panel = await objects.open(page, "", "ConfigMap", "odd", "manifest")
    code = panel.get_by_role("textbox", name="Live manifest of ConfigMap odd")
    await expect(code.get_by_text("key-0:")).to_be_visible()
    await code.focus()
    await page.keyboard.press("Control+End")
    await expect(code.get_by_text("key-49999")).to_be_visible()
    await is_quick(page, "5 MB of YAML")
