"""An application as lists show it: a few fields of a few hundred bytes, made once per version."""

from itertools import islice
from typing import Any

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.matching.repository import without_password


class RowSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of its sources."""

    repo_url: str = msgspec.field(name="repoURL", default="")
    path: str = ""
    chart: str = ""
    target_revision: str = msgspec.field(name="targetRevision", default="")


class RowDestination(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where it goes, as it says it."""

    server: str = ""
    name: str = ""
    namespace: str = ""


class RowOperation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Its last operation."""

    phase: str = ""
    message: str = ""
    started_at: str = ""
    finished_at: str = ""


class RowAutomated(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Its automated sync, where it has one."""

    paused: bool = False
    prune: bool = False
    self_heal: bool = False


class ApplicationRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One application. `key` is what windows name it by."""

    key: str
    name: str
    namespace: str
    project: str
    labels: dict[str, str] = {}
    created_at: str = ""
    deleted_at: str = ""
    destination: RowDestination = RowDestination()
    sources: tuple[RowSource, ...] = ()
    sync: str = ""
    revisions: tuple[str, ...] = ()
    health: str = ""
    health_message: str = ""
    operation: RowOperation = RowOperation()
    auto_sync: bool = False
    automated: RowAutomated = RowAutomated()
    conditions: tuple[str, ...] = ()
    """Types of its conditions."""
    urls: tuple[str, ...] = ()
    """Where what it runs is reached from outside."""
    annotations: dict[str, str] = {}
    """Those that say how it is to be shown: notices, links, preferences, and that it is left alone."""


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    phase: str = ""
    message: str | None = None
    started_at: str | None = None
    finished_at: str | None = None


class _Health(msgspec.Struct, frozen=True):
    message: str | None = None


class _Condition(msgspec.Struct, frozen=True):
    type: str = ""


class _Automated(msgspec.Struct, frozen=True, rename="camel"):
    enabled: bool | None = None
    prune: bool | None = None
    self_heal: bool | None = None


class _SyncPolicy(msgspec.Struct, frozen=True):
    automated: _Automated | None = None


class _Spec(msgspec.Struct, frozen=True):
    destination: RowDestination = RowDestination()
    source: RowSource | None = None
    sources: list[RowSource] | None = None
    sync_policy: _SyncPolicy | None = msgspec.field(name="syncPolicy", default=None)


class _Summary(msgspec.Struct, frozen=True):
    urls: list[str] | None = msgspec.field(name="externalURLs", default=None)


class _Status(msgspec.Struct, frozen=True):
    health: _Health = _Health()
    operation: _Operation | None = msgspec.field(name="operationState", default=None)
    conditions: list[_Condition] | None = None
    summary: _Summary = _Summary()


class _Metadata(msgspec.Struct, frozen=True):
    deleted: str | None = msgspec.field(name="deletionTimestamp", default=None)


class _Application(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    spec: _Spec = _Spec()
    status: _Status = _Status()


_APPLICATION = msgspec.json.Decoder(_Application)
_ROW = "row"
MAX_MESSAGE = 500
"""Characters of a message or of an annotation in a row."""
MAX_URLS = 10
MAX_URL = 2000
MAX_ANNOTATIONS = 20
SHOWN = ("notice.argocd.argoproj.io/", "pref.argocd.argoproj.io/", "link.argocd.argoproj.io/")
SHOWN_ALONE = frozenset({"argocd.argoproj.io/skip-reconcile", "argocd.argoproj.io/managed-by-url"})


def key_of(document: ApplicationDocument) -> str:
    """What windows name an application by."""
    return f"{document.namespace}/{document.name}"


def row_of(document: ApplicationDocument) -> bytes:
    """The row as JSON."""
    kept: dict[str, Any] = document.__dict__
    found = kept.get(_ROW)
    if found is None:
        found = kept[_ROW] = msgspec.json.encode(_made(document))
    return bytes(found)


def _shown(source: RowSource) -> RowSource:
    return msgspec.structs.replace(source, repo_url=without_password(source.repo_url))


def _annotations(document: ApplicationDocument) -> dict[str, str]:
    shown = (
        (key, value[:MAX_MESSAGE])
        for key, value in sorted(document.annotations.items())
        if key in SHOWN_ALONE or key.startswith(SHOWN)
    )
    return dict(islice(shown, MAX_ANNOTATIONS))


def _urls(summary: _Summary) -> tuple[str, ...]:
    sound = (url for url in summary.urls or () if len(url) <= MAX_URL)
    return tuple(islice(sound, MAX_URLS))


def _automated(spec: _Spec) -> RowAutomated:
    automated = spec.sync_policy.automated if spec.sync_policy else None
    if automated is None:
        return RowAutomated()
    return RowAutomated(
        paused=automated.enabled is False,
        prune=bool(automated.prune),
        self_heal=bool(automated.self_heal),
    )


def _made(document: ApplicationDocument) -> ApplicationRow:
    read = _APPLICATION.decode(document.json)
    spec, status, operation = read.spec, read.status, read.status.operation or _Operation()
    return ApplicationRow(
        key=key_of(document),
        name=document.name,
        namespace=document.namespace,
        project=document.project,
        labels=document.labels,
        created_at=document.created,
        deleted_at=read.metadata.deleted or "",
        destination=spec.destination,
        sources=tuple(map(_shown, spec.sources or ([spec.source] if spec.source else []))),
        sync=document.sync_status,
        revisions=document.revisions,
        health=document.health,
        health_message=(status.health.message or "")[:MAX_MESSAGE],
        operation=RowOperation(
            phase=operation.phase,
            message=(operation.message or "")[:MAX_MESSAGE],
            started_at=operation.started_at or "",
            finished_at=operation.finished_at or "",
        ),
        auto_sync=document.is_automated,
        automated=_automated(spec),
        conditions=tuple(dict.fromkeys(each.type for each in status.conditions or ())),
        urls=_urls(status.summary),
        annotations=_annotations(document),
    )
