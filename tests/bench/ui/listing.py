"""The page of applications over many: how soon it is of use, how it answers, what it holds and costs."""

import asyncio
import time
from pathlib import Path

from tests.bench.api.server import Api, change
from tests.bench.report import Figure, Measured, median
from tests.bench.ui.probe import Probe, browser_seconds, probe, running
from tests.ui.guard import Guard

JS_KIB, USABLE_MS, ANSWER_MS, HEAP_MIB, TASK_MS, IDLE_PERCENT = 200.0, 1000.0, 150.0, 150.0, 50.0, 5.0
TRIALS = 5
WHEELS, WHEEL_PX, WHEEL_SECONDS = 120, 600, 0.05
IDLE_SECONDS, CHANGES_A_SECOND = 20.0, 10.0
TOTAL = (
    "[...document.querySelectorAll('[role=status]')]"
    ".find((one) => /application/.test(one.textContent))?.textContent"
)
READY = "document.querySelector('[aria-busy=false] a[href*=\"/applications/\"]')"
CHANGED = f"{TOTAL} !== window.totalBefore && {READY} !== null"
SEARCH = "input[type=search]"


async def measure(api: Api, count: int, ui: Path) -> Measured:
    """Raises BenchError, or what Playwright raises when something does not come true."""
    guard = Guard()
    window = api.window()
    async with running() as browser:
        cold, kib = [], 0.0
        for _ in range(TRIALS):
            async with probe(browser, api.url, api.admin, guard) as page:
                names = _loaded(page)
                cold.append(await page.opened("/applications", f"{READY} && {TOTAL}"))
                kib = sum(_packed(ui / "assets" / name) for name in names) / 1024
        async with probe(browser, api.url, api.admin, guard) as page:
            await page.opened("/applications", f"{READY} && {TOTAL}")
            keys, filters = await _keys(page, count), await _filters(page)
            await page.page.goto("/applications")
            await page.until(READY)
            tasks = await _scroll(page)
            heap = await page.heap()
            spent = window.spent()
            idle, changes = await _idle(api, page, count)
    guard.verdict()
    return Measured(
        title=f"web UI: {count} applications",
        figures=(
            Figure(name="JavaScript of the first page, gzip", value=kib, unit="KiB", bar=JS_KIB),
            Figure(
                name="usable after navigation, nothing cached",
                value=median(cold),
                unit="ms",
                bar=USABLE_MS,
                note=f"{TRIALS} trials, the slowest {max(cold):.0f}",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="a keystroke of the search → shown",
                value=median(keys),
                unit="ms",
                bar=ANSWER_MS,
                note=f"{len(keys)} keys, the slowest {max(keys):.0f}",
            ),
            Figure(
                name="a filter → shown",
                value=median(filters),
                unit="ms",
                bar=ANSWER_MS,
                note=f"{len(filters)} clicks, the slowest {max(filters):.0f}",
            ),
            Figure(
                name="longest task while scrolling",
                value=max(tasks, default=0.0),
                unit="ms",
                bar=TASK_MS,
                note=f"{len(tasks)} above 50 ms in {WHEELS} turns of the wheel; 0: none",
            ),
            Figure(name="heap after all that", value=heap, unit="MiB", bar=HEAP_MIB),
            Figure(
                name=f"idle tab, {CHANGES_A_SECOND:.0f} changes a second",
                value=idle,
                unit="% of a core",
                bar=IDLE_PERCENT,
                note=f"all processes of the browser, {changes} changes",
            ),
        ),
    )


def _loaded(page: Probe) -> set[str]:
    names: set[str] = set()

    def note(url: str) -> None:
        name = url.partition("?")[0].rpartition("/")[2]
        if name.endswith(".js"):
            names.add(name)

    page.page.on("response", lambda answer: note(answer.url))
    return names


def _packed(file: Path) -> int:
    packed = file.with_name(f"{file.name}.gz")
    return (packed if packed.exists() else file).stat().st_size


async def _keys(page: Probe, count: int) -> list[float]:
    """Each key narrows to a tenth or so, as one who types a name does."""
    name = f"{count // 2:04}"
    typed = name.lstrip("0")[:3]
    await page.page.locator(SEARCH).first.fill("app-" + name[: name.index(typed)])
    await page.until(READY)
    taken = []
    for key in typed:
        await page.page.evaluate(f"window.totalBefore = {TOTAL}")
        await page.page.keyboard.press(key)
        taken.append(await page.since_input(CHANGED))
    for _ in range(2):
        await page.page.evaluate(f"window.totalBefore = {TOTAL}")
        await page.page.keyboard.press("Backspace")
        taken.append(await page.since_input(CHANGED))
    return taken


async def _filters(page: Probe) -> list[float]:
    await page.page.goto("/applications")
    await page.until(READY)
    labels = page.page.locator("aside label").filter(has_text="team=")
    name = (await labels.first.inner_text()).split()[0]
    box = labels.filter(has_text=name).first.locator("input")
    taken = []
    for _ in range(2 * TRIALS):
        await page.page.evaluate(f"window.totalBefore = {TOTAL}")
        await box.click()
        taken.append(await page.since_input(CHANGED))
    return taken


async def _scroll(page: Probe) -> list[float]:
    await page.page.mouse.move(900, 500)
    await page.long_tasks()
    for _ in range(WHEELS):
        await page.page.mouse.wheel(0, WHEEL_PX)
        await asyncio.sleep(WHEEL_SECONDS)
    return await page.long_tasks()


async def _idle(api: Api, page: Probe, count: int) -> tuple[float, int]:
    await page.page.goto("/applications")
    await page.until(READY)
    began, before, done = time.monotonic(), browser_seconds(), 0
    while (elapsed := time.monotonic() - began) < IDLE_SECONDS:
        if done / CHANGES_A_SECOND > elapsed:
            await asyncio.sleep(done / CHANGES_A_SECOND - elapsed)
        done += 1
        await change(api, done * 7919 % count, done)
    return 100 * (browser_seconds() - before) / (time.monotonic() - began), done
