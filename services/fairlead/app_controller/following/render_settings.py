"""Hands the repo-servers what ConfigMaps say about rendering: one entry of the bucket `settings`.

Invariant: what the bucket holds is, after each round, what the ConfigMaps say. One replica does it at a time:
one that was stopped knows old ones only.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from fairlead.bus import Bus, BusUnavailableError, StaleRevisionError
from fairlead.bus.topology import SETTINGS_BUCKET
from fairlead.events import RenderSettings
from fairlead.events.envelope import encode
from fairlead.events.render_settings import RENDER_SETTINGS
from fairlead.settings.controller import CONFIG_MAP
from fairlead.settings.parameters import CONFIG_MAP as PARAMETERS
from fairlead.settings.rendering import render_settings

log = structlog.get_logger(__name__)

LOOK_EVERY = 300.0
"""Seconds between two rounds in which nothing is believed of the bucket."""
AGAIN = 1.0
"""Seconds until another attempt when the bucket did not take it, and until a look at whose turn it is."""


class RenderSettingsHandOver:
    """Keeps the entry equal to the ConfigMaps. `parameters` is argocd-cmd-params-cm as it was at start."""

    def __init__(
        self, bus: Bus, parameters: Mapping[str, str], *, may_act: Callable[[], bool] = lambda: True
    ) -> None:
        self._bucket = bus.key_value(SETTINGS_BUCKET)
        self._may_act = may_act
        self._data: dict[str, Mapping[str, str]] = {CONFIG_MAP: {}, PARAMETERS: parameters}
        self._told: set[str] = set()
        self._handed: RenderSettings | None = None
        self._changed = asyncio.Event()
        bus.on_wipe(self._distrust)

    def take(self, name: str, data: Mapping[str, str]) -> None:
        """A ConfigMap is there, another, or gone (then it is empty)."""
        if name in self._data and self._data[name] != data:
            self._data[name] = data
            self._changed.set()

    def wake(self) -> None:
        """A replica came or went."""
        self._changed.set()

    async def run(self) -> None:
        """Hand over for ever; to be started once the ConfigMaps were read."""
        while True:
            self._changed.clear()
            if not self._may_act():
                self._handed = None
                await self._until_changed(AGAIN)
                continue
            try:
                await self._hand()
            except (BusUnavailableError, StaleRevisionError) as error:
                log.warning("render.settings.not_handed_over", error=str(error))
                await asyncio.sleep(AGAIN)
                continue
            await self._until_changed(LOOK_EVERY)

    async def _hand(self) -> None:
        wanted, problems = render_settings(self._data[CONFIG_MAP], self._data[PARAMETERS])
        for problem in set(problems) - self._told:
            log.warning("settings.value.refused", problem=problem)
        self._told = set(problems)
        if wanted == self._handed:
            return
        entry = await self._bucket.get(RENDER_SETTINGS)
        if entry is None or entry.value != encode(wanted):
            await self._bucket.put(RENDER_SETTINGS, encode(wanted), expected=entry.revision if entry else 0)
            log.info("render.settings.handed_over", disabled=wanted.disabled_tools)
        self._handed = wanted

    async def _until_changed(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            self._handed = None

    def _distrust(self) -> None:
        self._handed = None
        self._changed.set()
