"""Whether a cluster can be read at all, found out by one task for all of its applications.

Invariant: a problem begins and ends once, each told when it happens; nobody else asks the cluster how it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec
import structlog

from fairlead.kube.discovery import ServerVersion
from fairlead.kube.errors import KubeError
from fairlead.kube.live_state import LiveState
from fairlead.kube.pace import Pace
from fairlead.kube.rest import KubeClient
from fairlead.model.times import stamp

log = structlog.get_logger(__name__)

PATIENCE = 15.0
"""Seconds a cluster may take to begin to be read, and then to go on with that, before there is a problem."""
ANSWER_WITHIN = 10.0
"""Seconds a cluster has to say its version when it is in doubt."""
BETWEEN_QUESTIONS = 1.0
ASK_EVERY = 300.0
"""Seconds after which a cluster that is well is asked all the same."""
WORDS_HOLD = 60.0
"""Seconds for which a problem keeps its words, so that changing ones do not rewrite every status."""
MAX_WORDS = 300


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a cluster cannot be read, the time since when, and the same as `time.monotonic()`."""

    words: str
    since: str
    began: float

    @property
    def lasted(self) -> float:
        """Seconds."""
        return time.monotonic() - self.began


class Pulse:
    """Asks the cluster when there is reason to doubt it, and says when its problem begins and ends."""

    def __init__(
        self,
        server: str,
        client: KubeClient,
        live: LiveState,
        *,
        on_change: Callable[[], None],
        on_verdict: Callable[[], None],
    ) -> None:
        self.problem: Problem | None = None
        self.asked_at = ""
        """When the cluster was asked last how it is."""
        self._server = server
        self._client = client
        self._live = live
        self._on_change = on_change
        self._on_verdict = on_verdict
        self._suspected = asyncio.Event()
        self._worded_at = 0.0
        self._read: tuple[int, int] | None = None
        self._read_at = 0.0
        live.observe_states(lambda _: self.suspect())

    def suspect(self) -> None:
        """Something that the cluster was asked failed, or was read: see how it is."""
        self._suspected.set()

    async def run(self) -> None:
        """Until cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._live.wait_synced()
        pace = Pace()
        while True:
            self._suspected.clear()
            pace.begin()
            words = await self._asked()
            if words:
                self._ails(words)
                self._on_verdict()
                await self._suspicion(pace.failed())
            else:
                pace = Pace()
                self._is_well()
                self._on_verdict()
                await self._suspicion(ASK_EVERY if self._live.is_synced else PATIENCE / 3)
            await asyncio.sleep(BETWEEN_QUESTIONS)

    async def _suspicion(self, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._suspected.wait()

    async def _asked(self) -> str:
        """Why the cluster cannot be read, or ""."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                self._note_version(await self._client.reaches("/version"))
        except TimeoutError:
            return f"no answer within {ANSWER_WITHIN:g} s"
        except KubeError as error:
            return error.outline[:MAX_WORDS]
        finally:
            self.asked_at = stamp()
        if self.problem is not None:
            self._live.revive()
        if self._live.is_synced:
            return self._live.doubt[:MAX_WORDS]
        return self._stuck()

    def _note_version(self, answer: bytes) -> None:
        """An upgrade tells nobody: what the server serves is asked for again once its version is another."""
        known = self._live.discovery.server_version.git_version
        with suppress(msgspec.DecodeError):
            version = msgspec.json.decode(answer, type=ServerVersion).git_version
            if known and version != known:
                log.info("cluster.upgraded", server=self._server, version=version, before=known)
                self._live.revive()

    def _stuck(self) -> str:
        """What has not been read although the cluster answers, if nothing more was read for a while."""
        unread = self._live.unknown_kinds()
        read, now = (len(unread), len(self._live.index)), time.monotonic()
        if read != self._read:
            self._read, self._read_at = read, now
        if now - self._read_at < PATIENCE:
            return ""
        return f"it is still being read: {', '.join(sorted(map(str, unread))[:5]) or 'discovery'}"

    def _ails(self, words: str) -> None:
        before, now = self.problem, time.monotonic()
        if before is not None and (before.words == words or now - self._worded_at < WORDS_HOLD):
            return
        self._worded_at = now
        if before is not None:
            self.problem = msgspec.structs.replace(before, words=words)
        else:
            self.problem = Problem(words=words, since=stamp(), began=now)
            log.warning("cluster.away", server=self._server, problem=words)
        self._on_change()

    def _is_well(self) -> None:
        if self.problem is not None:
            log.info("cluster.back", server=self._server, away=round(self.problem.lasted, 1))
            self.problem = None
            self._on_change()
