"""The block of text at the head of `app get`, `sync` and `wait`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from fairlead.cli.view.columns import columns
from fairlead.cli.view.times import local, parsed, span
from fairlead.model.application import DEFAULT_PROJECT, Application
from fairlead.model.source import Source
from fairlead.model.status import HydratePhase, SyncCode
from fairlead.model.sync import OperationState

SHORT_REVISION = 7
_COMMIT = re.compile(r"[0-9A-Fa-f]{7}|[0-9A-Fa-f]{40}")
_VALUE_LIMIT = 80


def head(app: Application, url: str, windows: "Windows | None" = None) -> str:
    """Who and where the application is, and how it does."""
    spec = app.spec
    lines = [
        _line("Name:", app.id.qualified),
        _line("Project:", spec.project or DEFAULT_PROJECT),
        _line("Server:", spec.destination.server or spec.destination.name),
        _line("Namespace:", spec.destination.namespace),
        _line("URL:", url),
        "Sources:" if spec.has_multiple_sources else "Source:",
    ]
    for source in spec.effective_sources():
        lines += _source(source)
    lines += _hydrator(app)
    lines += (windows or Windows()).lines()
    lines += [
        _line("Sync Policy:", _policy(app)),
        _line("Sync Status:", _sync_status(app)),
        _line("Health Status:", app.status.health.status.value),
    ]
    return "\n".join(lines) + "\n"


class Windows:
    """Sync windows of an application, as the server told them."""

    def __init__(self, told: dict[str, object] | None = None) -> None:
        self._told = told or {}

    def lines(self) -> list[str]:
        """Whether a sync is allowed, and the windows that say so."""
        assigned = self._entries("assignedWindows")
        active = self._entries("activeWindows")
        status = "Sync Allowed"
        is_denied = any(window.get("kind") == "deny" for window in active)
        needs_allow = any(window.get("kind") == "allow" for window in assigned) and not active
        if assigned and (is_denied or needs_allow):
            status = "Manual Allowed" if self._told.get("canSync") else "Sync Denied"
        lines = [_line("SyncWindow:", status)]
        if assigned:
            texts = (f"{w.get('kind')}:{w.get('schedule')}:{w.get('duration')}" for w in assigned)
            lines.append(_line("Assigned Windows:", ",".join(texts)))
        return lines

    def _entries(self, key: str) -> list[dict[str, object]]:
        found = self._told.get(key)
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def operation(state: OperationState) -> str:
    """How the last operation went."""
    lines = []
    if state.operation.sync is not None:
        lines.append(_line("Operation:", "Sync"))
    if state.sync_result is not None:
        revision = state.sync_result.revision or ",".join(state.sync_result.revisions)
        lines.append(_line("Sync Revision:", revision))
    lines += [_line("Phase:", state.phase.value), _line("Start:", local(state.started_at))]
    if state.finished_at:
        lines.append(_line("Finished:", local(state.finished_at)))
    lines.append(_line("Duration:", _duration(state)))
    if state.message:
        lines.append(_line("Message:", state.message))
    return "\n".join(lines) + "\n"


def conditions(app: Application) -> str:
    """What is wrong or doubtful, as a table."""
    rows = [(entry.type, entry.message, local(entry.last_transition_time)) for entry in app.status.conditions]
    return columns([("CONDITION", "MESSAGE", "LAST TRANSITION"), *rows])


def parameters(sources: tuple[Source, ...]) -> str:
    """Helm parameters of the sources as a table, or nothing."""
    rows = [
        (parameter.name, _shortened(parameter.value))
        for source in sources
        if source.helm is not None
        for parameter in source.helm.parameters
    ]
    return columns([("NAME", "VALUE"), *rows]) if rows else ""


def policy_word(app: Application) -> str:
    """The sync policy as lists show it."""
    policy = app.spec.sync_policy
    if policy is None or not policy.is_automated or policy.automated is None:
        return "Manual"
    return "Auto-Prune" if policy.automated.prune else "Auto"


def short_revision(target: str, revision: str) -> str:
    """`main (0da637b)`."""
    if len(revision) < SHORT_REVISION:
        return target
    return f"{target} ({revision[:SHORT_REVISION]})"


def _line(label: str, value: str) -> str:
    return f"{label:<20}{value}"


def _source(source: Source) -> Iterator[str]:
    yield _line("- Repo:", source.repo_url)
    yield _line("  Target:", source.target_revision)
    optional = {
        "  Chart:": source.chart,
        "  Path:": source.path,
        "  Ref:": source.ref,
        "  Helm Values:": ",".join(source.helm.value_files) if source.helm else "",
        "  Name Prefix:": source.kustomize.name_prefix if source.kustomize else "",
    }
    yield from (_line(label, value) for label, value in optional.items() if value)


def _hydrator(app: Application) -> Iterator[str]:
    """What is hydrated, and how that went."""
    hydrator, said = app.spec.source_hydrator, app.status.source_hydrator
    if hydrator is None:
        return
    dry = hydrator.dry_source
    yield "Dry Source:"
    yield from _source(dry.rendered_source())
    if hydrator.hydrate_to is not None:
        yield _line("Hydrate To:", hydrator.hydrate_to.target_branch)
    current, last = said.current_operation, said.last_successful_operation
    phase = current.phase.value if current is not None else "Pending"
    dry_sha = f" ({current.dry_sha[:SHORT_REVISION]})" if current is not None and current.dry_sha else ""
    yield _line("Hydration:", f"{phase}{dry_sha}")
    if current is not None and current.phase is HydratePhase.FAILED:
        yield _line("Hydration Error:", current.message)
    if last is not None:
        dry_sha, commit = last.dry_sha[:SHORT_REVISION], last.hydrated_sha[:SHORT_REVISION]
        yield _line("Hydrated:", f"{dry_sha} to {commit}")


def _policy(app: Application) -> str:
    policy = app.spec.sync_policy
    if policy is None or not policy.is_automated or policy.automated is None:
        return "Manual"
    return "Automated (Prune)" if policy.automated.prune else "Automated"


def _sync_status(app: Application) -> str:
    sync = app.status.sync
    sources = app.spec.effective_sources()
    target = sources[0].target_revision if sources else ""
    words = sync.status.value
    if sync.status is SyncCode.SYNCED:
        words += f" to {target}"
    elif sync.status is SyncCode.OUT_OF_SYNC:
        words += f" from {target}"
    if len(sync.revision) > SHORT_REVISION and not _COMMIT.fullmatch(target):
        words += f" ({sync.revision[:SHORT_REVISION]})"
    return words


def _duration(state: OperationState) -> str:
    end = parsed(state.finished_at) if state.finished_at else datetime.now(UTC)
    return span(int((end - parsed(state.started_at)).total_seconds()))


def _shortened(value: str) -> str:
    return value if len(value) <= _VALUE_LIMIT else value[: _VALUE_LIMIT - 3] + "..."
