"""What a page looks like, in both themes, wide and narrow."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.async_api import Page

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
WIDE, NARROW = 1440, 390
HEIGHTS = {WIDE: 900, NARROW: 844, 360: 740, 3840: 2160}
SETTLED = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  await frame();
  await frame();
  const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
  const ending = document.getAnimations().filter(ends);
  await Promise.allSettled(ending.map((one) => one.finished));
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
BEYOND = """() => {
  const main = document.querySelector('main');
  return main ? main.scrollHeight - main.clientHeight : 0;
}"""


async def wear(page: Page, theme: Theme) -> None:
    """Return once the page looks as in this theme."""
    await page.emulate_media(color_scheme=theme)
    await page.evaluate(SETTLED)


class Screenshot:
    """Writes `NAME-THEME-WIDTH.png` into a folder outside the tree, and leaves the page as it found it.

    Where nobody gave a folder nobody looks: then only what a program sees is looked at, in one theme.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    async def __call__(
        self,
        page: Page,
        name: str,
        *,
        themes: Sequence[Theme] = THEMES,
        widths: Sequence[int] = (WIDE, NARROW),
        whole: bool = False,
    ) -> None:
        """Write all of them, `whole` with what is below the window.

        Fails when a page is wider than its window: nobody scrolls sideways to read.
        """
        before = page.viewport_size
        for width, theme in itertools.product(widths, themes if self.folder else themes[:1]):
            height = HEIGHTS.get(width, 900)
            await page.set_viewport_size({"width": width, "height": height})
            await wear(page, theme)
            wider = await page.evaluate(OVERFLOW)
            if self.folder:
                if whole:
                    height += await page.evaluate(BEYOND)
                    await page.set_viewport_size({"width": width, "height": height})
                    await wear(page, theme)
                self.folder.mkdir(parents=True, exist_ok=True)
                path = self.folder / f"{name}-{theme}-{width}.png"
                await page.screenshot(path=path, animations="disabled")
            assert wider <= 0, f"{name} is {wider} px wider than its window of {width} px"
        await wear(page, "light")
        if before is not None:
            await page.set_viewport_size(before)
