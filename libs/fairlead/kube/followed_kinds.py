"""The kinds of one cluster that are followed, each in the way that it has to be: whole, or by its metadata.

Invariant: a kind that is turned from one way to the other goes on from where it is, and stays known.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

import structlog

from fairlead.kube.errors import KubeError
from fairlead.kube.followed_kind import FollowedKind
from fairlead.kube.keeping import Keeping
from fairlead.kube.kind_watch import KindState, KindWatch, Publish
from fairlead.kube.list_watch import Reflector
from fairlead.kube.live_index import LiveIndex
from fairlead.kube.live_object import Kept
from fairlead.kube.pace import Revival
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupKind

log = structlog.get_logger(__name__)


class FollowedKinds:
    """Starts, turns and stops the reflectors of kinds. `is_wanted` tells of which somebody may want objects
    whole; `namespaces` restricts what is read of namespaced kinds, `selector_of` what is read of a kind."""

    def __init__(
        self,
        client: KubeClient,
        index: LiveIndex,
        keeping: Keeping,
        *,
        is_wanted: Callable[[GroupKind], bool],
        namespaces: tuple[str, ...],
        selector_of: Callable[[str, str], str],
        concurrent_lists: int,
        revival: Revival,
        publish: Publish,
        on_state: Callable[[GroupKind], None],
    ) -> None:
        self._client = client
        self._index = index
        self._keeping = keeping
        self._is_wanted = is_wanted
        self._namespaces = namespaces
        self._selector_of = selector_of
        self._gate = asyncio.Semaphore(concurrent_lists)
        self._revival = revival
        self._publish = publish
        self._on_state = on_state
        self._kinds: dict[GroupKind, FollowedKind] = {}
        self.tasks: asyncio.TaskGroup | None = None

    def __len__(self) -> int:
        return len(self._kinds)

    def __contains__(self, kind: object) -> bool:
        return kind in self._kinds

    def __iter__(self) -> Iterator[tuple[GroupKind, FollowedKind]]:
        return iter(list(self._kinds.items()))

    def get(self, kind: GroupKind) -> FollowedKind | None:
        """How a kind is followed."""
        return self._kinds.get(kind)

    def lose(self, error: KubeError) -> None:
        """Nobody follows any kind any more."""
        self.tasks = None
        for followed in self._kinds.values():
            followed.lose(error)
            followed.tasks.clear()
            followed.reflectors.clear()

    def start(self, resource: Resource) -> None:
        """Follow a kind from now on."""
        kind = resource.group_kind
        before = self._kinds.get(kind)
        was_read = before is not None and any(part.has_synced for part in before.parts)
        followed = self._kinds[kind] = FollowedKind(
            resource, is_partial=self._may_be_partial(kind), kept=self._keeping.of_kind(kind)
        )
        scopes: tuple[str | None, ...] = (None,)
        if resource.namespaced and self._namespaces:
            scopes = self._namespaces
        for namespace in scopes:
            part = KindWatch(
                resource,
                self._index,
                namespace=namespace,
                keeping=self._keeping,
                publish=self._publish,
                on_state=lambda: self._on_state(kind),
                was_read=was_read,
            )
            followed.parts.append(part)
            self._reflect(followed, part, "", "")

    async def stop(self, kind: GroupKind) -> None:
        """Do not follow a kind any more."""
        followed = self._kinds.pop(kind)
        await asyncio.gather(*followed.end(), return_exceptions=True)

    def read_whole(self, kinds: Iterable[GroupKind]) -> None:
        """Somebody wants objects of these kinds whole."""
        for kind in kinds:
            followed = self._kinds.get(kind)
            if followed is not None and followed.is_partial:
                self._turn(followed, is_partial=False)

    def keep_otherwise(self) -> None:
        """How much is kept of kinds may have changed: those of which more is to be kept are read again."""
        for kind, followed in self._kinds.items():
            kept = self._keeping.of_kind(kind)
            if kept > followed.kept:
                self._turn(followed, is_partial=self._may_be_partial(kind), anew=True)
            followed.kept = kept

    def spare(self) -> None:
        """Follow only the metadata of kinds of which nothing is kept and nobody wants more."""
        for kind, followed in self._kinds.items():
            if (
                not followed.is_partial
                and followed.state is KindState.KNOWN
                and self._may_be_partial(kind)
                and not any(obj.is_whole for obj in self._index.of_kind(kind))
            ):
                self._turn(followed, is_partial=True)

    def _may_be_partial(self, kind: GroupKind) -> bool:
        return self._keeping.of_kind(kind) is Kept.NOTHING and not self._is_wanted(kind)

    def _turn(self, followed: FollowedKind, *, is_partial: bool, anew: bool = False) -> None:
        if self.tasks is None or not followed.tasks:
            return
        log.info("kube.kind.turned", kind=str(followed.resource.group_kind), metadata_only=is_partial)
        followed.is_partial = is_partial
        seen = [("" if anew else it.version, it.newest) for it in followed.reflectors]
        followed.end()
        followed.reflectors, followed.tasks = [], []
        for part, (version, newest) in zip(followed.parts, seen, strict=True):
            self._reflect(followed, part, version, newest)

    def _reflect(self, followed: FollowedKind, part: KindWatch, version: str, newest: str) -> None:
        reflector = Reflector(
            self._client,
            followed.resource,
            part.take,
            gate=self._gate,
            namespace=part.namespace,
            label_selector=self._selector_of(*followed.resource.group_kind),
            revival=self._revival,
            is_partial=followed.is_partial,
            version=version,
            newest=newest,
        )
        followed.reflectors.append(reflector)
        followed.tasks.append(self._task(reflector))

    def _task(self, reflector: Reflector) -> asyncio.Task[NoReturn]:
        assert self.tasks is not None  # noqa: S101
        return self.tasks.create_task(reflector.run())
