"""Which sidecar renders a source that names none: the first, by name, that says so (contract 7.1).

Invariant: a sidecar that fails to answer makes the question unanswered, never "none": what it would have
rendered must not be rendered otherwise, and then pruned. What was answered holds for a folder as it is, its
path and the variables; the commit's own are left out, so that a commit elsewhere asks nobody.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

import msgspec
import structlog

from fairlead.repo_server.plugins.errors import PluginAwayError, PluginFailedError
from fairlead.repo_server.plugins.patience import Patience
from fairlead.repo_server.plugins.sidecar import Matched
from fairlead.repo_server.plugins.sockets import Socket, Sockets

log = structlog.get_logger(__name__)

KNOWN = 20_000
"""Answers that are remembered."""
FAILED = 300.0
"""Seconds for which a command that failed is taken for one that says no."""
_OF_COMMIT = "ARGOCD_APP_REVISION"

Ask = Callable[[Socket], Awaitable[Matched]]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A source as it is asked about: its folder's path and tree, and the variables."""

    path: str
    tree: str
    environment: Mapping[str, str]

    def key(self) -> str:
        """Names all that an answer is taken to depend on."""
        said = sorted(item for item in self.environment.items() if not item[0].startswith(_OF_COMMIT))
        return hashlib.sha256(msgspec.json.encode([self.path, self.tree, said])).hexdigest()


class Discovery:
    """Asks, and remembers."""

    def __init__(self, sockets: Sockets, patience: Patience, expected: tuple[str, ...] = ()) -> None:
        self._sockets = sockets
        self._patience = patience
        self._expected = expected
        self._known: OrderedDict[tuple[str, int, int, str], tuple[Matched, float]] = OrderedDict()

    @property
    def is_needed(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self._expected or self._sockets.all())

    async def find(self, place: Place, ask: Ask) -> Socket | None:
        """The sidecar, or None when none renders it. Raises PluginAwayError."""
        sockets = self._sockets.all()
        answers = await asyncio.gather(
            *(self._renders(socket, place, ask) for socket in sockets), return_exceptions=True
        )
        for socket, answer in zip(sockets, answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            if answer:
                return socket
        missing = sorted(set(self._expected) - {socket.sidecar.name for socket in sockets})
        if missing:
            raise PluginAwayError(f"plugin {missing[0]} is not there yet")
        return None

    async def matched(self, socket: Socket, place: Place, ask: Ask) -> Matched:
        """What a sidecar says of a source; one that answers with a failure does not render it.

        Raises PluginAwayError.
        """
        key = (socket.sidecar.name, socket.inode, socket.made, place.key())
        now, until = asyncio.get_running_loop().time(), float("inf")
        if key not in self._known or self._known[key][1] < now:
            try:
                found = await self._patience.asked(socket, lambda: ask(socket))
            except PluginFailedError as error:
                log.warning("plugin.does_not_match", plugin=socket.sidecar.name, reason=str(error))
                found, until = Matched(is_discovery_enabled=True), now + FAILED
            while len(self._known) >= KNOWN:
                self._known.popitem(last=False)
            self._known[key] = (found, until)
        return self._known[key][0]

    def forget(self, place: Place) -> None:
        """Ask anew about a source."""
        key = place.key()
        for known in [known for known in self._known if known[-1] == key]:
            del self._known[known]

    async def _renders(self, socket: Socket, place: Place, ask: Ask) -> bool:
        configuration = await self._patience.asked(socket, lambda: self._sockets.configuration(socket))
        if not configuration.is_discovery_configured:
            return False
        return (await self.matched(socket, place, ask)).is_supported
