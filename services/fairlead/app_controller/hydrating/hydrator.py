"""When branches are hydrated: as applications change, as dry commits are heard of, and once a period.

A branch is worked on by one replica, whichever clusters its applications are on, and by one task at a time.
Invariant: what is heard of while a branch is worked on is looked at after that; a branch that fails holds up
no other one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import structlog

from fairlead.app_controller.book import Book, Record
from fairlead.app_controller.following.asked import hydration_of, refresh_of
from fairlead.app_controller.hydrating import outcome
from fairlead.app_controller.hydrating.branches import Branch, Branches, Dry, branch_of, together
from fairlead.app_controller.hydrating.hydrate import Ended, Failures, Hydration
from fairlead.app_controller.hydrating.refuse import Forbidden, refused
from fairlead.app_controller.hydrating.write import HydrationStatus
from fairlead.bus import BusUnavailableError
from fairlead.kube.fence import holding
from fairlead.model.application import AppId, Application, ApplicationSpec
from fairlead.model.times import stamp
from fairlead.process.membership import Membership
from fairlead.process.work_queue import Lane, Place, WorkQueue
from fairlead.rpc.followed import AS_FETCHED

log = structlog.get_logger(__name__)

WITHOUT_POLLING = 180.0
"""Seconds between two looks at a branch when nothing polls (contract 7.10); no remote is asked then."""
JITTER = 0.1
"""Share by which a period varies, so that branches do not stay in step."""
RENEWED = 3600.0
"""Seconds after which a dry revision is followed anew at the latest, without asking a remote: an interest in
it ends after two hours."""
NOW = -1.0
"""As a period: the dry source is looked at anew, and what failed is tried again."""
JUST_NOW = 2.0
"""Seconds of age of a look that is good enough where a commit was heard of: who found it had one."""
UNAVAILABLE = 2.0
"""Seconds until it is looked again after NATS was away."""


_Asked = tuple[str, str] | None
_Seen = tuple[str, ApplicationSpec, _Asked, _Asked, bool]
"""What of an application matters: which it is, its spec, whether a hydration or a refresh is asked for, and
whether it is going."""


def usual_wait(period: float) -> float:
    """Seconds until a branch is due by itself where remotes are polled once in `period`, 0 for never."""
    return min(period or WITHOUT_POLLING, RENEWED)


class _Heard:
    """The commits that were heard of for one branch."""

    def __init__(self, branches: set[Branch], branch: Branch) -> None:
        self._branches, self._branch = branches, branch

    def covered(self) -> None:
        self._branches.discard(self._branch)

    def is_newer(self) -> bool:
        return self._branch in self._branches


class Hydrator:
    """Looks at branches. `forbidden` says why an application may not be hydrated, `period` how often remotes
    are polled, 0 for never."""

    def __init__(
        self,
        book: Book,
        membership: Membership,
        hydration: Hydration,
        status: HydrationStatus,
        *,
        forbidden: Forbidden,
        period: Callable[[], float],
        at_once: int,
    ) -> None:
        self._book = book
        self._membership = membership
        self._hydration = hydration
        self._status = status
        self._forbidden = forbidden
        self._period = period
        self._at_once = at_once
        self._branches = Branches()
        self._queue: WorkQueue[Branch] = WorkQueue(lambda branch: Place(branch.key, Lane.OPERATION))
        self._seen: dict[AppId, _Seen] = {}
        self._failures: dict[Branch, dict[Dry, Failures]] = {}
        self._refreshed: set[Branch] = set()
        self._heard: set[Branch] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        for branch in self._branches.all():
            self._queue.add(branch)
        await self._queue.serve(self._look, workers=1, operators=self._at_once)

    def note(self, record: Record) -> None:
        """An application is new or changed; what only its status says is ours to have written."""
        app = record.app
        if app.spec.source_hydrator is None and app.id not in self._seen:
            return
        now = (app.metadata.uid, app.spec, hydration_of(app), refresh_of(app), app.is_deleting)
        before = self._seen.get(app.id)
        if before is not None and before == now:
            return
        self._seen[app.id] = now
        is_refreshed = now[3] is not None and (before is None or before[3] != now[3])
        for branch in self._branches.note(app):
            if is_refreshed:
                self._refreshed.add(branch)
            self._queue.add(branch)

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        self._seen.pop(app_id, None)
        self._status.forget(app_id)
        self._hydration.forget(app_id)
        branch = self._branches.forget(app_id)
        if branch is not None:
            self._queue.add(branch)

    def committed(self, token: str) -> None:
        """A ref of a repository moved."""
        for branch in self._branches.fed_by(token):
            self._heard.add(branch)
            self._queue.add(branch)

    def wake(self) -> None:
        """Replicas came or went, or what is permitted changed."""
        for branch in self._branches.all():
            self._queue.add(branch)

    async def _look(self, branch: Branch) -> float | None:
        """Look at a branch if it is ours; the seconds until it is due by itself."""
        if not self._membership.owns(branch.key):
            return None
        apps = self._apps(branch)
        if not apps:
            self._failures.pop(branch, None)
            return None
        with holding(lambda: self._membership.may_act(branch.key)):
            try:
                return await self._worked(branch, apps)
            except BusUnavailableError as error:
                log.info("hydration.postponed", branch=branch.name, reason=str(error))
                return UNAVAILABLE

    async def _worked(self, branch: Branch, apps: list[Application]) -> float:
        left_out = refused(apps, self._forbidden)
        await self._refuse((app, left_out[app.id]) for app in apps if app.id in left_out)
        groups = together(app for app in apps if app.id not in left_out)
        period, is_refreshed = self._period(), branch in self._refreshed
        self._refreshed.discard(branch)
        waits = [usual_wait(period) * random.uniform(1 - JITTER, 1)]  # noqa: S311
        before: dict[Dry, Failures] = {} if is_refreshed else self._failures.get(branch, {})
        known = self._failures[branch] = {dry: before.get(dry, Failures()) for dry in groups}
        for dry in sorted(groups, key=lambda dry: known[dry].count):
            ended = await self._grouped(branch, groups[dry], known[dry], NOW if is_refreshed else period)
            known[dry] = ended.failures
            if ended.again_after is not None:
                waits.append(max(0.0, ended.again_after))
        return min(waits)

    async def _grouped(
        self, branch: Branch, apps: list[Application], known: Failures, period: float
    ) -> Ended:
        max_age = max(period, 0.0) * (1 - 2 * JITTER) if period else AS_FETCHED
        if branch in self._heard:
            max_age = min(max_age, JUST_NOW)
        return await self._hydration.look(
            apps, max_age=max_age, known=known, heard=_Heard(self._heard, branch)
        )

    async def _refuse(self, refusals: Iterable[tuple[Application, str]]) -> None:
        """Say why applications are left out; it is looked again once they or their project change."""
        said = list(refusals)
        await self._status.write((app, outcome.failed(app, "", words, stamp())) for app, words in said)
        for app, _ in said:
            await self._status.clear_request(app)

    def _apps(self, branch: Branch) -> list[Application]:
        """Those of a branch; one that went to another one since it was noted is looked at there."""
        records = map(self._book.get, self._branches.apps(branch))
        apps = [self._status.newest(record.app) for record in records if record is not None]
        return [app for app in apps if (of := app.spec.source_hydrator) and branch_of(of) == branch]
