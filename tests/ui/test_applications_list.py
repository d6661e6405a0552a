"""The page of all applications: found, counted, followed, and nothing jumps."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.ui.axe import Axe
from tests.ui.conftest import OpenPage
from tests.ui.crowd import Crowd, crowd
from tests.ui.guard import Guard
from tests.ui.screenshot import THEMES, Screenshot
from tests.ui.stage import Stage
from tests.ui.wire import fetched_only

SIZE = 430
"""More than one window follows."""
SHARED = "%2C".join(f"{name}-prod" for name in ("shop", "rollout", "broken", "edited", "many", "charted"))
"""The namespaces of what all tests share."""
STREAM = "**/api/v1/stream/search/applications**"
SHOWN = "() => document.querySelectorAll('[data-place]').length"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def many(suite: Stage) -> AsyncIterator[Crowd]:
    """The applications of these tests."""
    async with crowd(suite, SIZE) as found:
        yield found


def item(page: Page, name: str) -> Locator:
    """The tile or line of an application."""
    return page.locator("[data-place]", has=page.get_by_role("link", name=name, exact=True))


def total(page: Page) -> Locator:
    """How many applications the view means."""
    return page.get_by_role("status").filter(has_text=re.compile("^[0-9,]+ applications?$"))


async def test_what_is_typed_is_found_at_once_and_counted_by_the_server(page: Page, many: Crowd) -> None:
    await page.goto(f"/applications?{many.view}")
    await expect(total(page)).to_have_text(f"{SIZE} applications")
    await page.keyboard.press("/")
    await page.keyboard.type(f"{many.label}-01")
    await expect(total(page)).to_have_text("10 applications")
    await expect(item(page, f"{many.label}-017")).to_be_visible()
    await expect(page).to_have_url(re.compile(f"search={many.label}-01"))
    out_of_sync = page.get_by_role("checkbox", name=re.compile("Out of sync"))
    await expect(page.get_by_role("listitem").filter(has=out_of_sync)).to_contain_text("1")
    await out_of_sync.check()
    await expect(total(page)).to_have_text("1 application")
    await expect(item(page, f"{many.label}-013")).to_be_visible()
    await page.get_by_role("button", name="Clear all").click()
    await expect(page.get_by_role("list", name="Filters in use")).not_to_be_visible()
    await expect(page.get_by_label("Search applications")).to_have_value("")


async def test_an_application_is_found_by_whatever_is_known_of_it(
    page: Page, suite: Stage, many: Crowd
) -> None:
    name, label = f"{many.label}-021", many.label
    revision = "c0ffee" + "21" * 17
    images = [f"registry.example/{label}/checkout:4.2"]
    known = {"summary": {"images": images}, "sync": {"status": "Synced", "revision": revision}}
    await many.patch(name, {"status": known})
    await page.goto(f"/applications?{many.view}&view=table")
    typed = page.get_by_label("Search applications")
    for words in (f"{label}/checkout", "c0ffee21", f"{label}/r1 {label}-n1 apps/21"):
        await typed.fill(words)
        await expect(total(page)).to_have_text("1 application")
        await expect(item(page, name)).to_be_visible()
    for facet in (
        "Health",
        "Sync status",
        "Project",
        "Cluster",
        "Namespace",
        "Label",
        "Auto-sync",
        "Repository",
    ):
        await expect(page.get_by_role("region", name=re.compile(f"^{facet}"))).to_be_visible()
    author = (await suite.ask("GET", "/api/v1/applications/shop/revisions/main/metadata"))[1]["author"]
    await page.goto("/applications?view=table")
    await typed.fill(f"{author.partition(' <')[0].split()[0]} shop-prod")
    await expect(total(page)).to_have_text("1 application")
    await expect(item(page, "shop")).to_be_visible()


async def test_a_view_is_an_address_that_anybody_can_be_sent(
    page: Page, open_page: OpenPage, suite: Stage, many: Crowd
) -> None:
    await page.goto(f"/applications?{many.view}&view=table")
    await page.get_by_role("checkbox", name=re.compile("^t1|tier=t1")).check()
    await page.get_by_label("Sort by").select_option("namespace")
    await expect(total(page)).to_have_text("143 applications")
    await expect(page).to_have_url(re.compile("sort=namespace"))
    other = await open_page(suite.token)
    await other.goto(page.url)
    await expect(total(other)).to_have_text("143 applications")
    await expect(other.get_by_role("table")).to_be_visible()
    await page.go_back()
    await expect(page).not_to_have_url(re.compile("sort=namespace"))


async def test_a_link_of_argo_cd_means_what_it_meant(page: Page, many: Crowd) -> None:
    cluster = "in-cluster%20(https%3A%2F%2Fkubernetes.default.svc)"
    await page.goto(
        f"/applications?showFavorites=false&proj=default&sync=OutOfSync&autoSync=Enabled&health=&cluster={cluster}&{many.view}&view=tiles&search="
    )
    await expect(total(page)).to_have_text("43 applications")
    chips = page.get_by_role("list", name="Filters in use")
    await expect(chips).to_contain_text("Out")
    await chips.get_by_role("button", name=re.compile("Auto-sync")).click()
    await expect(page).not_to_have_url(re.compile("autoSync"))


async def test_the_browser_holds_what_it_shows_however_far_one_scrolls(page: Page, many: Crowd) -> None:
    await fetched_only(page)
    await page.goto(f"/applications?{many.view}&view=table")
    await expect(item(page, f"{many.label}-000")).to_be_visible()
    assert await page.evaluate(SHOWN) < 60
    region = page.get_by_role("region", name="Applications")
    async with page.expect_request(STREAM) as moved:
        await region.evaluate("(element) => element.scrollTo(0, element.scrollHeight)")
        await expect(item(page, f"{many.label}-{SIZE - 1}")).to_be_visible()
    assert int(re.findall(r"offset=(\d+)", (await moved.value).url)[0]) > 200
    assert await page.evaluate(SHOWN) < 60
    await many.is_now(f"{many.label}-{SIZE - 2}", "Degraded")
    await expect(item(page, f"{many.label}-{SIZE - 2}")).to_contain_text("Degraded")
    await many.is_now(f"{many.label}-{SIZE - 2}", "Healthy")
    await expect(item(page, f"{many.label}-{SIZE - 2}")).to_contain_text("Healthy")


async def test_nothing_moves_under_the_pointer_and_what_is_newer_is_marked(page: Page, many: Crowd) -> None:
    await page.goto(f"/applications?{many.view}&view=table&sort=health")
    under = item(page, f"{many.label}-003")
    await expect(under).to_be_visible()
    await under.hover()
    before = await under.bounding_box()
    last = f"{many.label}-{SIZE - 1}"
    await many.is_now(last, "Degraded")
    newer = page.get_by_role("button", name=re.compile("Newer order"))
    await expect(newer).to_be_visible()
    await expect(item(page, last)).not_to_be_visible()
    assert await under.bounding_box() == before
    await many.is_now(f"{many.label}-003", "Progressing")
    await expect(under).to_contain_text("Progressing")
    assert await under.bounding_box() == before
    await page.mouse.move(5, 5)
    await expect(newer).not_to_be_visible()
    await expect(page.locator('[data-place="0"]')).to_contain_text(last)
    await many.is_now(last, "Healthy")
    await many.is_now(f"{many.label}-003", "Healthy")
    await expect(item(page, last)).not_to_be_visible()


async def test_what_is_read_stays_where_it_is_when_lines_come_above_it(page: Page, many: Crowd) -> None:
    await page.goto(f"/applications?{many.view}&view=table")
    await expect(item(page, f"{many.label}-000")).to_be_visible()
    region = page.get_by_role("region", name="Applications")
    await region.evaluate("(element) => element.scrollTo(0, 40 * 30)")
    read = item(page, f"{many.label}-035")
    await expect(read).to_be_visible()
    await page.mouse.move(5, 5)
    before = await read.bounding_box()
    added = await many.add(f"{many.label}-0290")
    await expect(total(page)).to_have_text(f"{SIZE + 1} applications")
    await expect(read).to_have_attribute("data-place", "36")
    assert await read.bounding_box() == before
    await many.remove(added)
    await expect(total(page)).to_have_text(f"{SIZE} applications")


async def test_the_keyboard_goes_all_the_way(page: Page, many: Crowd) -> None:
    await page.goto(f"/applications?{many.view}&view=table")
    await expect(item(page, f"{many.label}-000")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Next application")
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type(f"{many.label}-02")
    await expect(total(page)).to_have_text("10 applications")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name=f"{many.label}-020")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("k")
    await expect(page.get_by_role("link", name=f"{many.label}-021")).to_be_focused()
    await page.keyboard.press("x")
    await page.keyboard.press("J")
    bar = page.get_by_role("toolbar", name="Selected applications")
    await expect(bar).to_contain_text("1 application selected")
    await page.keyboard.press("J")
    await expect(bar).to_contain_text("2 applications selected")
    await page.keyboard.press("f")
    await expect(page.get_by_role("button", name=f"Favourite {many.label}-023")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.keyboard.press("f")
    await page.keyboard.press("Escape")
    await expect(bar).not_to_be_visible()
    await page.keyboard.press("End")
    await expect(page.get_by_role("link", name=f"{many.label}-029")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/applications/argocd/{many.label}-029"))


async def test_favourites_are_kept_and_shown_alone(page: Page, many: Crowd) -> None:
    await page.goto("/applications?showFavorites=true")
    await expect(page.get_by_text("No favourites yet")).to_be_visible()
    await page.goto(f"/applications?{many.view}")
    for number in (2, 5):
        await page.get_by_role("button", name=f"Favourite {many.label}-00{number}").click()
    await page.reload()
    await page.get_by_role("button", name=re.compile("^Favourites")).click()
    await expect(total(page)).to_have_text("2 applications")
    await expect(item(page, f"{many.label}-005")).to_be_visible()
    await expect(page).to_have_url(re.compile("showFavorites=true"))


async def test_a_view_is_saved_under_a_name_and_its_link_is_copied(page: Page, many: Crowd) -> None:
    await page.goto(f"/applications?{many.view}&sync=OutOfSync&view=table")
    await page.get_by_role("button", name="Views").click()
    await page.get_by_label("Save this view as").fill("What differs")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("button", name="What differs", exact=True)).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    await page.goto("/applications")
    await page.get_by_role("button", name="Views").click()
    await page.get_by_role("button", name="What differs", exact=True).click()
    await expect(total(page)).to_have_text("43 applications")
    await expect(page.get_by_role("table")).to_be_visible()
    await page.get_by_role("button", name="Views").click()
    await page.get_by_role("button", name="Forget What differs").click()
    await expect(page.get_by_text("None yet")).to_be_visible()


async def test_the_summary_counts_and_leads_on(
    page: Page, many: Crowd, screenshot: Screenshot, axe: Axe
) -> None:
    await page.goto(f"/applications?{many.view}&view=summary")
    summary = page.get_by_role("region", name="Summary")
    await expect(summary).to_contain_text(f"{SIZE} applications")
    await expect(summary).to_contain_text("Nothing.")
    await axe(page, themes=("light",))
    await screenshot(page, "applications-summary")
    await summary.get_by_role("button", name=re.compile("Out of sync")).click()
    await expect(summary).to_contain_text("43 applications")


@pytest.mark.parametrize("layout", ["tiles", "table"])
async def test_tiles_and_table_are_for_everyone(
    open_page: OpenPage, suite: Stage, axe: Axe, screenshot: Screenshot, layout: str
) -> None:
    for theme in THEMES:
        page = await open_page(suite.token, color_scheme=theme)
        await page.goto(f"/applications?namespace={SHARED}&view={layout}&sort=health")
        await expect(item(page, "broken")).to_contain_text("Degraded")
        await expect(item(page, "edited")).to_contain_text("Out of sync")
        await axe(page, themes=(theme,))
    await screenshot(page, f"applications-{layout}")
    await screenshot(page, f"applications-{layout}", widths=(360, 3840), themes=("light",))


async def test_somebody_who_may_see_nothing_is_told_whom_to_ask(
    open_page: OpenPage, suite: Stage, axe: Axe
) -> None:
    page = await open_page(await suite.account(stem="stranger"))
    await page.goto("/applications")
    await expect(page.get_by_text("No application that you may see")).to_be_visible()
    await expect(page.get_by_text(re.compile(r"p, stranger-\S+, applications, get"))).to_be_visible()
    await axe(page, themes=("light",))


async def test_what_matches_nothing_offers_a_way_back(
    page: Page, many: Crowd, screenshot: Screenshot
) -> None:
    await page.goto(f"/applications?{many.view}&health=Missing")
    await expect(page.get_by_text("No application matches")).to_be_visible()
    await screenshot(page, "applications-none-match")
    await page.get_by_role("button", name=f"Without health Missing: {SIZE} applications").click()
    await expect(total(page)).to_have_text(f"{SIZE} applications")


async def test_a_right_that_is_taken_away_empties_the_page_by_itself(
    open_page: OpenPage, suite: Stage, many: Crowd
) -> None:
    token = await suite.account(
        f"p, {{name}}, applications, get, default/{many.label}-00*, allow", stem="reader"
    )
    page = await open_page(token)
    await page.goto("/applications")
    await expect(total(page)).to_have_text("10 applications")
    name = (await suite.ask("GET", "/api/v1/session/userinfo", token=token))[1]["username"]
    await suite.merge_config("argocd-rbac-cm", **{f"policy.{name}.csv": ""})
    await expect(page.get_by_text("No application that you may see")).to_be_visible()


async def test_a_cut_stream_is_said_and_comes_back_by_itself(page: Page, many: Crowd, guard: Guard) -> None:
    guard.allow("ERR_FAILED")
    await fetched_only(page)
    await page.route(STREAM, lambda route: route.abort())
    await page.goto(f"/applications?{many.view}&view=table")
    first = item(page, f"{many.label}-000")
    await expect(first).to_contain_text("Healthy")
    mark = page.get_by_role("status")
    await expect(mark.filter(has_text=re.compile("Reconnecting|Stale"))).to_be_visible()
    await many.is_now(f"{many.label}-000", "Degraded")
    await page.unroute(STREAM)
    await expect(mark.filter(has_text="Live")).to_be_visible()
    await expect(first).to_contain_text("Degraded")
    await many.is_now(f"{many.label}-000", "Healthy")
    await expect(first).to_contain_text("Healthy")


async def test_what_others_wrote_is_shown_inert(page: Page, many: Crowd, screenshot: Screenshot) -> None:
    bad = await many.add(
        f"{many.label}-bad",
        health={"status": "Degraded", "message": "<img src=x onerror=alert(1)> \u202egnp.exe\x1b[31mred"},
        summary={"externalURLs": ["javascript:alert(1)", "https://shop.example", "data:text/html,x"]},
    )
    notices = {
        "notice.argocd.argoproj.io/content": "<b>moved</b> \u202ednuor \x1b[31m" + "y" * 3000,
        "notice.argocd.argoproj.io/severity": "critical",
        "notice.argocd.argoproj.io/url": "javascript:alert(1)",
        "link.argocd.argoproj.io/grafana": "Dash\u202eboards|https://grafana.example/?a=<script>",
        "link.argocd.argoproj.io/evil": "Harmless|javascript:alert(1)",
        "pref.argocd.argoproj.io/default-view": "javascript:alert(1)",
    }
    labels = {"evil": "a.b_c-d"}
    await many.patch(bad, {"metadata": {"annotations": notices, "labels": labels}})
    await page.goto(f"/applications?search={bad}&sort=health")
    tile = item(page, bad)
    await expect(tile).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(tile).to_contain_text("Notice: <b>moved</b>")
    assert "\u202e" not in await page.inner_text("body")
    assert await page.locator("img").count() == 0
    await tile.get_by_role("button", name=re.compile("^Actions")).click()
    menu = page.get_by_role("menu")
    await expect(menu.get_by_role("menuitem", name="https://shop.example")).to_be_visible()
    links = await menu.get_by_role("menuitem").evaluate_all(
        "(all) => all.map((one) => one.href).filter(Boolean)"
    )
    assert sorted(links) == ["https://grafana.example/?a=%3Cscript%3E", "https://shop.example/"]
    await screenshot(page, "applications-menu")
    await page.keyboard.press("Escape")
    href = await tile.get_by_role("link", name=bad).get_attribute("href")
    assert href is not None
    assert "view=" not in href
    await page.keyboard.press("Escape")
    await page.mouse.move(5, 5)
    await many.remove(bad)
    await expect(page.get_by_text("No application matches")).to_be_visible()


async def test_annotations_choose_the_view_and_bring_notices_and_links(page: Page, many: Crowd) -> None:
    name = f"{many.label}-007"
    wanted = {
        "notice.argocd.argoproj.io/content": "Moves to the new cluster on Friday",
        "notice.argocd.argoproj.io/severity": "warning",
        "pref.argocd.argoproj.io/default-view": "network",
        "argocd.argoproj.io/managed-by-url": "https://argocd.other.example",
    }
    await many.patch(name, {"metadata": {"annotations": wanted}})
    await page.goto(f"/applications?search={name}")
    tile = item(page, name)
    await expect(tile).to_contain_text("Notice: Moves to the new cluster on Friday")
    await expect(tile.get_by_role("link", name=name)).to_have_attribute("href", re.compile(r"view=network$"))
    await tile.get_by_role("button", name=f"Actions of {name}").click()
    await expect(page.get_by_role("menuitem", name="Its own control plane")).to_have_attribute(
        "href", "https://argocd.other.example"
    )
