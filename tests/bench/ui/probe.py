"""What a page is asked of its own time: all of it is taken by the page's clock, none by the driver's.

Invariant: a wait ends in the frame in which its condition came true, so that no figure holds a poll's pause.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, CDPSession, Page

from tests.bench.errors import BenchError
from tests.bench.processes import Process, Processes
from tests.ui.browser import browser_program, running_browser
from tests.ui.guard import Guard

MIB = 1 << 20
PATIENCE = 120_000
"""Milliseconds that anything may take before the measurement is given up."""
COOKIE = "argocd.token"
UNTIL = """(holds) => new Promise((done) => {
  const test = new Function(`return (${holds})`);
  const look = () => (test() ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""
INPUT = """(() => {
  window.inputAt = 0;
  const note = () => { window.inputAt = performance.now(); };
  for (const kind of ['keydown', 'pointerdown']) addEventListener(kind, note, true);
})()"""
LONG = """(() => {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.longTasks.push(one.duration);
  }).observe({ type: 'longtask' });
})()"""
WORKERS = """(() => {
  window.laidOut = [];
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (!data?.places) return;
        window.laidOut.push({ nodes: data.places.length, milliseconds: performance.now() - this.askedAt });
      });
    }
    postMessage(...given) {
      this.askedAt = performance.now();
      super.postMessage(...given);
    }
  };
})()"""
"""Its own listener is the first, so that what the page does with an answer is not in the figure."""


class Probe:
    """One page in a context of its own: nothing is cached when it is made."""

    def __init__(self, page: Page, devtools: CDPSession) -> None:
        self.page = page
        self._devtools = devtools

    async def opened(self, path: str, holds: str) -> float:
        """Milliseconds from the beginning of the navigation until an expression of the page is true."""
        await self.page.goto(path, wait_until="commit")
        return await self.until(holds)

    async def until(self, holds: str) -> float:
        """When it is true, in milliseconds of the page's clock."""
        try:
            async with asyncio.timeout(PATIENCE / 1000):
                value: float = await self.page.evaluate(UNTIL, holds)
        except TimeoutError:
            text = (await self.page.inner_text("body"))[:1000]
            raise BenchError(f"not true of {self.page.url}: {holds}; it shows {text}") from None
        return value

    async def since_input(self, holds: str) -> float:
        """Milliseconds from the last key or pointer until it is true."""
        at = await self.until(holds)
        return at - float(await self.page.evaluate("window.inputAt"))

    async def heap(self) -> float:
        """MiB that JavaScript holds once garbage is collected."""
        await self._devtools.send("HeapProfiler.collectGarbage")
        metrics = await self._devtools.send("Performance.getMetrics")
        found: float = next(one["value"] for one in metrics["metrics"] if one["name"] == "JSHeapUsedSize")
        return found / MIB

    async def long_tasks(self) -> list[float]:
        """Milliseconds of each task above 50 ms since the last call."""
        found: list[float] = await self.page.evaluate("window.longTasks.splice(0)")
        return found


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    """A browser."""
    async with running_browser(browser_program()) as browser:
        yield browser


@asynccontextmanager
async def probe(browser: Browser, url: str, token: str, guard: Guard) -> AsyncIterator[Probe]:
    """A page of somebody, 1440 wide, in which everything moves as it does for people."""
    context: BrowserContext = await browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    try:
        context.set_default_timeout(PATIENCE)
        guard.watch(context)
        for script in (INPUT, LONG, WORKERS):
            await context.add_init_script(script)
        await context.add_cookies([{"name": COOKIE, "value": token, "url": url}])
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        yield Probe(page, devtools)
    finally:
        await context.close()


def browser_seconds() -> float:
    """CPU seconds so far of all processes of browsers that we started."""
    processes = Processes()
    ours = [item for item in processes.tree(os.getpid()) if item.name.startswith(("chrom", "headless"))]
    return sum(processes.cpu_seconds({str(item.pid): item.pid})[str(item.pid)] for item in _roots(ours))


def _roots(items: list[Process]) -> list[Process]:
    pids = {item.pid for item in items}
    return [item for item in items if item.parent not in pids]
