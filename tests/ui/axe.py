"""Barriers that axe finds on a page."""

from collections.abc import Sequence
from typing import Any

from playwright.async_api import Page

from tests.ui.screenshot import THEMES, Theme, wear

RUN = """([within, runOnly]) => axe.run(within || document, {resultTypes: ['violations'], runOnly})"""
ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What another theme can change: the rest of a page is the same in both."""
WORSE = {"serious", "critical"}


class Axe:
    """Fails for what is serious or critical."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def __call__(self, page: Page, within: str = "", *, themes: Sequence[Theme] = THEMES) -> None:
        """Look at a page, or within what a selector finds, in each theme."""
        await page.evaluate(self._source)
        for theme in themes:
            await wear(page, theme)
            rules = ALL if theme == themes[0] else COLOURS
            found: dict[str, Any] = await page.evaluate(RUN, [within, rules])
            barriers = [one for one in found["violations"] if one["impact"] in WORSE]
            assert not barriers, f"{theme}:\n" + "\n".join(map(_told, barriers))
        await wear(page, "light")


def _told(barrier: dict[str, Any]) -> str:
    places = "".join(
        f"\n    {node['html'][:200]}\n      {node['failureSummary']}" for node in barrier["nodes"][:5]
    )
    return f"{barrier['id']} ({barrier['impact']}): {barrier['help']}{places}"
