"""Works for the partitions that are ours: takes them, and gives them up when another owns them.

Invariant: what is taken counts as told by somebody else before; what is given up is left half done and back
with NATS, from which the next owner takes it.
"""

import asyncio
from functools import partial

import structlog

from fairlead.bus import Bus, Handler, Message, RemoteError
from fairlead.bus.topology import repo_checks, repo_renders
from fairlead.events import subjects
from fairlead.process.beating import Members
from fairlead.process.supervise import supervise
from fairlead.repo_server.answering.respond import REQUESTS_AT_ONCE, Responder
from fairlead.repo_server.remotes.declared import Declared
from fairlead.repo_server.rendering.records import Records
from fairlead.repo_server.watching.check import Checker
from fairlead.repo_server.watching.follow import Follower
from fairlead.repo_server.watching.poll import Poller

log = structlog.get_logger(__name__)


class Owner:
    """The work of one repo-server, partition by partition."""

    def __init__(
        self,
        *,
        bus: Bus,
        members: Members,
        declared: Declared,
        follower: Follower,
        records: Records,
        poller: Poller,
        responder: Responder,
        checker: Checker,
        answers: dict[str, Handler],
    ) -> None:
        self._bus = bus
        self._members = members
        self._declared = declared
        self._follower = follower
        self._records = records
        self._poller = poller
        self._responder = responder
        self._checker = checker
        self._answers = answers
        self._lapses = 0
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._hears = False

    async def run(self) -> None:
        """Work until cancelled. Credentials and wishes are known, and so are the members."""
        if not self._hears:
            await self._bus.hear(f"{subjects.REVISION_CHECK}.*.*", self._hear)
            self._hears = True
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._members.changed.clear()
                    self._share(group)
                    await self._members.changed.wait()
        except Exception:
            self._at_work.clear()  # nobody works on them any more: who begins again takes all
            raise

    def _share(self, group: asyncio.TaskGroup) -> None:
        """Give up what is others' now, and take what is ours."""
        owned = self._members.owned
        for part in self._at_work.keys() - owned:
            self._give_up(part)
        if self._lapses != self._members.lapses:
            self._lapses = self._members.lapses
            self._lapse()
        if taken := owned - self._at_work.keys():
            self._take(sorted(taken), group)

    def _lapse(self) -> None:
        """We were out of sight: others may have worked for what is ours."""
        self._records.doubt()
        self._follower.doubt()
        self._poller.hurry_all()

    def _take(self, parts: list[str], group: asyncio.TaskGroup) -> None:
        self._records.doubt()
        for part in parts:
            self._poller.hurry(self._follower.take(part, self._declared))
            self._at_work[part] = group.create_task(supervise(f"partition {part}", partial(self._work, part)))
        log.info("partitions.taken", parts="".join(parts))

    def _give_up(self, part: str) -> None:
        self._at_work.pop(part).cancel()
        self._follower.give_up(part, self._declared)
        log.info("partition.given_up", part=part)

    async def _work(self, part: str) -> None:
        serving = await self._bus.serve(subjects.rpc_repo(part, "*"), self._answer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(
                    self._bus.consume(
                        repo_renders(part), self._responder.handle, concurrency=REQUESTS_AT_ONCE
                    )
                )
                group.create_task(self._bus.consume(repo_checks(part), self._checker.handle))
        finally:
            await serving.end()

    async def _answer(self, subject: str, payload: bytes) -> bytes:
        verb = subject.rpartition(".")[2]
        if verb not in self._answers:
            raise RemoteError("InvalidArgument", f"unknown question {verb!r}")
        return await self._answers[verb](subject, payload)

    async def _hear(self, message: Message) -> None:
        if not self._follower.owns(message.subject.split(".")[2]):
            self._checker.hint(message)
