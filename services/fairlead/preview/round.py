"""Which requests are open, of each repository that is previewed: asked when something is told, and slowly.

Invariant: an event only says where to look; what is missed is found by the next round.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn

import msgspec
import structlog

from fairlead.bus import Bus
from fairlead.bus.consume import Message
from fairlead.events import subjects
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.preview.counts import HOST_FAILURES, OPEN, PROBLEMS
from fairlead.preview.hosts.client import HostError, is_passing
from fairlead.preview.hosts.host import Host, Pull
from fairlead.preview.hosts.opened import Hosts
from fairlead.preview.looking.look import Looks, is_due
from fairlead.previews.errors import PreviewError
from fairlead.previews.preview import Asks
from fairlead.process.work_queue import Lane, Place, WorkQueue
from fairlead.settings.previews import (
    CONFIG_MAP,
    SECRET,
    PreviewedRepository,
    PreviewSettings,
    preview_settings,
)

log = structlog.get_logger(__name__)

MAX_PULLS: Final = 300
"""Requests of one repository that are looked at; the newest."""
BETWEEN_LISTS: Final = 5.0
"""Seconds between two lists of one repository's requests, however often something is told of it."""
OLDEST: Final = 1800.0
"""Seconds after which a request is previewed again although nothing was told: clusters change too."""
LOOKS_AT_ONCE: Final = 4
BEGINNING: Final = 2.0
"""Seconds until the configuration is read again, while it never was."""
AFTER_FAILURE: Final = 30.0
"""Seconds until a host that refused or was away is asked again."""
HEARD: Final = (
    f"{subjects.REVISION_CHECK}.*.*",
    f"{subjects.PUBLIC}.repo.*.commit.detected",
    f"{subjects.PUBLIC}.repo.*.pull-request.changed",
)
"""The fourth word of each is the repository's."""


class Key(NamedTuple):
    """What is worked on: a repository, or one request of it; 0 is the repository itself."""

    repository: str
    number: int = 0


class _Data(msgspec.Struct):
    data: dict[str, str] | None = None


class _Known(NamedTuple):
    """A repository, and its host as it was opened."""

    repository: PreviewedRepository
    host: Host


class Rounds:
    """Follows the repositories. `is_leading` says whether this replica does; the others wait."""

    def __init__(
        self,
        client: KubeClient,
        bus: Bus,
        asks: Asks,
        hosts: Hosts,
        looks: Looks,
        *,
        namespace: str,
        is_leading: Callable[[], bool],
    ) -> None:
        self._client = client
        self._bus = bus
        self._asks = asks
        self._hosts = hosts
        self._looks = looks
        self._namespace = namespace
        self._is_leading = is_leading
        self._queue: WorkQueue[Key] = WorkQueue(lambda key: Place(key.repository, Lane.OPERATION))
        self._known: dict[str, _Known] = {}
        self._tokens: dict[str, str] = {}
        self._open: dict[str, int] = {}
        self._listed: dict[str, float] = {}
        self._begun = asyncio.Event()
        self._problems: tuple[str, ...] = ()
        self._values: Mapping[str, str] = {}
        self._was_leading = False
        self.settings = PreviewSettings()
        self.is_configured = False

    def lead(self) -> None:
        """This replica may have begun to lead, or ceased to."""
        if self._is_leading() is not self._was_leading:
            self._was_leading = not self._was_leading
            log.info("preview.leading", is_leading=self._was_leading)
            self._looks.forget()
            self._begun.set()

    def poke(self) -> None:
        """The configuration may be another one."""
        self._begun.set()

    async def follow(self) -> NoReturn:
        """Round after round, for ever."""
        for subject in HEARD:
            await self._bus.hear(subject, self._heard)
        while True:
            self._begun.clear()
            if self._is_leading() and await self.read():
                for identity in self._known:
                    self._queue.add(Key(identity))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.settings.interval if self.is_configured else BEGINNING):
                    await self._begun.wait()

    async def work(self) -> NoReturn:
        """Do what is to be done, for ever."""
        await self._queue.serve(self._work, workers=1, operators=LOOKS_AT_ONCE)

    async def read(self) -> bool:
        """What is configured now. Whether it could be read."""
        try:
            settings = preview_settings(await self._data(CONFIG_MAPS, CONFIG_MAP))
            secret = await self._secret()
        except KubeError as error:
            log.warning("preview.configuration.unreadable", error=error.message[:200])
            return False
        problems = list(settings.problems)
        known: dict[str, _Known] = {}
        for one in settings.repositories:
            try:
                known[one.identity] = self._opened(one, secret)
            except HostError as error:
                problems.append(f"{one.identity}: {error}")
        for problem in set(problems) - set(self._problems):
            log.warning("preview.configuration.problem", problem=problem)
        self._problems = tuple(problems)
        PROBLEMS.set(len(problems))
        self.settings, self._known, self._values = settings, known, secret
        self._tokens = {subjects.repository_token(identity): identity for identity in known}
        self._open = {name: count for name, count in self._open.items() if name in known}
        self._listed = {name: at for name, at in self._listed.items() if name in known}
        self.is_configured = True
        return True

    def _opened(self, one: PreviewedRepository, secret: Mapping[str, str]) -> _Known:
        """One that is as it was is not opened anew: who we are there is known."""
        before = self._known.get(one.identity)
        if before is not None and before.repository == one and secret == self._values:
            return before
        return _Known(one, self._hosts.opened(one, secret))

    async def _heard(self, message: Message) -> None:
        token = message.subject.split(".")[3]
        identity = self._tokens.get(token)
        if identity is not None and self._is_leading():
            due = self._listed.get(identity, -BETWEEN_LISTS) + BETWEEN_LISTS
            self._queue.add_after(Key(identity), max(0.0, due - time.monotonic()))

    async def _work(self, key: Key) -> float | None:
        known = self._known.get(key.repository)
        if known is None or not self._is_leading():
            return None
        try:
            if key.number:
                return await self._looks.look(known.repository, key.number, known.host, self.settings)
            await self._list(known)
        except HostError as error:
            HOST_FAILURES.inc()
            log.warning(
                "preview.host.failed", repository=key.repository, number=key.number, reason=str(error)
            )
            return max(AFTER_FAILURE, error.wait) if is_passing(error) else None
        return None

    async def _list(self, known: _Known) -> None:
        """The open requests, of which those are looked at that have to be."""
        repository = known.repository
        self._listed[repository.identity] = time.monotonic()
        found = sorted(await known.host.pulls(), key=lambda pull: -pull.number)
        if len(found) > MAX_PULLS:
            log.warning(
                "preview.requests.many", repository=repository.identity, left_out=len(found) - MAX_PULLS
            )
        pulls = [each for each in found[:MAX_PULLS] if not each.is_fork or repository.allow_forks]
        self._open[repository.identity] = len(pulls)
        OPEN.set(sum(self._open.values()))
        commits = await self._targets(repository, pulls)
        numbers = {pull.number for pull in pulls}
        for identity, number in list(self._looks.seen):
            if identity == repository.identity and number not in numbers:
                self._looks.drop(identity, number)
        for pull in pulls:
            key = Key(repository.identity, pull.number)
            if is_due(self._looks.seen.get(key), pull, commits, oldest=OLDEST):
                self._queue.add(key)

    async def _targets(self, repository: PreviewedRepository, pulls: list[Pull]) -> dict[str, str]:
        """Where the branches are that requests are for; of one that cannot be told nothing is concluded."""
        found: dict[str, str] = {}
        for target in {
            pull.target for pull in pulls if (repository.identity, pull.number) in self._looks.seen
        }:
            try:
                branch = f"refs/heads/{target}"
                merged = await self._asks.merge(repository.url, project="", head=branch, target=branch)
            except PreviewError as error:
                log.info("preview.target.unknown", repository=repository.identity, reason=str(error))
                continue
            found[target] = merged.target
        return found

    async def _data(self, resource: Resource, name: str) -> dict[str, str]:
        raw = await self._client.find(resource, name, self._namespace)
        return (msgspec.json.decode(raw, type=_Data).data or {}) if raw is not None else {}

    async def _secret(self) -> dict[str, str]:
        found = await self._data(SECRETS, SECRET)
        return {name: base64.b64decode(value).decode(errors="replace") for name, value in found.items()}
