"""A reflector: follows one resource for ever by listing once and watching from there.

Invariant: `Synced` comes only after a list read whole, and a gap in the watch is always followed by a list.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing
from typing import Final, NoReturn

import structlog

from fairlead.kube.errors import (
    ForbiddenError,
    GoneError,
    KubeError,
    ProtocolError,
    TransientError,
    UnauthorizedError,
    UnavailableError,
)
from fairlead.kube.head import PARTIAL_KIND
from fairlead.kube.lines import LineSplitter
from fairlead.kube.pace import LONGEST_REFUSED_WAIT, LONGEST_WAIT, Pace, Revival
from fairlead.kube.resource import Resource
from fairlead.kube.rest import JSON, PARTIAL, PARTIAL_LIST, KubeClient
from fairlead.kube.watch_events import Event, Lost, Relisting, Resumed, Synced, read_item, read_line

log = structlog.get_logger(__name__)

WATCH_SECONDS: Final = (240, 480)
"""A watch is asked to end after a random time in this range, so that many do not end at once."""
SILENCE_SECONDS: Final = 150.0
"""Bookmarks come about every minute; a connection silent for longer than two has stalled."""
EVENTS_BETWEEN_YIELDS: Final = 100
OLDER_LISTS_BEFORE_BELIEF: Final = 5


class StaleListError(UnavailableError):
    """A list older than what was seen already: another API server that lags."""


class Reflector:
    """Follows a resource, in all namespaces or one; tells `sink` each event, in order, on the loop.

    Whatever a turn raises, for an answer that cannot be read or a sink that fails, ends that turn only: the
    resource is lost until it was listed again.

    With a `version` it watches from there without a list. `newest` is what was seen already, by whom it goes
    on for: a list that is older is not believed at once.

    With a `name` it follows the one object of that name, which may be all that its account may read.

    Where `is_partial`, servers that can tell metadata alone are asked for that; others tell all.

    Reflectors of one server share `gate`, which bounds how many lists run at once, and `revival`, which ends
    their waits when one of them gets through again.
    """

    def __init__(
        self,
        client: KubeClient,
        resource: Resource,
        sink: Callable[[Event], None],
        *,
        gate: asyncio.Semaphore,
        namespace: str | None = None,
        label_selector: str = "",
        name: str = "",
        silence_seconds: float = SILENCE_SECONDS,
        revival: Revival | None = None,
        is_partial: bool = False,
        version: str = "",
        newest: str = "",
    ) -> None:
        self._client = client
        self._resource = resource
        self._sink = sink
        self._gate = gate
        self._namespace = namespace
        self._selector = label_selector
        self._fields = f"metadata.name={name}" if name else ""
        self._silence = silence_seconds
        self._revival = revival or Revival()
        self._accepts = (PARTIAL_LIST, PARTIAL) if is_partial else (JSON, JSON)
        self._pace = Pace()
        self._version = version
        self._newest = version or newest
        self._older_lists = 0
        self._progress = False
        self._since_yield = 0
        self._is_server_away = False

    @property
    def version(self) -> str:
        """From where it would watch on; "" where it would list."""
        return self._version

    @property
    def newest(self) -> str:
        """The newest version that was seen."""
        return self._newest

    async def run(self) -> NoReturn:
        """Never returns; ends by cancellation only."""
        while True:
            wait = await self._turn()
            if self._is_server_away:
                await self._revival.wait(wait)
            else:
                await asyncio.sleep(wait)

    async def _turn(self) -> float:
        """One list, if one is due, and one watch; the seconds to wait before the next turn."""
        self._pace.begin()
        self._progress = False
        try:
            if not self._version:
                async with self._gate:
                    await self._list()
            self._pace.begin()
            await self._watch()
        except KubeError as error:
            return self._failed(error)
        except Exception as error:
            log.exception("kube.watch.broken", resource=self._name)
            return self._failed(
                ProtocolError(f"{self._name} cannot be read: {type(error).__name__}: {error}")
            )
        return self._pace.ended(progress=self._progress)

    def _failed(self, error: KubeError) -> float:
        """Without its server, or its credentials, a watch goes on later from where it was; else it lists."""
        is_away = isinstance(error, TransientError | UnauthorizedError)
        gap = not is_away or not self._version
        if gap:
            self._version = ""
        self._is_server_away = is_away
        refused = isinstance(error, ForbiddenError)
        wait = self._pace.failed(error.retry_after, longest=LONGEST_REFUSED_WAIT if refused else LONGEST_WAIT)
        if not isinstance(error, GoneError):
            log.info("kube.watch.lost", resource=self._name, error=error.message[:200], wait=round(wait, 2))
        try:
            self._sink(Lost(error, self._pace.failures, gap))
        except Exception:
            log.exception("kube.watch.sink_failed", resource=self._name)
        return wait

    async def _list(self) -> None:
        """Every page of one snapshot. Nothing is concluded from it before the last page is in."""
        version = ""
        pages = self._client.pages(
            self._resource,
            self._namespace,
            label_selector=self._selector,
            field_selector=self._fields,
            accept=self._accepts[0],
        )
        async for page in pages:
            if not version:
                version = page.resource_version
                self._sink(Relisting(reset=self._is_reset(version)))
            is_partial = page.kind.startswith(PARTIAL_KIND)
            for item in page.items or ():
                self._sink(read_item(item, self._resource, is_partial=is_partial))
                await self._breathe()
        self._sink(Synced(version))
        self._version = self._newest = version

    def _is_reset(self, version: str) -> bool:
        """Whether the server's history went back for good. Raises StaleListError while that is in doubt."""
        if not is_older(version, self._newest):
            self._older_lists = 0
            return False
        self._older_lists += 1
        if self._older_lists < OLDER_LISTS_BEFORE_BELIEF:
            raise StaleListError(f"the list of {self._name} is older than what was seen before")
        return True

    async def _watch(self) -> None:
        """One watch request from where we are, until the server ends it."""
        lines = LineSplitter()
        stream = self._client.watch(
            self._resource,
            self._namespace,
            resource_version=self._version,
            timeout_seconds=random.randint(*WATCH_SECONDS),  # noqa: S311
            silence_seconds=self._silence,
            label_selector=self._selector,
            field_selector=self._fields,
            accept=self._accepts[1],
        )
        async with aclosing(stream) as chunks:
            async for chunk in chunks:
                if not chunk:
                    self._opened()
                for line in lines.feed(chunk):
                    self._take(line)
                    await self._breathe()

    def _opened(self) -> None:
        if self._is_server_away:
            self._is_server_away = False
            self._revival.announce()
        self._sink(Resumed())

    def _take(self, line: bytes) -> None:
        version, event = read_line(line)
        self._progress = True
        if event is not None:
            self._sink(event)
        if version and not is_older(version, self._version):
            self._version = self._newest = version

    async def _breathe(self) -> None:
        """Lets others run during long lists and bursts, which come without a pause."""
        self._since_yield += 1
        if self._since_yield >= EVENTS_BETWEEN_YIELDS:
            self._since_yield = 0
            await asyncio.sleep(0)

    @property
    def _name(self) -> str:
        name = f"{self._resource.plural}.{self._resource.group}".rstrip(".")
        return f"{self._namespace}/{name}" if self._namespace else name


def is_older(version: str, than: str) -> bool:
    """Whether one resourceVersion surely precedes another; only numbers can be compared."""
    return version.isdecimal() and than.isdecimal() and int(version) < int(than)
