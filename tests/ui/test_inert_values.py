"""What others wrote, wherever it is shown: as text, in its own direction, cut where it is long."""

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.e2e.world import config_map
from tests.ui.crowd import crowd
from tests.ui.guard import Guard
from tests.ui.screenshot import Screenshot
from tests.ui.stage import Stage
from tests.ui.tasks import is_quick, watch_tasks

HTML = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
TURNED = "user\u202etxt.exe"
HOSTILE = f"{HTML} \x1b[31mred\x1b[0m {TURNED} zero\u200bwidth \ufeffjavascript:alert(1)"
SIGN = "\u2039U+{}\u203a"
SHOWN = (
    f"red user{SIGN.format('202E')}txt.exe zero{SIGN.format('200B')}width "
    f"{SIGN.format('FEFF')}javascript:alert(1)"
)
LONG = "x" * 400_000
SEEN = """() => ({
  text: document.body.innerText,
  title: document.title,
  attributes: [...document.querySelectorAll('*')].flatMap((one) =>
    [...one.attributes].filter((each) => /^(on|src$|href$|style$)/.test(each.name)).map((each) =>
      `${each.name}=${each.value}`)),
})"""
UNSEEN = re.compile("[\u200b\u202e\ufeff\x1b]")


async def is_inert(page: Page) -> None:
    """Nothing on the page does something, or is what it does not look like."""
    seen: dict[str, Any] = await page.evaluate(SEEN)
    assert "owned" not in seen["title"]
    assert not UNSEEN.search(seen["text"])
    bad = [one for one in seen["attributes"] if re.match(r"on|(src|href)=\s*(x$|javascript:|data:text)", one)]
    assert not bad


async def test_what_an_application_says_of_itself_is_text(
    page: Page, suite: Stage, guard: Guard, screenshot: Screenshot
) -> None:
    guard.allow("status of (40[0-9]|50[0-9])")
    async with crowd(suite, 0) as some:
        name = await some.add(
            f"{some.label}-said",
            health={"status": "Degraded", "message": HOSTILE},
            conditions=[
                {
                    "type": "ComparisonError",
                    "message": HOSTILE + LONG,
                    "lastTransitionTime": "2026-01-01T00:00:00Z",
                }
            ],
            operationState={
                "phase": "Failed",
                "message": HOSTILE,
                "startedAt": "2026-01-01T00:00:00Z",
                "finishedAt": "2026-01-01T00:00:01Z",
                "operation": {"sync": {}, "initiatedBy": {"username": TURNED + HTML}},
            },
            summary={"externalURLs": ["javascript:alert(1)"], "images": [HTML, TURNED]},
        )
        await page.goto(f"/applications/argocd/{name}")
        state = page.get_by_role("region", name="State")
        await expect(state).to_contain_text("Sync failed, by user\u2039U+202E\u203atxt.exe")
        await is_inert(page)
        await state.get_by_role("button", name="Show").first.click()
        panel = page.get_by_role("complementary", name="Conditions")
        await expect(panel).to_contain_text(SHOWN)
        await is_inert(page)
        assert len(await panel.inner_text()) < 20_000, "of a long text only its beginning is in the page"
        await screenshot(page, "inert-conditions", widths=(1440,))
        await page.goto(f"/applications/argocd/{name}?operation=true")
        await expect(page.get_by_role("complementary").filter(has_text=SHOWN)).to_be_visible()
        await is_inert(page)


async def test_what_a_project_says_of_itself_is_text(page: Page, suite: Stage) -> None:
    name = suite.unique("said")
    spec = {
        "description": HOSTILE,
        "sourceRepos": [HTML, TURNED],
        "destinations": [{"server": "*", "namespace": TURNED, "name": HTML}],
        "syncWindows": [
            {
                "kind": "deny",
                "schedule": "0 0 * * *",
                "duration": "1h",
                "description": HOSTILE,
                "applications": ["*"],
            }
        ],
    }
    body = {"project": {"metadata": {"name": name}, "spec": spec}}
    status, said = await suite.ask("POST", "/api/v1/projects", body)
    assert status == 200, said
    await page.goto("/settings/projects")
    await expect(page.get_by_role("link", name=name)).to_be_visible()
    await is_inert(page)
    for tab in ("", "?tab=windows"):
        await page.goto(f"/settings/projects/{name}{tab}")
        await expect(page.get_by_text(SHOWN).first).to_be_visible()
        await is_inert(page)
    assert len(await page.inner_text("body")) < 60_000


async def test_ten_thousand_labels_and_a_name_as_long_as_one_may_be_stay_quick(
    page: Page, suite: Stage, screenshot: Screenshot
) -> None:
    name = "n" * 253
    labels = "".join(f"    label-{number}: value-{number}\n" for number in range(10_000))
    odd = config_map(name, words="x").replace("metadata:\n", f"metadata:\n  labels:\n{labels}", 1)
    repo = await suite.repository({"app/odd.yaml": odd}, stem="labels")
    namespace = await suite.namespace()
    app = await suite.application(suite.url(repo), namespace)
    await suite.settled(app)
    await watch_tasks(page)
    for tab in ("summary", "manifest"):
        await page.goto(f"/applications/argocd/{app}?node=%2FConfigMap%2F{namespace}%2F{name}%2F0&tab={tab}")
        panel = page.get_by_role("complementary").filter(has=page.get_by_role("heading", name=name[:50]))
        await expect(panel.get_by_text("label-").first).to_be_visible()
        await is_quick(page, f"10,000 labels, {tab}")
        await screenshot(page, f"inert-labels-{tab}", themes=("light",))
    await page.get_by_role("tab", name="Summary").click()
    await page.get_by_role("button", name="Show 9,900 more").click()
    await expect(page.get_by_text("label-9999", exact=True)).to_be_visible()
