"""An object of Kubernetes as the API hands it on: its bytes, and the few fields that lists are filtered by.

The invariant: `managedFields` and the last-applied annotation are taken out where an object enters, so they
can leak through no answer.
"""

from functools import cached_property, lru_cache
from typing import Any

import msgspec

from fairlead.matching.pins import PREFIX, REVISIONS
from fairlead.matching.repository import identity_of_source
from fairlead.wire.encode import encode

APPLICATION = "github.com.argoproj.argo_cd.v3.pkg.apis.application.v1alpha1.Application"
PINNED = f"{PREFIX}{REVISIONS}"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Source(msgspec.Struct, frozen=True):
    repo_url: str = msgspec.field(name="repoURL", default="")
    path: str = ""
    chart: str = ""
    target_revision: str = msgspec.field(name="targetRevision", default="")


class _Destination(msgspec.Struct, frozen=True):
    server: str = ""
    name: str = ""
    namespace: str = ""


class _Automated(msgspec.Struct, frozen=True):
    enabled: bool | None = None


class _SyncPolicy(msgspec.Struct, frozen=True):
    automated: _Automated | None = None


class _SyncSource(msgspec.Struct, frozen=True):
    repo_url: str = msgspec.field(name="repoURL", default="")
    path: str = ""
    target_branch: str = msgspec.field(name="targetBranch", default="")


class _Hydrator(msgspec.Struct, frozen=True):
    dry_source: _Source = msgspec.field(name="drySource", default=_Source())
    sync_source: _SyncSource = msgspec.field(name="syncSource", default=_SyncSource())

    @property
    def deployed(self) -> _Source:
        """What is hydrated, as it is deployed."""
        sync = self.sync_source
        return _Source(
            repo_url=sync.repo_url or self.dry_source.repo_url,
            path=sync.path,
            target_revision=sync.target_branch,
        )


class _Spec(msgspec.Struct, frozen=True):
    project: str = ""
    destination: _Destination = _Destination()
    source: _Source | None = None
    sources: list[_Source] | None = None
    hydrator: _Hydrator | None = msgspec.field(name="sourceHydrator", default=None)
    sync_policy: _SyncPolicy | None = msgspec.field(name="syncPolicy", default=None)


class _Health(msgspec.Struct, frozen=True):
    status: str = ""


class _Sync(msgspec.Struct, frozen=True):
    status: str = ""
    revision: str = ""
    revisions: list[str] | None = None


class _Operation(msgspec.Struct, frozen=True):
    phase: str = ""
    finished_at: str | None = msgspec.field(name="finishedAt", default=None)


class _Summary(msgspec.Struct, frozen=True):
    images: list[str] | None = None


class _Status(msgspec.Struct, frozen=True):
    summary: _Summary = _Summary()
    operation: _Operation = msgspec.field(name="operationState", default=_Operation())
    sync: _Sync = _Sync()
    health: _Health = _Health()
    health_source: str = msgspec.field(name="resourceHealthSource", default="")


class _Parts(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    metadata: dict[str, Any] = {}
    spec: msgspec.Raw = msgspec.Raw(b"{}")
    operation: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ApplicationDocument(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One Application: JSON, and what is asked of it without reading it again."""

    name: str
    namespace: str
    outside: str = ""
    """Its namespace, where that is not the control plane's."""
    uid: str
    resource_version: str
    labels: dict[str, str]
    annotations: dict[str, str]
    project: str
    repositories: frozenset[str]
    """Identities of the repositories of its sources, the one that is hydrated among them."""
    has_tree_health: bool
    is_hydrated: bool = False
    """Whether it has a sourceHydrator."""
    destination: str = ""
    """Its cluster as it names it: by server, or else by name."""
    home: str = ""
    """Identity of its first source's repository."""
    follows: tuple[tuple[str, str], ...] = ()
    """Identity of the repository, or chart of it, and target revision of each source."""
    urls: tuple[str, ...] = ()
    """Addresses of its sources' repositories, as it says them; none for charts of chart repositories."""
    revisions: tuple[str, ...] = ()
    """What the status says that these came to."""
    sync_status: str = ""
    health: str = ""
    destination_namespace: str = ""
    is_automated: bool = False
    created: str = ""
    phase: str = ""
    """Of its last operation, "" before the first."""
    finished: str = ""
    """When that ended."""
    places: tuple[str, ...] = ()
    """Paths and charts of its sources."""
    images: tuple[str, ...] = ()
    """That its status says are in use, the first MAX_IMAGES."""
    is_operating: bool = False
    """Whether an operation is asked for or runs."""
    is_leaving: bool = False
    """Whether it is being deleted."""
    json: bytes

    @property
    def key(self) -> str:
        """What the mirror finds it by: no name holds a slash."""
        return key_of(self.outside, self.name)

    @cached_property
    def known_images(self) -> frozenset[str]:
        """The images, each as it is written and without tag and digest; made when first asked for."""
        return frozenset(self.images) | frozenset(map(untagged, self.images))

    @property
    def is_encoded(self) -> bool:
        """Whether `proto` was made already."""
        return "proto" in self.__dict__

    @cached_property
    def proto(self) -> bytes:
        """The same as a message of protobuf, made when first asked for."""
        return encode(APPLICATION, msgspec.json.decode(self.json))


def key_of(outside: str, name: str) -> str:
    """The mirror's key of an application; `outside` is its namespace unless that is the control plane's."""
    return f"{outside}/{name}" if outside else name


MAX_IMAGES = 200
"""Images of an application that are searched."""

_identity = lru_cache(maxsize=4096)(identity_of_source)


@lru_cache(maxsize=8192)
def untagged(image: str) -> str:
    """An image without its tag and digest."""
    name = image.partition("@")[0]
    before, colon, tag = name.rpartition(":")
    return before if colon and "/" not in tag else name


@lru_cache(maxsize=8192)
def _kept_once(text: str) -> str:
    """A text that many applications say, held once."""
    return text


_PARTS = msgspec.json.Decoder(_Parts)
_SPEC = msgspec.json.Decoder(_Spec)
_STATUS = msgspec.json.Decoder(_Status)


def read_application(raw: bytes, *, control: str = "") -> ApplicationDocument:
    """A document of an Application's bytes; `control` is the control plane's namespace. Raises
    msgspec.DecodeError."""
    parts = _PARTS.decode(raw)
    spec = _SPEC.decode(parts.spec)
    metadata = _cleaned(parts.metadata)
    status = parts.status
    sources = [*(spec.sources or []), *([spec.source] if spec.source else [])]
    read = sources
    if spec.hydrator is not None:
        sources = [spec.hydrator.deployed]
        read = [*sources, spec.hydrator.dry_source]
    said = _STATUS.decode(status) if isinstance(status, msgspec.Raw) else _Status()
    pinned = str((metadata.get("annotations") or {}).get(PINNED) or "").split(",")
    revisions = (
        pinned if len(pinned) == len(sources) and all(pinned) else [each.target_revision for each in sources]
    )
    follows = tuple(
        (_identity(source.repo_url, source.chart), revision)
        for source, revision in zip(sources, revisions, strict=True)
    )
    return ApplicationDocument(
        name=metadata.get("name", ""),
        namespace=metadata.get("namespace", ""),
        outside="" if metadata.get("namespace", "") == control or not control else metadata["namespace"],
        uid=metadata.get("uid", ""),
        resource_version=metadata.get("resourceVersion", ""),
        labels=metadata.get("labels") or {},
        annotations=metadata.get("annotations") or {},
        project=spec.project or "default",
        repositories=frozenset(_identity(source.repo_url) for source in read),
        has_tree_health=said.health_source == "appTree",
        is_hydrated=spec.hydrator is not None,
        destination=spec.destination.server.rstrip("/") or spec.destination.name,
        home=_identity(sources[0].repo_url) if sources else "",
        follows=follows,
        revisions=tuple(said.sync.revisions or ([said.sync.revision] if said.sync.revision else ())),
        urls=tuple("" if each.chart else _kept_once(each.repo_url) for each in sources),
        sync_status=said.sync.status,
        health=said.health.status,
        destination_namespace=spec.destination.namespace,
        is_automated=_is_automated(spec.sync_policy),
        created=metadata.get("creationTimestamp") or "",
        phase=said.operation.phase,
        finished=said.operation.finished_at or "",
        places=tuple(
            dict.fromkeys(_kept_once(one) for each in sources for one in (each.path, each.chart) if one)
        ),
        images=tuple(map(_kept_once, (said.summary.images or ())[:MAX_IMAGES])),
        is_operating=parts.operation is not msgspec.UNSET,
        is_leaving="deletionTimestamp" in metadata,
        json=msgspec.json.encode(parts),
    )


def _is_automated(policy: _SyncPolicy | None) -> bool:
    return policy is not None and policy.automated is not None and policy.automated.enabled is not False


def cleaned(raw: bytes) -> bytes:
    """Any object's bytes without what must not be handed on."""
    obj = msgspec.json.decode(raw)
    obj["metadata"] = _cleaned(obj.get("metadata") or {})
    return msgspec.json.encode(obj)


def _cleaned(metadata: dict[str, Any]) -> dict[str, Any]:
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if annotations and annotations.pop(LAST_APPLIED, None) is not None and not annotations:
        del metadata["annotations"]
    return metadata
