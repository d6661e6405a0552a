"""How long a page was busy without a pause: nobody can type or scroll in it for so long."""

import sys

from playwright.async_api import Page

QUICK = 10_000
"""Milliseconds that no task may take on a busy machine; on one of its own none takes 200."""
WATCH = """(() => {
  window.tasks = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: 'longtask' });
})()"""
LONGEST = "() => new Promise((done) => setTimeout(() => done(Math.max(0, ...window.tasks.splice(0))), 200))"


async def watch_tasks(page: Page) -> None:
    """From its next navigation on."""
    await page.add_init_script(WATCH)


async def is_quick(page: Page, what: str) -> None:
    """Fail when a task took too long since the last look; the figure is told to whoever looks."""
    longest: float = await page.evaluate(LONGEST)
    sys.stdout.write(f"{what}: the longest task took {longest:.0f} ms\n")
    assert longest < QUICK, f"{what}: a task took {longest:.0f} ms"
