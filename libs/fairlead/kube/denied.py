"""Kinds that our credentials may not list, and that are left out for it: `resource.respectRBAC`.

Why: a service account that may read few kinds only is to manage these, without a doubt about all the others.
A refused list is enough where respect is normal; where it is strict the API server is asked whether we may
list the kind, for a list is refused for other reasons too. Invariant: a kind that was ever read is never left
out; what was seen of it would be taken for all there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

import msgspec
import structlog

from fairlead.kube.errors import ForbiddenError, KubeError, ProtocolError
from fairlead.kube.followed_kind import FollowedKind
from fairlead.kube.kind_watch import KindState, KindWatch
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import GroupKind

log = structlog.get_logger(__name__)

ASK_AGAIN: Final = 10.0
"""Seconds after which the API server is asked again that did not say whether we may list a kind."""
REVIEWS: Final = Resource(
    group="authorization.k8s.io",
    version="v1",
    plural="selfsubjectaccessreviews",
    kind="SelfSubjectAccessReview",
    namespaced=False,
)


class Respect(StrEnum):
    """`resource.respectRBAC`."""

    NONE = ""
    NORMAL = "normal"
    STRICT = "strict"


class _Status(msgspec.Struct):
    allowed: bool = False


class _Review(msgspec.Struct):
    status: _Status = msgspec.field(default_factory=_Status)


class Denied:
    """The kinds that are left out; `tell` is called with each that comes or goes."""

    def __init__(self, client: KubeClient, respect: Respect, tell: Callable[[GroupKind], None]) -> None:
        self._client = client
        self._respect = respect
        self._tell = tell
        self._kinds: set[GroupKind] = set()
        self._asking: set[GroupKind] = set()

    def __contains__(self, kind: GroupKind) -> bool:
        return kind in self._kinds

    def note(self, followed: FollowedKind, tasks: asyncio.TaskGroup | None) -> None:
        """The state of a kind changed."""
        kind = followed.resource.group_kind
        if not _refused(followed):
            self._kinds.discard(kind)
        elif self._respect is Respect.NORMAL:
            self._leave_out(followed)
        elif self._respect is Respect.STRICT and tasks is not None and kind not in self._asking:
            self._asking.add(kind)
            tasks.create_task(self._ask(followed))

    def _leave_out(self, followed: FollowedKind) -> None:
        kind = followed.resource.group_kind
        if kind not in self._kinds:
            self._kinds.add(kind)
            log.info("kube.kind.left_out", kind=str(kind), respect=self._respect.value)

    async def _ask(self, followed: FollowedKind) -> None:
        """Leave the kind out if we may not list it; until that is known it is in doubt."""
        kind = followed.resource.group_kind
        try:
            while parts := _refused(followed):
                try:
                    allowed = [await self._may_list(followed.resource, part.namespace) for part in parts]
                except KubeError as error:
                    log.warning("kube.review.failed", kind=str(kind), error=error.message[:200])
                    await asyncio.sleep(ASK_AGAIN)
                    continue
                if not any(allowed) and _refused(followed):
                    self._leave_out(followed)
                    self._tell(kind)
                return
        finally:
            self._asking.discard(kind)

    async def _may_list(self, resource: Resource, namespace: str | None) -> bool:
        asked = {"verb": "list", "group": resource.group, "resource": resource.plural}
        if namespace:
            asked["namespace"] = namespace
        review: dict[str, Any] = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": REVIEWS.kind,
            "spec": {"resourceAttributes": asked},
        }
        answer = await self._client.create(REVIEWS, review)
        try:
            return msgspec.json.decode(answer, type=_Review).status.allowed
        except msgspec.DecodeError:
            raise ProtocolError("a SelfSubjectAccessReview was answered with something else") from None


def _refused(followed: FollowedKind) -> list[KindWatch]:
    """All parts, where none of them was ever read because its list was refused; else none: a kind that is
    read in one namespace is not left out for another."""
    if all(map(_was_refused, followed.parts)):
        return followed.parts
    return []


def _was_refused(part: KindWatch) -> bool:
    is_refused = part.state is KindState.UNKNOWN and isinstance(part.error, ForbiddenError)
    return is_refused and not part.has_synced
