"""From a render to what one application wants in one cluster: placed, marked, without duplicates, digested.

Invariant: every :class:`Desired` has a key no other has, and its digest covers exactly the bytes applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from sys import intern
from typing import Any, Final

import msgspec

from fairlead.manifest.accepted import acceptable
from fairlead.manifest.digest import canonical, digest_of_canonical
from fairlead.manifest.errors import DocumentError
from fairlead.manifest.fields import annotations_of
from fairlead.manifest.identity import GroupVersionKind, ResourceKey, gvk_of, key_of
from fairlead.manifest.marks import Marks, marks_of
from fairlead.manifest.pack import pack, unpack
from fairlead.manifest.secret import SECRET, checked_secret
from fairlead.manifest.stated import as_stated
from fairlead.manifest.tracking import DEFAULT_TRACKING, Tracking, stamp

REPEATED_RESOURCE = "RepeatedResourceWarning"
INVALID_SPEC = "InvalidSpecError"
HOOK = "argocd.argoproj.io/hook"
HELM_HOOK = "helm.sh/hook"

IsNamespaced = Callable[[str, str], bool | None]
"""Says of a (group, kind) whether it lives in namespaces; None when the cluster does not serve it."""


_MOST_KINDS: Final = 10_000
_kinds: dict[GroupVersionKind, GroupVersionKind] = {}
"""Kinds that were met, so many at most: each once, however many objects are of it."""


class Desired(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One object as Git wants it, closed: `marks` tells what is read without opening it.

    ``digest`` is the SHA-256 of ``body``. ``namespaced`` is None for a kind the cluster does not serve. An
    object named by ``generateName`` has that prefix and its place as ``key.name``.
    """

    key: ResourceKey
    gvk: GroupVersionKind
    digest: str
    namespaced: bool | None
    marks: Marks
    packed: bytes

    def __eq__(self, other: object) -> bool:
        """Whether both are the same object in one place; how they are packed may differ."""
        return isinstance(other, Desired) and (self.key, self.digest, self.namespaced) == (
            other.key,
            other.digest,
            other.namespaced,
        )

    def __hash__(self) -> int:
        """By what is compared."""
        return hash((self.key, self.digest))

    @property
    def body(self) -> bytes:
        """The object as canonical JSON; unpacked anew each time."""
        return unpack(self.packed)

    @property
    def object(self) -> dict[str, Any]:
        """The object; decoded anew each time, so take it once where it is needed twice."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something a person should see as a condition of the application."""

    type: str
    message: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """The whole desired state of one application, in the order it was rendered."""

    objects: tuple[Desired, ...]
    remarks: tuple[Remark, ...]

    @property
    def by_key(self) -> dict[ResourceKey, Desired]:
        """The same objects by key."""
        return {desired.key: desired for desired in self.objects}


def prepare(
    documents: Iterable[Mapping[str, Any]],
    *,
    is_namespaced: IsNamespaced,
    destination_namespace: str,
    instance: str,
    tracking: Tracking = DEFAULT_TRACKING,
) -> Prepared:
    """Place, de-duplicate and mark the documents of a render (see :func:`fairlead.manifest.split.split`).

    Of several objects with one identity the last is kept, at the first one's place. Raises
    :class:`DocumentError` for an object without a name that is no hook, SecretError for a Secret with a value
    that is no text.
    """
    placed: dict[ResourceKey, tuple[dict[str, Any], bool | None]] = {}
    seen: dict[ResourceKey, int] = {}
    for index, document in enumerate(documents):
        gvk = gvk_of(document)
        namespaced = is_namespaced(gvk.group, gvk.kind)
        obj = place(document, namespaced=namespaced, destination_namespace=destination_namespace)
        key = _unique_key(obj, index)
        placed[key] = (obj, namespaced)
        seen[key] = seen.get(key, 0) + 1
    remarks = [_repeated(key, count) for key, count in seen.items() if count > 1]
    objects = []
    for key, (obj, namespaced) in placed.items():
        if namespaced and not key.namespace:
            remarks.append(_homeless(key, gvk_of(obj)))
        marked = stamp(obj, instance, destination_namespace, *tracking)
        objects.append(make_desired(key, marked, namespaced))
    return Prepared(objects=tuple(objects), remarks=tuple(remarks))


def place(
    document: Mapping[str, Any], *, namespaced: bool | None, destination_namespace: str
) -> dict[str, Any]:
    """A copy with the namespace it will live in, spelled as an apply takes it.

    Cluster-scoped objects lose theirs; all others, unknown kinds too, keep theirs or get the destination's.
    """
    stated = as_stated(document)
    metadata = dict(stated["metadata"])
    if namespaced is False:
        metadata.pop("namespace", None)
    elif not metadata.get("namespace"):
        metadata.pop("namespace", None)
        if destination_namespace:
            metadata["namespace"] = destination_namespace
    placed = {**stated, "metadata": metadata}
    kind = gvk_of(placed).group_kind
    return checked_secret(placed) if kind == SECRET else acceptable(placed, kind)


def _unique_key(obj: dict[str, Any], index: int) -> ResourceKey:
    key = key_of(obj)
    if key.name:
        return key
    annotations = annotations_of(obj)
    if HOOK not in annotations and HELM_HOOK not in annotations:
        raise DocumentError(f"{key.kind}: generateName without name is only for hooks", index=index)
    return key._replace(name=f"{obj['metadata']['generateName']}{index}")


def make_desired(key: ResourceKey, obj: dict[str, Any], namespaced: bool | None) -> Desired:
    """An object as it will be applied, with its canonical text and digest."""
    body = canonical(obj)
    gvk = gvk_of(obj)
    if len(_kinds) < _MOST_KINDS:
        _kinds.setdefault(gvk, gvk)
    return Desired(
        key=ResourceKey(intern(key.group), intern(key.kind), intern(key.namespace), key.name),
        gvk=_kinds.get(gvk, gvk),
        digest=digest_of_canonical(body),
        namespaced=namespaced,
        marks=marks_of(obj),
        packed=pack(key.group_kind, body),
    )


def _repeated(key: ResourceKey, count: int) -> Remark:
    return Remark(
        type=REPEATED_RESOURCE,
        message=f"Resource {key} appeared {count} times among application resources.",
    )


def _homeless(key: ResourceKey, gvk: GroupVersionKind) -> Remark:
    return Remark(type=INVALID_SPEC, message=f"Namespace for {key.name} {gvk} is missing.")
