"""The story of a look: read the request, preview it, read it again, write what changed.

Invariant: what is written is of the head that the host has at that moment; there is one comment, however
often and by whomever the look is made; nothing is written without the lease.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog

from fairlead.matching.globs import matches_list
from fairlead.preview.counts import PREVIEWS
from fairlead.preview.hosts.host import ERROR, FAILURE, PENDING, SUCCESS, Host, Pull, Status
from fairlead.preview.looking.mark import is_equal, mark_of, ours_among
from fairlead.previews.errors import PreviewError, PreviewLaterError
from fairlead.previews.markdown import comment
from fairlead.previews.preview import Asks, Change, preview
from fairlead.previews.report import Report
from fairlead.settings.previews import PreviewedRepository, PreviewSettings

log = structlog.get_logger(__name__)

AGAIN: Final = 20.0
"""Seconds until what could not be found out is asked again."""
MOST_AGAIN: Final = 6
"""Times that it is, before the next round of all requests does."""
APPLICATIONS_AT_ONCE: Final = 4
"""Applications that are rendered at once, for all requests."""


class Seen(msgspec.Struct, kw_only=True):
    """What was said of a request last: of which head and of which commit of its target; `tries` are those in
    vain since, `at` a monotonic second."""

    head: str
    target: str
    commit: str = ""
    tries: int = 0
    at: float = 0.0


class Looks:
    """Looks at requests. `may_write` is whether this replica leads; `secret` makes the marks."""

    def __init__(self, asks: Asks, *, secret: bytes, may_write: Callable[[], bool]) -> None:
        self._asks = asks
        self._secret = secret
        self._may_write = may_write
        self._gate = asyncio.Semaphore(APPLICATIONS_AT_ONCE)
        self._said: dict[tuple[str, int], tuple[str, Status]] = {}
        self.seen: dict[tuple[str, int], Seen] = {}

    def forget(self) -> None:
        """Another replica may have written since: nothing that was said is known any more."""
        self.seen.clear()
        self._said.clear()

    def drop(self, repository: str, number: int) -> None:
        """A request that is not open any more."""
        self.seen.pop((repository, number), None)
        self._said.pop((repository, number), None)

    async def look(
        self, repository: PreviewedRepository, number: int, host: Host, settings: PreviewSettings
    ) -> float | None:
        """Preview one request. Seconds until the next look, None when the next event brings it.

        Raises HostError.
        """
        key = (repository.identity, number)
        pull = await host.pull(number)
        if pull is None or not pull.sha or (pull.is_fork and not repository.allow_forks):
            self.drop(*key)
            return None
        link = f"{settings.url.rstrip('/')}/applications" if settings.url else ""
        await self._announce(key, host, pull, link)
        try:
            report = await self._previewed(repository, pull, settings)
        except PreviewError as error:
            return await self._failed(key, host, pull, error, link)
        now = await host.pull(number)
        if now is None or (now.sha, now.target) != (pull.sha, pull.target) or not self._may_write():
            log.info("preview.overtaken", repository=repository.identity, number=number, head=pull.sha)
            PREVIEWS.labels("overtaken").inc()
            return 0.0 if now is not None and self._may_write() else None
        await self._tell(repository, host, pull, report, link)
        return self._settled(key, pull, report)

    async def _previewed(
        self, repository: PreviewedRepository, pull: Pull, settings: PreviewSettings
    ) -> Report:
        change = Change(url=repository.url, head=pull.sha, target=pull.target, of_strangers=pull.is_fork)

        def may_show(_namespace: str, _name: str, project: str) -> bool:
            return matches_list(repository.projects, project)

        started = time.perf_counter()
        report = await preview(
            self._asks,
            change,
            may_show,
            hidden=settings.masked_annotations,
            most=settings.applications,
            gate=self._gate,
        )
        if not report.head.startswith(pull.sha.lower()):
            words = f"{pull.sha[:12]} is {report.head[:12]} in the repository: a ref has its name"
            raise PreviewError(words)
        log.info(
            "preview.made",
            repository=repository.identity,
            number=pull.number,
            head=report.head,
            affected=len(report.applications),
            followers=report.followers,
            seconds=round(time.perf_counter() - started, 3),
        )
        return report

    async def _announce(self, key: tuple[str, int], host: Host, pull: Pull, link: str) -> None:
        """Say once of each head that it is being looked at."""
        said = self._said.get(key)
        if (said is not None and said[0] == pull.sha) or not self._may_write():
            return
        words = "what this would deploy is being found out"
        await self._say(key, host, pull, Status(state=PENDING, words=words, url=link))

    async def _say(self, key: tuple[str, int], host: Host, pull: Pull, status: Status) -> None:
        """A status once: hosts keep each, and take no more of a commit after so many."""
        if self._said.get(key) == (pull.sha, status):
            return
        await host.status(pull, status)
        self._said[key] = (pull.sha, status)

    async def _tell(
        self, repository: PreviewedRepository, host: Host, pull: Pull, report: Report, link: str
    ) -> None:
        """The comment first: a status says that all has been said."""
        mark = mark_of(self._secret, repository.identity, pull.number, host.dialect)
        body = comment(report, host.dialect, mark=mark)
        known = ours_among(await host.comments(pull.number), mark)
        if not self._may_write():
            return
        if known is None:
            await host.comment(pull.number, body)
        elif not is_equal(known.body, body):
            await host.rewrite(pull.number, known, body)
        state = SUCCESS if report.is_fine or not repository.blocks else FAILURE
        key = (repository.identity, pull.number)
        await self._say(key, host, pull, Status(state=state, words=report.summary, url=link))
        PREVIEWS.labels(state).inc()

    def _settled(self, key: tuple[str, int], pull: Pull, report: Report) -> float | None:
        before = self.seen.get(key)
        tries = before.tries + 1 if before is not None and before.head == pull.sha else 1
        is_settled = report.is_settled
        self.seen[key] = Seen(
            head=pull.sha,
            target=pull.target,
            commit=report.target,
            tries=0 if is_settled else tries,
            at=time.monotonic(),
        )
        return None if is_settled or tries >= MOST_AGAIN else AGAIN

    async def _failed(
        self, key: tuple[str, int], host: Host, pull: Pull, error: PreviewError, link: str
    ) -> float | None:
        """Nothing can be said of it: its status says why."""
        is_passing = isinstance(error, PreviewLaterError)
        before = self.seen.get(key)
        tries = before.tries + 1 if before is not None and before.head == pull.sha else 1
        self.seen[key] = Seen(head=pull.sha, target=pull.target, tries=tries, at=time.monotonic())
        log.warning("preview.failed", repository=key[0], number=key[1], reason=str(error), tries=tries)
        PREVIEWS.labels("failed").inc()
        if is_passing and tries < MOST_AGAIN:
            return AGAIN
        if self._may_write():
            await self._say(
                key, host, pull, Status(state=ERROR, words=f"cannot be previewed: {error}", url=link)
            )
        return None


def is_due(seen: Seen | None, pull: Pull, commits: Mapping[str, str], *, oldest: float) -> bool:
    """Whether a request has to be looked at: it is new, its head or target moved, or what was said of it is
    older than `oldest` seconds, as clusters change too. `commits` are where the targets are now."""
    if seen is None or (seen.head, seen.target) != (pull.sha, pull.target):
        return True
    if time.monotonic() - seen.at > oldest:
        return True
    return bool(commits.get(pull.target)) and commits[pull.target] != seen.commit
