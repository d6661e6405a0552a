"""The Applications, lean: who hears of each, what it remembers, and its content only where somebody hears.

Invariant: what we wrote into an Application's memory is never unlearned by a watch that lags behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any, NoReturn

import msgspec
import structlog

from fairlead.kube.collection import APPLICATIONS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.list_watch import is_older
from fairlead.kube.rest import KubeClient
from fairlead.notices.judging.memory import read_memory
from fairlead.notices.judging.subscriptions import Wishes, wishes_of

log = structlog.get_logger(__name__)


class Followed(msgspec.Struct, kw_only=True, eq=False):
    """One Application. `content` is its JSON without what only servers read, b"" while it is not kept."""

    name: Name
    uid: str
    version: str
    labels: dict[str, str]
    project: str
    wishes: Wishes
    memory: dict[str, int]
    content: bytes = b""
    written: str = ""
    """The version that our last write made."""


class _Spec(msgspec.Struct, frozen=True):
    project: str = ""


class _Document(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()


_DOCUMENT = msgspec.json.Decoder(_Document)


class Applications:
    """Those of the control plane's namespace and of the namespaces beside it.

    `is_wanted` says whether the content of one is to be kept.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        namespaces: tuple[str, ...],
        is_wanted: Callable[[Followed], bool],
        on_change: Callable[[Followed], None],
        on_gone: Callable[[Followed], None],
    ) -> None:
        self._client = client
        self._control = namespace
        self._namespaces = namespaces
        self._is_wanted = is_wanted
        self._on_change = on_change
        self._on_gone = on_gone
        self._known: dict[Name, Followed] = {}
        self.collection = Collection(
            client,
            APPLICATIONS,
            namespace=None if namespaces else namespace,
            on_put=self._take,
            on_gone=self._drop,
        )

    def __iter__(self) -> Iterator[Followed]:
        return iter(tuple(self._known.values()))

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def get(self, name: Name) -> Followed | None:
        """One of them; None for one that is gone or not ours."""
        return self._known.get(name)

    async def content(self, app: Followed) -> bytes:
        """What it says; asked for where it is not kept, b"" when it is gone. Raises KubeError."""
        if not app.content:
            raw = await self._client.find(APPLICATIONS, app.name[1], app.name[0])
            if raw is None or _uid(raw) != app.uid:
                return b""
            app.content = lean(raw)
        return app.content

    def wrote(self, app: Followed, answer: bytes) -> None:
        """Our write ended: what it answered is what is remembered."""
        metadata = _METADATA.decode(answer).metadata
        app.written = metadata.resource_version
        if not is_older(metadata.resource_version, app.version):
            app.memory = read_memory(metadata.annotations or {})

    def _take(self, head: Head, raw: bytes) -> None:
        metadata = head.metadata
        name = metadata.namespace, metadata.name
        if not self._is_ours(metadata.namespace):
            return
        before = self._known.get(name)
        if before is not None and before.uid != metadata.uid:
            self._drop(name)
            before = None
        if before is not None and is_older(metadata.resource_version, before.version):
            return
        annotations = dict(metadata.annotations or {})
        app = before or Followed(
            name=name, uid=metadata.uid, version="", labels={}, project="", wishes=Wishes(), memory={}
        )
        is_echo = before is not None and app.written == metadata.resource_version
        if not is_older(metadata.resource_version, app.written):
            app.memory = read_memory(annotations)
        app.version = metadata.resource_version
        app.labels = dict(metadata.labels or {})
        app.wishes = wishes_of(annotations)
        app.project = _project(raw)
        app.content = lean(raw) if self._is_wanted(app) else b""
        self._known[name] = app
        if not is_echo:
            self._on_change(app)

    def _drop(self, name: Name) -> None:
        app = self._known.pop(name, None)
        if app is not None:
            self._on_gone(app)

    def _is_ours(self, namespace: str) -> bool:
        return namespace == self._control or any(fnmatchcase(namespace, glob) for glob in self._namespaces)


def lean(raw: bytes) -> bytes:
    """An object without what only servers read."""
    found: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    metadata = msgspec.json.decode(found.get("metadata", b"{}"), type=dict[str, msgspec.Raw])
    if metadata.pop("managedFields", None) is None:
        return bytes(raw)
    return msgspec.json.encode({**found, "metadata": metadata})


def _project(raw: bytes) -> str:
    try:
        return _DOCUMENT.decode(raw).spec.project or "default"
    except msgspec.DecodeError:
        return "default"


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, str] | None = None


class _Answer(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


_METADATA = msgspec.json.Decoder(_Answer)


def _uid(raw: bytes) -> str:
    return _METADATA.decode(raw).metadata.uid
