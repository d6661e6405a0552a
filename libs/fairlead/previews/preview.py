"""The story of one preview: merge, who is affected, both renders of each, what its cluster says.

Invariant: only what is affected is rendered, and of what may not be shown nothing is asked. What is of
strangers is rendered from its own text alone, and no cluster is asked about it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

import msgspec
import structlog

from fairlead.events.sources import SourcesWanted
from fairlead.matching.repository import identity
from fairlead.previews.errors import PreviewError, PreviewLaterError
from fairlead.previews.judge import Difference, Differences, differences, told
from fairlead.previews.report import AppChange, Report
from fairlead.rpc.affected import AffectedApplication, AffectedApplications
from fairlead.rpc.foreseen import Foreseen
from fairlead.rpc.merging import MergedRevisions
from fairlead.rpc.repo import GeneratedManifests

log = structlog.get_logger(__name__)

MAX_APPLICATIONS: Final = 100
"""Applications that are rendered for one change, unless an operator says otherwise."""
AT_ONCE: Final = 4
"""Of them at once."""
AT_ONCE_OF_ONE: Final = 2
"""Of one change: another one never waits for more than what is being rendered."""
SECONDS: Final = 480.0
"""For all that is rendered for one change; what is not found out then is told as such."""
MAX_DIFFS: Final = 8 << 20
"""Characters of all diffs together."""
PLUGIN: Final = "Plugin"
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
SIGNED: Final = "Its project demands signatures, so its head is shown and not the merge."

MayShow = Callable[[str, str, str], bool]
"""Whether an application may be shown, by namespace, name and project; a name of "" asks of the project."""


class Asks(Protocol):
    """Who is asked: `fairlead.previews.ask.Questions`."""

    async def wanted(self, namespace: str, name: str) -> SourcesWanted: ...

    async def merge(self, url: str, *, project: str, head: str, target: str) -> MergedRevisions: ...

    async def affected(self, url: str, *, old: str, new: str) -> AffectedApplications: ...

    async def rendered(
        self, wanted: SourcesWanted, revisions: tuple[str, ...], *, of_strangers: bool = False
    ) -> tuple[GeneratedManifests, tuple[bytes, ...]]: ...

    async def foreseen(
        self, wanted: SourcesWanted, manifests: Sequence[str], dropped: Sequence[str]
    ) -> Foreseen: ...


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody proposes: the revision `head` of a repository, for the branch `target`, "" for the
    default one. With `of_strangers` it is of people who may not write to the repository, as is what no branch
    or tag of it has."""

    url: str
    head: str
    target: str = ""
    project: str = ""
    of_strangers: bool = False


async def preview(
    asks: Asks,
    change: Change,
    may_show: MayShow,
    *,
    hidden: Iterable[str] = (),
    most: int = MAX_APPLICATIONS,
    gate: asyncio.Semaphore | None = None,
    seconds: float = SECONDS,
) -> Report:
    """What a change would do. `hidden` names annotations that are masked; `gate` bounds how many
    applications are rendered at once, whatever else is previewed, and `seconds` for how long.

    Raises:
        PreviewError: a revision names nothing, or the target is no branch.
        PreviewLaterError: whoever knows was not to be reached.
    """
    merged = await asks.merge(change.url, project=change.project, head=change.head, target=change.target)
    if not merged.branch:
        raise PreviewError(f"{change.target[:100]!r} is no branch of {change.url}", "InvalidArgument")
    old, new = (merged.target, merged.merge) if merged.merge else (merged.base, merged.head)
    found = await asks.affected(change.url, old=old, new=new)
    affected = _shown(found, merged, may_show)
    change = msgspec.structs.replace(change, of_strangers=change.of_strangers or merged.of_strangers)
    look = _Look(
        asks=asks,
        change=change,
        merged=merged,
        old=old,
        new=new,
        repository=identity(change.url),
        hidden=tuple(hidden),
    )
    gate, own = gate or asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE_OF_ONE)
    end = asyncio.get_running_loop().time() + seconds

    async def one(app: AffectedApplication) -> AppChange:
        try:
            async with asyncio.timeout_at(end), own, gate:
                return await look.of(app)
        except TimeoutError:
            blank = AppChange(namespace=app.namespace, name=app.name, project=app.project)
            return msgspec.structs.replace(blank, problem=f"it was not found out within {seconds:g} s")

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(app)) for app in affected[:most]]
    return Report(
        repository=change.url,
        branch=merged.branch,
        target=merged.target,
        head=merged.head,
        base=merged.base,
        is_merged=bool(merged.merge),
        conflicts=merged.conflicts,
        of_strangers=change.of_strangers,
        followers=sum(
            each.count
            for each in found.followers
            if follows(each.target_revision, merged) and may_show("", "", each.project)
        ),
        applications=_within(MAX_DIFFS, [task.result() for task in tasks]),
        unseen=max(0, len(affected) - most),
    )


def _within(room: int, apps: list[AppChange]) -> tuple[AppChange, ...]:
    """Without the diffs for which there is no room any more; the objects are told all the same."""
    told = []
    for app in apps:
        objects = []
        for each in app.objects:
            room -= len(each.diff)
            objects.append(each if room >= 0 else msgspec.structs.replace(each, diff=""))
        told.append(msgspec.structs.replace(app, objects=tuple(objects)))
    return tuple(told)


def follows(revision: str, merged: MergedRevisions) -> bool:
    """Whether who follows this revision gets what is merged."""
    if revision in ("", "HEAD"):
        return merged.is_default
    return revision.removeprefix("refs/heads/") == merged.branch


def _shown(
    found: AffectedApplications, merged: MergedRevisions, may_show: MayShow
) -> list[AffectedApplication]:
    """Each application once, by name."""
    kept = {
        (each.namespace, each.name): each
        for each in found.applications
        if follows(each.target_revision, merged) and may_show(each.namespace, each.name, each.project)
    }
    return [kept[key] for key in sorted(kept)]


class _Look(msgspec.Struct, frozen=True, kw_only=True):
    """One change, at the revisions `old` and `new` of its repository."""

    asks: Asks
    change: Change
    merged: MergedRevisions
    old: str
    new: str
    repository: str
    hidden: tuple[str, ...]

    async def of(self, app: AffectedApplication) -> AppChange:
        """One application. What keeps it from being seen is a part of what is told of it."""
        blank = AppChange(namespace=app.namespace, name=app.name, project=app.project)
        try:
            wanted = await self.asks.wanted(app.namespace, app.name)
            return await self._compared(wanted, blank)
        except PreviewError as error:
            is_unsettled = isinstance(error, PreviewLaterError)
            return msgspec.structs.replace(blank, problem=str(error), is_unsettled=is_unsettled)
        except Exception as error:
            log.exception("preview.application.broke", namespace=app.namespace, name=app.name)
            words = f"Fairlead itself failed on it ({type(error).__name__}), and its log says how"
            return msgspec.structs.replace(blank, problem=words)

    async def _compared(self, wanted: SourcesWanted, blank: AppChange) -> AppChange:
        if wanted.project != blank.project:
            raise PreviewLaterError("it is of another project since a moment ago")
        places = self._places(wanted)
        new, note = self.new, ""
        if any(wanted.sources[place].signatures is not None for place in places):
            new, note = self.merged.head, SIGNED
        before: tuple[bytes, ...] = ()
        pinned, tool, problem_before = ("",) * len(wanted.sources), "", ""
        try:
            answer, before = await self.asks.rendered(wanted, _at(pinned, places, self.old))
            pinned = tuple(each.commit if _COMMIT.fullmatch(each.commit) else "" for each in answer.sources)
            tool = answer.sources[places[0]].source_type if places else ""
        except PreviewLaterError:
            raise
        except PreviewError as error:
            problem_before = str(error)
        app = msgspec.structs.replace(blank, problem_before=problem_before, note=note)
        is_strange = self.change.of_strangers
        if is_strange and tool == PLUGIN:
            raise PreviewError("a plugin renders it, and none is run for what strangers wrote")
        try:
            _, after = await self.asks.rendered(wanted, _at(pinned, places, new), of_strangers=is_strange)
        except PreviewLaterError:
            raise
        except PreviewError as error:
            return msgspec.structs.replace(app, problem=str(error))
        found = await asyncio.to_thread(differences, before, after, hidden=self.hidden)
        app = msgspec.structs.replace(
            app, objects=tuple(each.shown for each in found.items), same=found.same, more=found.more
        )
        if is_strange:
            return msgspec.structs.replace(app, unasked="none is asked about what strangers wrote")
        return await self._tried(wanted, app, found)

    def _places(self, wanted: SourcesWanted) -> list[int]:
        """The sources of an application that would be at the new revision."""
        return [
            place
            for place, source in enumerate(wanted.sources)
            if identity(source.repo_url) == self.repository and follows(source.target_revision, self.merged)
        ]

    async def _tried(self, wanted: SourcesWanted, app: AppChange, found: Differences) -> AppChange:
        """With what the cluster says of each object."""
        applied = [each for each in found.items if each.is_tried and each.after is not None]
        dropped = [each for each in found.items if each.is_tried and each.after is None]
        if not applied and not dropped:
            return app
        try:
            foreseen = await self.asks.foreseen(wanted, _texts(applied), _texts(dropped))
        except PreviewError as error:
            is_unsettled = isinstance(error, PreviewLaterError)
            return msgspec.structs.replace(app, unasked=str(error), is_unsettled=is_unsettled)
        return msgspec.structs.replace(
            app,
            objects=told(found, [*applied, *dropped], foreseen),
            is_automated=foreseen.is_automated,
            prunes=foreseen.prunes,
            waits=foreseen.waits,
        )


def _at(pinned: tuple[str, ...], places: list[int], revision: str) -> tuple[str, ...]:
    """The revisions of all sources, with those of the repository at one."""
    return tuple(revision if place in places else each for place, each in enumerate(pinned))


def _texts(found: list[Difference]) -> list[str]:
    sides = (each.after if each.after is not None else each.before for each in found)
    return [msgspec.json.encode(side).decode() for side in sides]
