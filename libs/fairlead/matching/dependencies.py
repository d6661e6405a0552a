"""Which applications an application depends on, and whether these are ready for it.

Invariant: pure. One that follows the same ref of the same repository is ready only at the commit that is to
be deployed, or at a later one, whatever its status says of an earlier one; of one that does not, its status
counts, since commits of two repositories have no order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from fairlead.matching.globs import matches
from fairlead.matching.pins import followed_sources, pin_of
from fairlead.matching.repository import identity, identity_of_source
from fairlead.model.application import AppId, Application
from fairlead.model.appproject import AppProject
from fairlead.model.status import ConditionType, HealthCode, SyncCode
from fairlead.model.sync import OperationPhase

ANNOTATION = "fairlead.dev/depends-on"
DEPENDENTS = "fairlead.dev/dependents"
"""Of an AppProject: globs of other projects whose applications may depend on its own."""
UNKNOWN = "it does not exist, or its project does not let others depend on it"
"""One answer for both: whoever may not depend on something is not told whether it is there."""
MOST = 50
"""Applications that one application may depend on."""
LONGEST = 600
"""Characters of one name: two of Kubernetes' own, and a state."""
SHOWN = 80
"""Characters that people are shown of what nobody understands."""
SHORT = 7
"""Characters of a commit that people are shown."""

Ref = tuple[str, str]
"""The identity of a repository, or of a chart there, and a ref as in `targetRevision`."""


class Accepted(StrEnum):
    """The state in which a dependency is ready: `READY` is synced and healthy."""

    READY = "ready"
    SYNCED = "synced"
    HEALTHY = "healthy"


class Dependency(NamedTuple):
    """An application that another depends on."""

    app: AppId
    accepted: Accepted = Accepted.READY


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What an application says that it depends on, and what of that nobody understands."""

    dependencies: tuple[Dependency, ...] = ()
    problems: tuple[str, ...] = ()


class Histories(Protocol):
    """What is known of the refs that are followed (see `RefHistories`)."""

    def laid_over(self, app: tuple[str, str], home: str, repository: str, ref: str, revision: str) -> str:
        """The newest revision whose manifests are those of `revision` for an application."""

    def is_later(self, home: str, repository: str, ref: str, revision: str, *, than: str) -> bool:
        """Whether a ref is known to have come to `revision` after `than`."""


def declared(app: Application) -> Declared:
    """What its annotation says: names or `namespace/name`, apart by commas, each with `=STATE` if need be."""
    text = app.metadata.annotations.get(ANNOTATION, "")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > MOST:
        return Declared(problems=(f"{len(parts)} applications are named, of at most {MOST}",))
    found: dict[AppId, Dependency] = {}
    problems = []
    for part in parts:
        name, equals, state = (one.strip() for one in part.partition("="))
        app_id = AppId.from_qualified(name, app.metadata.namespace)
        is_name = app_id.name and app_id.namespace and "/" not in app_id.name and len(part) <= LONGEST
        if not is_name or (equals and not _is_state(state)):
            problems.append(
                f"{part[:SHOWN]!r} is not understood: NAME or NAMESPACE/NAME, with =synced or =healthy "
                "where that is enough"
            )
        elif app_id in found:
            problems.append(f"{name} is named twice")
        else:
            found[app_id] = Dependency(app_id, Accepted(state) if equals else Accepted.READY)
    return Declared(dependencies=tuple(found.values()), problems=tuple(problems))


def _is_state(text: str) -> bool:
    return any(text == one for one in Accepted)


def is_permitted(app: Application, on: Application, project: AppProject | None) -> bool:
    """Whether an application may depend on another: of its own project, or of a `project` that lets it."""
    own = app.spec.project or "default"
    if own == (on.spec.project or "default"):
        return True
    globs = project.metadata.annotations.get(DEPENDENTS, "").split(",") if project is not None else ()
    return any(matches(glob.strip(), own) for glob in globs if glob.strip())


def unready(
    app: Application,
    revisions: Sequence[str],
    accepted: Accepted,
    on: Application,
    histories: Histories,
) -> str:
    """Why a dependency is not ready for the application to be deployed at these revisions, or ""."""
    if on.is_deleting:
        return "it is being deleted"
    unsynced = _unsynced(app, revisions, on, histories) if accepted is not Accepted.HEALTHY else ""
    if unsynced or accepted is Accepted.SYNCED:
        return unsynced
    health = on.status.health.status
    if health is HealthCode.HEALTHY:
        return ""
    return f"it is {health.value}" if health else "its health is not known yet"


def _unsynced(app: Application, revisions: Sequence[str], on: Application, histories: Histories) -> str:
    """Why a dependency is not synced to what it should be, or ""."""
    state, sync = on.status.operation_state, on.status.sync
    if on.operation is not None or (state is not None and not state.phase.is_final):
        return "it is being synced"
    if not _is_compared(on):
        return "it was not compared yet"
    if sync.status is not SyncCode.SYNCED:
        return f"it is {sync.status.value}"
    behind = next(_behind(app, revisions, on, histories), "")
    return behind or ("its last sync failed" if _has_failed(on) else "")


def is_behind(app: Application, revisions: Sequence[str], on: Application, histories: Histories) -> bool:
    """Whether all that is missing may be that the dependency's status does not say the commit yet."""
    return on.status.sync.status is SyncCode.SYNCED and any(_behind(app, revisions, on, histories))


def _behind(
    app: Application, revisions: Sequence[str], on: Application, histories: Histories
) -> Iterator[str]:
    """The refs that both follow and at which the dependency is not known to be as far."""
    sources = on.spec.effective_sources()
    home = identity(sources[0].repo_url) if sources else ""
    due = _by_ref(app, revisions)
    sync = on.status.sync
    for (repository, ref), revision in _by_ref(on, sync.revisions or (sync.revision,)).items():
        wanted = due.get((repository, ref))
        if not wanted:
            continue
        at = histories.laid_over(on.id, home, repository, ref, revision)
        if at != wanted and not histories.is_later(home, repository, ref, at, than=wanted):
            yield f"it is at {at[:SHORT] or 'nothing'}, {wanted[:SHORT]} is to come"


def _by_ref(app: Application, revisions: Sequence[str]) -> Mapping[Ref, str]:
    return {
        (identity_of_source(source.repo_url, source.chart), source.target_revision or "HEAD"): revision
        for source, revision in zip(followed_sources(app), revisions, strict=False)
    }


def _is_compared(on: Application) -> bool:
    """Whether its status is about what its spec says now."""
    compared, spec = on.status.sync.compared_to, on.spec
    if compared is None or not on.status.sync.status:
        return False
    pin = pin_of(on)
    is_said = any(item.type == ConditionType.PINNED_WARNING for item in on.status.conditions)
    if is_said is not (pin is not None and not pin.problem):
        return False
    sources = compared.sources or ((compared.source,) if compared.source is not None else ())
    return compared.destination == spec.destination and sources == spec.effective_sources()


def _has_failed(on: Application) -> bool:
    """Whether the last operation was about what is compared now, and did not succeed: a hook may have failed
    after all objects were as they should be."""
    state, sync = on.status.operation_state, on.status.sync
    if state is None or state.sync_result is None or state.phase is OperationPhase.SUCCEEDED:
        return False
    operation = state.operation.sync
    if operation is not None and (operation.dry_run or operation.resources):
        return False
    result = state.sync_result
    return (result.revisions or (result.revision,)) == (sync.revisions or (sync.revision,))
