"""The settings that renders depend on, as the app-controller hands them over.

Invariant: nothing is rendered for guessed settings: what was never handed over is waited for. What is known
stays in force while the bus is away, and is forgotten for nothing but a newer entry.
"""

import asyncio
from collections.abc import Callable

import structlog

from fairlead.bus import Bus
from fairlead.bus.topology import SETTINGS_BUCKET
from fairlead.events import RenderSettings, SchemaError, decode
from fairlead.events.render_settings import RENDER_SETTINGS

log = structlog.get_logger(__name__)


class SettingsInForce:
    """`current` is what a render that begins now is bound to, and another object after each change; of which
    `on_change` is told."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self.current = RenderSettings()
        self._on_change = on_change
        self._synced = asyncio.Event()

    @property
    def is_synced(self) -> bool:
        """Whether settings were handed over once."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Return once settings were handed over."""
        await self._synced.wait()

    def assume_default(self) -> None:
        """Nobody may ever hand over any: until then the defaults hold."""
        self._synced.set()

    async def watch(self, bus: Bus) -> None:
        """Follow what is handed over for ever."""
        async for entry in bus.key_value(SETTINGS_BUCKET).watch():
            if entry.key == RENDER_SETTINGS and entry.value:
                self.take(entry.value)

    def take(self, value: bytes) -> None:
        """The entry, as it was put."""
        try:
            settings = decode(RenderSettings, value)
        except SchemaError as error:
            log.error("render.settings.unreadable", error=str(error))  # noqa: TRY400
            return
        self._synced.set()
        if settings != self.current:
            self.current = settings
            log.info("render.settings.changed", disabled=settings.disabled_tools)
            self._on_change()
