"""Application sets as text."""

from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.view.columns import columns

_TITLES = ("NAME", "PROJECT", "SYNCPOLICY", "HEALTH", "CONDITIONS", "REPO", "PATH", "TARGET")


def qualified(item: Document) -> str:
    """NAMESPACE/NAME."""
    metadata = item.get("metadata") or {}
    namespace = metadata.get("namespace") or ""
    return f"{namespace}/{metadata.get('name')}" if namespace else str(metadata.get("name"))


def list_table(found: list[Document]) -> str:
    """Sets at a glance."""
    return columns([_TITLES, *map(_row, found)])


def generated_table(found: list[Document]) -> str:
    """Applications that a set would make."""
    rows = []
    for item in found:
        spec = item.get("spec") or {}
        source, where = _sources(spec)[:1] or [{}], spec.get("destination") or {}
        rows.append(
            (
                qualified(item),
                str(where.get("server") or where.get("name") or ""),
                str(where.get("namespace") or ""),
                str(spec.get("project") or ""),
                _policy(spec.get("syncPolicy")),
                str(source[0].get("repoURL") or ""),
                str(source[0].get("path") or ""),
                str(source[0].get("targetRevision") or ""),
            )
        )
    titles = ("NAME", "CLUSTER", "NAMESPACE", "PROJECT", "SYNCPOLICY", "REPO", "PATH", "TARGET")
    return columns([titles, *rows])


def block(found: Document, *, show_params: bool = False) -> str:
    """One set: what its applications are like, and what is wrong with it."""
    spec = _template(found)
    where = spec.get("destination") or {}
    lines = [
        _line("Name:", qualified(found)),
        _line("Project:", spec.get("project") or "default"),
        _line("Server:", where.get("server") or where.get("name")),
        _line("Namespace:", where.get("namespace")),
        _line("Health Status:", ((found.get("status") or {}).get("health") or {}).get("status")),
        "Sources:" if spec.get("sources") else "Source:",
    ]
    for source in _sources(spec):
        lines += _source(source)
    lines.append(_line("SyncPolicy:", _set_policy(found)))
    conditions = (found.get("status") or {}).get("conditions") or []
    text = "\n".join(lines) + "\n"
    if conditions:
        rows = [
            tuple(str(each.get(key) or "") for key in ("type", "status", "message", "lastTransitionTime"))
            for each in conditions
        ]
        text += f"\n{columns([('CONDITION', 'STATUS', 'MESSAGE', 'LAST TRANSITION'), *rows])}"
    if show_params:
        named = [p for source in _sources(spec) for p in (source.get("helm") or {}).get("parameters") or []]
        rows = [(str(p.get("name")), str(p.get("value") or "")) for p in named]
        text += f"\n\n{columns([('NAME', 'VALUE'), *rows])}" if rows else ""
    return text


def _row(found: Document) -> tuple[str, ...]:
    spec = _template(found)
    sources = _sources(spec)
    source = sources[0] if sources else {}
    conditions = (found.get("status") or {}).get("conditions") or []
    policy = (found.get("spec") or {}).get("syncPolicy")
    return (
        qualified(found),
        str(spec.get("project") or ""),
        "nil" if policy is None else _set_policy(found),
        str(((found.get("status") or {}).get("health") or {}).get("status") or ""),
        f"[{' '.join(_condition(each) for each in conditions)}]",
        str(source.get("repoURL") or ""),
        str(source.get("path") or source.get("chart") or ""),
        str(source.get("targetRevision") or ""),
    )


def _condition(condition: Document) -> str:
    return f"{condition.get('type')}={condition.get('status')}"


def _template(found: Document) -> dict[str, Any]:
    template = (found.get("spec") or {}).get("template") or {}
    return template.get("spec") or {}


def _sources(spec: Document) -> list[Document]:
    return spec.get("sources") or ([spec["source"]] if spec.get("source") else [])


def _source(source: Document) -> list[str]:
    lines = [_line("- Repo:", source.get("repoURL")), _line("  Target:", source.get("targetRevision"))]
    for label, key in (("  Chart:", "chart"), ("  Path:", "path"), ("  Ref:", "ref")):
        if source.get(key):
            lines.append(_line(label, source[key]))
    return lines


def _set_policy(found: Document) -> str:
    policy = (found.get("spec") or {}).get("syncPolicy")
    if not policy:
        return "<none>"
    return "Preserve" if policy.get("preserveResourcesOnDeletion") else "Delete"


def _policy(policy: Document | None) -> str:
    automated = (policy or {}).get("automated")
    if automated is None or automated.get("enabled") is False:
        return "Manual"
    return "Auto-Prune" if automated.get("prune") else "Auto"


def _line(label: str, value: object) -> str:
    return f"{label:<20}{value or ''}"
