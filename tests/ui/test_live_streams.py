"""Streams of pages: many tabs at once, through what lies in between, over cuts, sleep and hiding."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import APPLICATIONS, CONTROL, config_map
from tests.ui.conftest import OpenPage
from tests.ui.guard import Guard
from tests.ui.objects import ANNOTATIONS
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage, deployment
from tests.ui.test_shell_session import name_in
from tests.ui.wire import Gate, gate

TABS = 10
MARK = "[data-live]"
FILE = "app/settings.yaml"
HIDE = """(isHidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
  Object.defineProperty(document, 'visibilityState', {
    configurable: true, get: () => (isHidden ? 'hidden' : 'visible') });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
SOON = 120
"""Seconds."""


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """An application whose pods talk, and the repository that it comes from."""

    name: str
    namespace: str
    repo: WorkRepo

    @property
    def page(self) -> str:
        return f"/applications/{CONTROL}/{self.name}"

    @property
    def logs(self) -> str:
        return f"{self.page}?view=list&node=apps%2FDeployment%2F{self.namespace}%2Fweb%2F0&tab=logs"

    async def commit(self, words: str) -> str:
        """Push a change; pages name the latest commit."""
        return await self.repo.publish({FILE: config_map("settings", words=words)}, words)


@pytest.fixture(autouse=True)
def _expected(guard: Guard) -> None:
    """Browsers complain of every connection that is cut or refused, which is what these tests bring about."""
    guard.allow("ERR_|WebSocket connection|Failed to load resource")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def followed(suite: Stage) -> Followed:
    """What the pages of these tests show."""
    web = deployment("web", replicas=1).replace(
        "    spec:\n      containers", f"{ANNOTATIONS}    spec:\n      containers"
    )
    files: dict[str, str | bytes | None] = {"app/web.yaml": web, FILE: config_map("settings", words="first")}
    repo = await suite.repository(files, stem="live")
    namespace = await suite.namespace()
    name = await suite.application(suite.url(repo), namespace)
    await suite.settled(name)
    return Followed(name=name, namespace=namespace, repo=repo)


@pytest_asyncio.fixture(loop_scope="session")
async def between(suite: Stage) -> AsyncIterator[Gate]:
    """What lies between."""
    async with gate(suite.address) as found:
        yield found


async def is_live(page: Page) -> None:
    await expect(page.locator(MARK)).to_have_attribute("data-live", "live")


async def is_told(page: Page, words: str) -> None:
    """The page names this commit as the latest."""
    await expect(page.get_by_role("region", name="The latest commit")).to_contain_text(words)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await holds():
            await asyncio.sleep(0.05)


async def test_ten_tabs_of_one_browser_are_live_follow_logs_and_see_a_commit(
    page: Page, suite: Stage, followed: Followed
) -> None:
    tabs = [page, *[await page.context.new_page() for _ in range(TABS - 1)]]
    await asyncio.gather(*[tab.goto(followed.logs, wait_until="commit") for tab in tabs])
    for tab in tabs:
        await is_live(tab)
        await expect(tab.get_by_role("log").get_by_text("Hello").first).to_be_visible()
        await expect(tab.get_by_text("Live.")).to_be_visible()
    await followed.commit("Seen in ten tabs")
    for tab in tabs:
        await is_told(tab, "Seen in ten tabs")


async def test_where_no_websocket_is_let_through_pages_are_live_and_move_to_one_when_it_is(
    page: Page, followed: Followed, between: Gate
) -> None:
    between.refuses = True
    await page.goto(between.address + followed.page)
    await is_live(page)
    assert (between.carried, between.asked > 0, between.fetched > 0) == (0, True, True)
    await followed.commit("Fetched")
    await is_told(page, "Fetched")
    between.refuses = False

    async def is_carried() -> bool:
        return between.carried == 1

    await until(is_carried)
    await is_live(page)
    before = between.fetched
    between.cut()
    await followed.commit("Carried")
    await is_told(page, "Carried")
    await is_live(page)
    assert between.fetched == before


def lines(text: str) -> dict[str, list[int]]:
    """The numbers that each container said, in the order in which its lines are there."""
    found: dict[str, list[int]] = defaultdict(list)
    for said in re.finditer(r"^\S+ (\S+ \S+) .*Hello.* (\d+)$", text, re.MULTILINE):
        found[said[1]].append(int(said[2]))
    return found


async def saved(page: Page) -> str:
    """The lines that the page has."""
    await page.get_by_role("button", name="Download").click()
    async with page.expect_download() as download:
        await page.get_by_role("menuitem", name="The lines that are here").click()
    return Path(await (await download.value).path()).read_text()


async def test_a_log_that_was_cut_says_so_and_goes_on_with_no_line_lost_or_told_twice(
    page: Page, followed: Followed, between: Gate
) -> None:
    await page.goto(between.address + followed.logs)
    foot = page.locator("aside p[role=status]")
    await expect(foot).to_have_text("Live.")
    await expect(page.get_by_role("log").get_by_text("Hello").first).to_be_visible()
    for _ in range(2):
        before = max(map(max, lines(await saved(page)).values()))
        between.cut()
        await expect(foot).to_contain_text("The stream was cut")
        await expect(foot).to_have_text("Live.")

        async def goes_on(before: int = before) -> bool:
            return max(map(max, lines(await saved(page)).values())) > before + 1

        await until(goes_on)
    for numbers in lines(await saved(page)).values():
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_machine_that_slept_is_not_live_until_it_is(
    page: Page, suite: Stage, followed: Followed, between: Gate, screenshot: Screenshot
) -> None:
    await page.clock.install()
    await page.goto(between.address + followed.page)
    await is_live(page)
    mark = page.locator(MARK)
    asleep = await page.evaluate("Date.now()")
    between.hold()  # what was open is dead, and nothing says so
    missed = await followed.commit("While it slept")
    await page.clock.fast_forward("08:00:00")
    await expect(mark).to_have_attribute("data-live", re.compile("reconnecting|stale"))
    await page.clock.run_for(10_000)
    await expect(mark).to_have_attribute("data-live", "stale")
    since = await mark.locator("time").get_attribute("datetime") or ""
    moment: int = await page.evaluate("(at) => Date.parse(at)", since)
    assert abs(moment - asleep) < 120_000, "what is shown was true until it fell asleep"
    await screenshot(page, "live-stale", widths=(1440, 390))
    await suite.settled(followed.name, missed)  # all of it is over when the page is back
    between.release()
    between.cut()
    await page.clock.resume()
    await is_told(page, "While it slept")
    await is_live(page)


async def test_a_hidden_tab_rests_and_shows_what_it_missed_when_it_is_seen(
    page: Page, suite: Stage, followed: Followed, between: Gate
) -> None:
    await page.clock.install()
    await page.goto(between.address + followed.page)
    await is_live(page)
    await page.evaluate(HIDE, True)
    await page.clock.run_for(70_000)
    await expect(page.locator(MARK)).to_have_attribute("data-live", "paused")

    async def is_free() -> bool:
        return between.carried == 0

    await until(is_free)
    missed = await followed.commit("While it was hidden")
    await suite.settled(followed.name, missed)
    await page.evaluate(HIDE, False)
    await page.clock.resume()
    await is_told(page, "While it was hidden")
    await is_live(page)


async def test_another_application_under_the_name_of_one_that_was_deleted_is_shown_as_it_is(
    page: Page, suite: Stage
) -> None:
    name = await suite.own()
    await page.goto(f"/applications/{CONTROL}/{name}")
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment web"))).to_be_visible()
    old: Any = await suite.app(name)
    await suite.client.delete(APPLICATIONS, name, CONTROL)
    gone = page.get_by_role("alert").filter(has_text="This application was deleted")
    await expect(gone).to_be_visible()
    spec = {**old["spec"], "source": {**old["spec"]["source"], "path": "edited"}}
    body = {**old, "metadata": {"name": name, "namespace": CONTROL}, "spec": spec}
    body.pop("status", None)
    await suite.client.create(APPLICATIONS, body, CONTROL)
    await expect(page.get_by_role("treeitem", name=re.compile("^Deployment edited"))).to_be_visible()
    await expect(gone).to_have_count(0)
    await is_live(page)


async def test_a_right_to_logs_that_is_taken_away_ends_them_and_says_so(
    open_page: OpenPage, suite: Stage, followed: Followed
) -> None:
    token = await suite.account(
        "p, {name}, applications, get, */*, allow", "p, {name}, logs, get, */*, allow", stem="reader"
    )
    page = await open_page(token)
    await page.goto(followed.logs)
    await expect(page.get_by_text("Live.")).to_be_visible()
    name = name_in(token)
    policy = f"p, {name}, applications, get, */*, allow"
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": policy})
    await expect(page.get_by_text("Refused; asked again from time to time.")).to_be_visible()
    await expect(page.get_by_role("alert").filter(has_text="permission denied")).to_be_visible()
    await is_live(page)
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": ""})
    lost = page.get_by_role("alert").filter(has_text="You cannot follow this application any more")
    await expect(lost).to_be_visible()
