"""The engines for the texts of people: one for the operator's, one for those of namespaces.

Why two: whoever may write a configuration of a namespace can keep an engine busy until its deadline, and then
waits for nobody's but that.
"""

from __future__ import annotations

from pathlib import Path

from fairlead.notices.configuration import Configuration
from fairlead.render.scripts import Scripts


class Engines:
    """Both are started when they are first asked."""

    def __init__(self, binary: Path | None) -> None:
        self._operator = Scripts(binary)
        self._namespaces = Scripts(binary)

    def __call__(self, configuration: Configuration) -> Scripts:
        """The one for a configuration."""
        return self._namespaces if configuration.is_own else self._operator

    async def aclose(self) -> None:
        """End both."""
        await self._operator.aclose()
        await self._namespaces.aclose()
