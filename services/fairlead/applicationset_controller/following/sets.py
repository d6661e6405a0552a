"""Follows the ApplicationSets: what is new, what somebody changed, and what only we wrote.

Invariant: our own writes of a status come back as watch events and wake nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Final, NamedTuple, NoReturn

import structlog

from fairlead.kube.collection import APPLICATION_SETS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.model.applicationset import ApplicationSet, ApplicationSetSpec, ApplicationSetStatus
from fairlead.model.decode import decode_application_set
from fairlead.model.errors import MalformedObjectError
from fairlead.model.metadata import ObjectMeta
from fairlead.model.noted import DELETED_LATELY, LET_GO

log = structlog.get_logger(__name__)

REFRESH: Final = "argocd.argoproj.io/application-set-refresh"
"""Of a set: generate anew, once."""
OURS: Final = frozenset({REFRESH, LET_GO, DELETED_LATELY})
"""Annotations that we write or take away ourselves."""


class KnownSet:
    """One set as it was seen last; `unreadable` says why nothing is done for it, "" when it can be read."""

    def __init__(self, aset: ApplicationSet, *, unreadable: str = "") -> None:
        self.set = aset
        self.unreadable = unreadable

    @property
    def key(self) -> Name:
        """Namespace and name."""
        return self.set.metadata.namespace, self.set.metadata.name

    @property
    def is_deleting(self) -> bool:
        """Whether its deletion has begun and waits for finalizers."""
        return self.set.metadata.deletion_timestamp is not None

    @property
    def wants_refresh(self) -> bool:
        """Whether somebody asked for it to be generated anew."""
        return REFRESH in self.set.metadata.annotations

    @property
    def version(self) -> int:
        """Its resourceVersion, so that what is older can be told."""
        text = self.set.metadata.resource_version
        return int(text) if text.isdecimal() else 0


class _Asked(NamedTuple):
    """What of a set is anybody's wish; the rest is our own report."""

    uid: str
    generation: int
    annotations: dict[str, str]
    finalizers: tuple[str, ...]
    deletion: str | None


class Sets:
    """The ApplicationSets of the control plane's namespace, and of those that are allowed beside it.

    `on_change` is told of a set that is to be looked at, `on_gone` of one that is no more.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        namespaces: tuple[str, ...] = (),
        on_change: Callable[[Name], None],
        on_gone: Callable[[Name], None],
    ) -> None:
        self._namespace = namespace
        self._namespaces = namespaces
        self._on_change = on_change
        self._on_gone = on_gone
        self._known: dict[Name, KnownSet] = {}
        self.collection = Collection(
            client,
            APPLICATION_SETS,
            namespace=None if namespaces else namespace,
            on_put=self.take,
            on_gone=self.drop,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[KnownSet]:
        return iter(list(self._known.values()))

    def get(self, key: Name) -> KnownSet | None:
        """The set, or None when there is none."""
        return self._known.get(key)

    def take_written(self, raw: bytes) -> None:
        """The answer to our own write: it is newer than what the watch has said."""
        try:
            aset = decode_application_set(raw)
        except MalformedObjectError:
            return
        known = self._known.get((aset.metadata.namespace, aset.metadata.name))
        found = KnownSet(aset)
        if (
            known is not None
            and known.set.metadata.uid == aset.metadata.uid
            and found.version > known.version
        ):
            self._replace(known, found)

    def take(self, head: Head, raw: bytes) -> None:
        """A set as the watch or list has it."""
        name = head.metadata.namespace, head.metadata.name
        if not self.may_be_in(name[0]):
            return
        known, found = self._known.get(name), _read(head, raw)
        if known is None:
            self._known[name] = found
            self._on_change(name)
        elif known.set.metadata.uid != found.set.metadata.uid:
            self.drop(name)
            self._known[name] = found
            self._on_change(name)
        elif found.version > known.version:
            self._replace(known, found)

    def _replace(self, known: KnownSet, found: KnownSet) -> None:
        self._known[found.key] = found
        is_asked = found.wants_refresh and not known.wants_refresh
        if is_asked or _asked(known) != _asked(found) or known.unreadable != found.unreadable:
            self._on_change(found.key)

    def drop(self, name: Name) -> None:
        """A set is gone."""
        if self._known.pop(name, None) is not None:
            self._on_gone(name)

    def may_be_in(self, namespace: str) -> bool:
        """Whether sets of a namespace are looked at."""
        return namespace == self._namespace or any(fnmatchcase(namespace, it) for it in self._namespaces)


def _asked(known: KnownSet) -> _Asked:
    metadata = known.set.metadata
    return _Asked(
        metadata.uid,
        metadata.generation,
        {key: text for key, text in metadata.annotations.items() if key not in OURS},
        metadata.finalizers,
        metadata.deletion_timestamp,
    )


def _read(head: Head, raw: bytes) -> KnownSet:
    try:
        return KnownSet(decode_application_set(raw))
    except MalformedObjectError as error:
        meta = head.metadata
        log.warning("application_set.unreadable", set=f"{meta.namespace}/{meta.name}", error=str(error))
        metadata = ObjectMeta(
            name=meta.name,
            namespace=meta.namespace,
            uid=meta.uid,
            resource_version=meta.resource_version,
            generation=meta.generation,
            annotations=meta.annotations or {},
        )
        nothing = ApplicationSet(metadata=metadata, spec=ApplicationSetSpec(), status=ApplicationSetStatus())
        return KnownSet(nothing, unreadable=str(error))
