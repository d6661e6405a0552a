"""One hydration: from what a dry source is at to what the applications say of it.

The story: find the dry commit → decide → read the head of the branch → look at the dry source anew → render
all → have it written → say what came of it. A newer dry commit that is heard of before anything was written
begins it anew; a branch that moved meanwhile does, too.

Applications that are hydrated together are so or not at all: where one cannot be rendered nothing is written,
as a branch says one dry commit of all of them. Invariant: whatever becomes of this process, the status says
that a hydration is under way, or is at another dry commit, so that whoever has the branch next does it anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import msgspec
import structlog

from fairlead.app_controller.hydrating import outcome
from fairlead.app_controller.hydrating.commit import CommitServer, UncommittedError
from fairlead.app_controller.hydrating.decide import Reason, is_hard, pause_after, reason_of, reasons
from fairlead.app_controller.hydrating.dry import DrySourceError, DrySources
from fairlead.app_controller.hydrating.rendered import DryRenders, UnrenderedError
from fairlead.app_controller.hydrating.tell import HydrationTeller
from fairlead.app_controller.hydrating.write import HydrationStatus
from fairlead.matching.repository import without_password
from fairlead.model.application import AppId, Application
from fairlead.model.metadata import Time
from fairlead.model.status import SourceHydratorStatus
from fairlead.model.times import stamp
from fairlead.rpc.followed import AS_FETCHED
from fairlead.rpc.hydration import DryCommit, Hydrated, HydratedPath

log = structlog.get_logger(__name__)

TRIES = 6
"""How often a hydration is begun anew in one go because something moved meanwhile."""
EARLY = 0.25, 4.0
"""Seconds until it is looked again whether an application was looked at for the first time, doubling; once
they are as many as the second number that is said."""
UNSEEN = 3
"""Looks in a row that a dry source may miss before applications that are hydrated say so."""


class Failures(msgspec.Struct, frozen=True):
    """How often in a row hydrations of a group failed, at which commit, and from when on it may be tried by
    itself (`time.monotonic()`)."""

    commit: str = ""
    count: int = 0
    due: float = 0.0


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at a group came to: seconds until the next one is due by itself, None for the usual."""

    failures: Failures = Failures()
    again_after: float | None = None


class FailedError(Exception):
    """A hydration failed at a commit, "" for one that is not known; `words` are those of each application
    that is at fault, and what all others say is the message."""

    def __init__(self, message: str, commit: str, words: Mapping[AppId, str] = {}) -> None:
        super().__init__(message)
        self.commit = commit
        self.words = words


class EarlyError(Exception):
    """An application was not looked at yet by the controller of its cluster."""


class MovedError(Exception):
    """The branch, or the dry source, is elsewhere by now: begin anew."""


class Heard(Protocol):
    """What is heard of while a group is worked on."""

    def covered(self) -> None:
        """All that was heard of until now is seen by the look that has just ended."""

    def is_newer(self) -> bool:
        """Whether something was heard of since."""


class Hydration:
    """Hydrates groups."""

    def __init__(
        self,
        *,
        dry: DrySources,
        renders: DryRenders,
        commits: CommitServer,
        status: HydrationStatus,
        teller: HydrationTeller,
        now: Callable[[], float],
    ) -> None:
        self._dry = dry
        self._renders = renders
        self._commits = commits
        self._status = status
        self._teller = teller
        self._now = now
        self._digests: dict[AppId, str] = {}

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._digests.pop(app_id, None)

    async def look(
        self,
        apps: Sequence[Application],
        *,
        max_age: float,
        known: Failures,
        heard: Heard,
    ) -> Ended:
        """Hydrate these applications together if that is due. Raises BusUnavailableError."""
        is_asked = Reason.ASKED in reasons(apps, "")
        started_at = stamp()
        try:
            dry = await self._dry.commit(apps[0], max_age=0.0 if is_asked else max_age)
        except DrySourceError as error:
            if reasons(apps, "") or known.count >= UNSEEN:
                return await self._failed(apps, FailedError(str(error), ""), known, started_at)
            return self._counted(known, "")
        why = reasons(apps, dry.sha)
        wait = known.due - self._now() if known.commit == dry.sha else 0.0
        if why <= {Reason.FAILED} and (not why or wait > 0):
            return Ended(failures=known, again_after=wait) if why else Ended()
        log.info("hydration.begun", branch=_branch(apps), apps=len(apps), commit=dry.sha, why=sorted(why))
        try:
            dry, answer = await self._hydrated(apps, dry.sha, started_at, heard)
        except EarlyError as error:
            return await self._early(apps, dry.sha, str(error), known, started_at)
        except FailedError as error:
            return await self._failed(apps, error, known, started_at)
        return await self._succeeded(apps, dry, answer, started_at)

    async def _hydrated(
        self, apps: Sequence[Application], commit: str, started_at: Time, heard: Heard
    ) -> tuple[DryCommit, Hydrated]:
        """Raises EarlyError and FailedError."""
        for _ in range(TRIES):
            try:
                return await self._tried(apps, commit, started_at, heard)
            except MovedError as error:
                log.info("hydration.begun_anew", branch=_branch(apps), reason=str(error))
        raise FailedError("the branch and its dry source keep moving; it is tried again", commit)

    async def _tried(
        self, apps: Sequence[Application], commit: str, started_at: Time, heard: Heard
    ) -> tuple[DryCommit, Hydrated]:
        """Raises MovedError, too. The head is read before the dry source is looked at: that is the order."""
        try:
            head = await self._commits.head(apps)
            dry = await self._dry.commit(apps[0], max_age=0.0)
            commit = dry.sha
            heard.covered()
            _require_another_branch(apps, dry)
            due = [app for app in apps if reason_of(app, dry.sha) not in (None, Reason.COMMIT)]
            await self._begin(due, dry.sha, started_at)
            paths = await self._paths(apps, dry.sha)
            await self._begin(self._touched(apps, paths, dry.sha), dry.sha, started_at)
            if heard.is_newer():
                await self._require_newest(apps, dry, heard)
            answer = await self._commits.hydrate(apps, dry, paths, head)
        except (DrySourceError, UncommittedError) as error:
            raise FailedError(str(error), commit) from error
        if answer.overtaken:
            raise MovedError("the branch was written to meanwhile")
        self._digests |= {app.id: path.digest for app, path in zip(apps, paths, strict=True)}
        return dry, answer

    async def _require_newest(self, apps: Sequence[Application], dry: DryCommit, heard: Heard) -> None:
        """What was heard of may be another ref, such as a branch of the same repository that was hydrated.
        Raises MovedError and DrySourceError.
        """
        newest = await self._dry.commit(apps[0], max_age=AS_FETCHED)
        heard.covered()
        if newest.sha != dry.sha:
            raise MovedError("there is a newer dry commit")

    def _touched(
        self, apps: Sequence[Application], paths: Sequence[HydratedPath], commit: str
    ) -> list[Application]:
        """Those that a commit makes something else of than what was written last, as far as that is known."""
        pairs = [pair for pair in zip(apps, paths, strict=True) if reason_of(pair[0], commit) is not None]
        return [app for app, path in pairs if self._digests.get(app.id) != path.digest]

    async def _paths(self, apps: Sequence[Application], commit: str) -> list[HydratedPath]:
        """Of all of them, or of none."""
        found = await self._renders.of(apps, commit, hard=is_hard(apps))
        errors = {
            app.id: one for app, one in zip(apps, found, strict=True) if isinstance(one, UnrenderedError)
        }
        if not errors:
            return [one for one in found if isinstance(one, HydratedPath)]
        if all(error.is_early for error in errors.values()):
            named = ", ".join(app_id.qualified for app_id in errors)
            raise EarlyError(f"the controller of its cluster has not looked at {named} yet")
        app_id, error = next(iter(errors.items()))
        more = f" (and {len(errors) - 1} more have)" if len(errors) > 1 else ""
        raise FailedError(
            f"nothing is hydrated, because application {app_id.qualified} has an error{more}: {error}",
            commit,
            {app_id: str(error) for app_id, error in errors.items()},
        )

    async def _begin(self, apps: Sequence[Application], commit: str, started_at: Time) -> None:
        """Say that it is under way, where that is not said yet."""
        wanted = [(app, outcome.hydrating(app, commit, started_at)) for app in map(self._status.newest, apps)]
        await self._status.write(pair for pair in wanted if not _says(*pair))

    async def _succeeded(
        self, apps: Sequence[Application], dry: DryCommit, answer: Hydrated, started_at: Time
    ) -> Ended:
        commit = answer.hydrated_sha
        if answer.pushed or not all(_is_at(app, commit) for app in apps):  # who pushed may have died untold
            await self._teller.pushed(apps)
        newest = [self._status.newest(app) for app in apps]
        said = [(app, outcome.hydrated(app, dry.sha, commit, started_at)) for app in newest]
        news = [app for app, status in said if status != app.status.source_hydrator]
        is_said = await self._status.write(said)
        await self._answered(apps)
        await self._teller.hydrated(news, dry.sha, commit, pushed=answer.pushed)
        log.info(
            "hydration.done", branch=_branch(apps), commit=dry.sha, hydrated=commit, pushed=answer.pushed
        )
        return Ended(again_after=None if is_said else pause_after(1))

    async def _failed(
        self, apps: Sequence[Application], error: FailedError, known: Failures, started_at: Time
    ) -> Ended:
        log.warning("hydration.failed", branch=_branch(apps), commit=error.commit, error=str(error)[:500])
        words = {app.id: error.words.get(app.id, str(error)) for app in apps}
        await self._status.write(
            (app, outcome.failed(app, error.commit, words[app.id], started_at))
            for app in map(self._status.newest, apps)
        )
        await self._answered(apps)
        if error.commit != known.commit or not known.count:
            await self._teller.failed(apps, error.commit, words)
        return self._counted(known, error.commit)

    async def _early(
        self, apps: Sequence[Application], commit: str, words: str, known: Failures, started_at: Time
    ) -> Ended:
        """Applications that are new are looked at in a moment."""
        pause = EARLY[0] * 2**known.count
        if pause >= EARLY[1]:
            return await self._failed(apps, FailedError(words, commit), known, started_at)
        return Ended(failures=Failures("", known.count + 1), again_after=pause)

    def _counted(self, known: Failures, commit: str) -> Ended:
        count = known.count + 1 if known.commit == commit else 1
        pause = pause_after(count)
        return Ended(failures=Failures(commit, count, self._now() + pause), again_after=pause)

    async def _answered(self, apps: Sequence[Application]) -> None:
        for app in apps:
            await self._status.clear_request(app)


def _says(app: Application, wanted: SourceHydratorStatus) -> bool:
    """Whether the status says already that this very hydration is under way."""
    known, new = app.status.source_hydrator.current_operation, wanted.current_operation
    return (
        known is not None
        and new is not None
        and msgspec.structs.replace(known, started_at=new.started_at) == (new)
    )


def _is_at(app: Application, commit: str) -> bool:
    """Whether the status says already where the branch is."""
    last = app.status.source_hydrator.last_successful_operation
    return last is not None and last.hydrated_sha == commit


def _require_another_branch(apps: Sequence[Application], dry: DryCommit) -> None:
    """What was hydrated is not hydrated once more, for ever. Raises FailedError."""
    for app in apps:
        last = app.status.source_hydrator.last_successful_operation
        if last is not None and last.hydrated_sha == dry.sha:
            raise FailedError(
                f"the dry source is at {dry.sha}, which was itself hydrated: drySource and the branch that "
                "is written to have to be different branches",
                dry.sha,
            )


def _branch(apps: Sequence[Application]) -> str:
    hydrator = apps[0].spec.source_hydrator
    return f"{without_password(hydrator.write_url)} {hydrator.written_branch}" if hydrator else ""
