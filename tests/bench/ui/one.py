"""The page of one real application: how soon a commit's effect is seen, and a large tree is laid out."""

import asyncio
import time

import aiohttp

from fairlead.local.demo.cluster import password_of
from tests.bench.errors import BenchError
from tests.bench.objects import APPLICATIONS, CONFIG_MAPS, SECRETS
from tests.bench.report import Figure, Measured, median
from tests.bench.stage import SETTLE_SECONDS, Stage, make_namespace
from tests.bench.ui.probe import Probe, probe, running
from tests.e2e.world import config_map
from tests.ui.guard import Guard

SEEN_MS, TREE_MS = 300.0, 700.0
TREE_OBJECTS = 2000
TRIALS = 7
PAUSE_SECONDS = 1.5
SMALL, LARGE = "ui-small", "ui-large"
SEEN = """(name) => new Promise((done) => {
  const isThere = () => document.body.textContent.includes(name);
  const look = () => (isThere() ? done(Date.now()) : requestAnimationFrame(look));
  look();
})"""
WHOLE = "window.laidOut.length > 0"


async def measure(stage: Stage) -> list[Measured]:
    """Raises BenchError, or what Playwright raises when something does not come true."""
    await stage.repo.publish(
        {
            "small/first.yaml": config_map("first", number="1"),
            "large/all.yaml": "---\n".join(
                config_map(f"setting-{number:04}", number=str(number)) for number in range(TREE_OBJECTS)
            ),
        },
        "one small, one large",
    )
    for name, path in ((SMALL, "small"), (LARGE, "large")):
        await make_namespace(stage.client, name)
        await stage.client.create(APPLICATIONS, _application(stage, name, path), stage.namespace)
        await stage.applications.until(
            [(stage.namespace, name)],
            lambda app: app.is_settled,
            seconds=SETTLE_SECONDS + TREE_OBJECTS / 10,
            what="Synced and Healthy",
        )
    token, guard = await _token(stage), Guard()
    async with running() as browser:
        async with probe(browser, stage.suite.api_url, token, guard) as page:
            commits = await _commits(stage, page)
        async with probe(browser, stage.suite.api_url, token, guard) as page:
            tree = await _tree(stage, page)
    guard.verdict()
    return [commits, tree]


async def _commits(stage: Stage, page: Probe) -> Measured:
    await page.page.goto(f"/applications/{stage.namespace}/{SMALL}?view=list")
    await page.page.evaluate(SEEN, "first")
    meter = stage.meter()
    taken = []
    for number in range(TRIALS):
        await asyncio.sleep(PAUSE_SECONDS)
        name = f"made-by-commit-{number}"
        seeing = asyncio.ensure_future(page.page.evaluate(SEEN, name))
        living = asyncio.ensure_future(_live(stage, name))
        await stage.repo.publish({f"small/{name}.yaml": config_map(name, number="1")}, f"Add {name}")
        taken.append(await seeing - 1000 * await living)
    return Measured(
        title="web UI: a commit's effect",
        figures=(
            Figure(
                name="object live → seen on the open page",
                value=median(taken),
                unit="ms",
                bar=SEEN_MS,
                note=f"{TRIALS} commits, the slowest {max(taken):.0f}",
                disturbance=meter.spent().disturbance,
            ),
        ),
        details={"milliseconds": taken},
    )


async def _live(stage: Stage, name: str) -> float:
    async with asyncio.timeout(SETTLE_SECONDS):
        while await stage.client.find(CONFIG_MAPS, name, SMALL) is None:
            await asyncio.sleep(0.005)
    return time.time()


async def _tree(stage: Stage, page: Probe) -> Measured:
    meter = stage.meter()
    opened = await page.opened(f"/applications/{stage.namespace}/{LARGE}?view=tree", WHOLE)
    piled = await _laid_out(page)
    await page.page.evaluate("window.laidOut.length = 0")
    await _unfold(page)
    await page.until(WHOLE)
    whole = await _laid_out(page)
    if whole["nodes"] < TREE_OBJECTS:
        raise BenchError(f"only {whole['nodes']:.0f} nodes were laid out, of {TREE_OBJECTS}")
    return Measured(
        title=f"web UI: a tree of {TREE_OBJECTS} objects",
        figures=(
            Figure(
                name="laid out, every object by itself",
                value=whole["milliseconds"],
                unit="ms",
                bar=TREE_MS,
                note="asked of the worker → answered",
                disturbance=meter.spent().disturbance,
            ),
            Figure(
                name="laid out as it opens",
                value=piled["milliseconds"],
                unit="ms",
                bar=TREE_MS,
                note=f"{piled['nodes']:.0f} nodes; {opened:.0f} ms after the navigation began",
            ),
        ),
    )


async def _laid_out(page: Probe) -> dict[str, float]:
    found: dict[str, float] = await page.page.evaluate("window.laidOut.at(-1)")
    return found


async def _unfold(page: Probe) -> None:
    """Open what is piled, which stands last, as one does by keyboard."""
    await page.page.get_by_role("tree").focus()
    await page.page.keyboard.press("End")
    await page.page.keyboard.press("ArrowRight")


def _application(stage: Stage, name: str, path: str) -> dict[str, object]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": stage.namespace},
        "spec": {
            "project": "default",
            "source": {"repoURL": stage.url, "targetRevision": "main", "path": path},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
    }


async def _token(stage: Stage) -> str:
    raw = await stage.client.get(SECRETS, "argocd-initial-admin-secret", stage.namespace)
    body = {"username": "admin", "password": password_of(raw)}
    url = f"{stage.suite.api_url}/api/v1/session"
    async with aiohttp.ClientSession() as http, http.post(url, json=body) as answer:
        return str((await answer.json())["token"])
