"""The live objects of a cluster, found by key, kind, namespace, application, owner and uid.

Invariant: all indexes agree after every call, and an object never goes back to an older resourceVersion.
"""

from collections import OrderedDict
from collections.abc import Iterator
from enum import Enum
from typing import TypeVar

import msgspec

from fairlead.kube.live_object import LiveObject
from fairlead.manifest.identity import GroupKind, ResourceKey

MAX_TOMBSTONES = 16_384
MAX_OWNER_DEPTH = 16
K = TypeVar("K")
_NONE: frozenset[ResourceKey] = frozenset()


class ChangeType(Enum):
    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


class LiveChange(msgspec.Struct, frozen=True, gc=False):
    """What one event changed. `initial`: seen in the first list of its kind, so not news.

    A MODIFIED change with other uids is an object that was replaced by one of the same name.
    """

    type: ChangeType
    key: ResourceKey
    old: LiveObject | None
    new: LiveObject | None
    initial: bool = False

    @property
    def object(self) -> LiveObject:
        """The newest there is: `new`, or for a deletion `old`."""
        found = self.new if self.new is not None else self.old
        assert found is not None  # noqa: S101
        return found


class LiveIndex:
    def __init__(self) -> None:
        self._objects: dict[ResourceKey, LiveObject] = {}
        self._kinds: dict[GroupKind, set[ResourceKey]] = {}
        self._namespaces: dict[str, set[ResourceKey]] = {}
        self._instances: dict[str, set[ResourceKey]] = {}
        self._children: dict[str, set[ResourceKey]] = {}
        self._uids: dict[str, ResourceKey] = {}
        self._tombstones: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[LiveObject]:
        return iter(self._objects.values())

    def get(self, key: ResourceKey) -> LiveObject | None:
        return self._objects.get(key)

    def by_uid(self, uid: str) -> LiveObject | None:
        key = self._uids.get(uid)
        return None if key is None else self._objects.get(key)

    def of_kind(self, kind: GroupKind) -> list[LiveObject]:
        return self._all(self._kinds.get(kind, _NONE))

    def in_namespace(self, namespace: str) -> list[LiveObject]:
        """The objects of a namespace; of "", the cluster-scoped ones."""
        return self._all(self._namespaces.get(namespace, _NONE))

    def owned_by(self, instance: str) -> list[LiveObject]:
        """The objects whose mark names the application, their children not included."""
        return self._all(self._instances.get(instance, _NONE))

    def instances(self) -> list[str]:
        """The applications that any object's mark names."""
        return list(self._instances)

    def children_of(self, uid: str) -> list[LiveObject]:
        """The objects with an ownerReference to this uid."""
        return self._all(self._children.get(uid, _NONE))

    def roots_of(self, obj: LiveObject) -> list[LiveObject]:
        """The ownerless objects at the top of this one's chains of owners; itself when it has none."""
        roots: dict[ResourceKey, LiveObject] = {}
        seen: set[str] = set()
        level = [obj]
        for _ in range(MAX_OWNER_DEPTH):
            above: list[LiveObject] = []
            for item in level:
                owners = [owner for uid in item.owner_uids if (owner := self.by_uid(uid)) is not None]
                if not owners:
                    roots[item.key] = item
                above += [owner for owner in owners if owner.uid not in seen]
                seen.update(owner.uid for owner in owners)
            if not above:
                break
            level = above
        return list(roots.values())

    def put(self, obj: LiveObject, *, force: bool = False) -> LiveChange | None:
        """Takes a newer version in; None when it is not newer. `force` believes older ones too."""
        old = self._objects.get(obj.key)
        if old is not None:
            if not force and not is_newer(obj, old):
                return None
            if force and is_same(obj, old):
                return None
            self._replace(old, obj)
            return LiveChange(ChangeType.MODIFIED, obj.key, old, obj)
        self._link(obj)
        return LiveChange(ChangeType.ADDED, obj.key, None, obj)

    def put_observed(self, obj: LiveObject) -> LiveChange | None:
        """As `put`, for the answer to a write, which may arrive after the watch told of the object's end."""
        return None if obj.uid in self._tombstones else self.put(obj)

    def remove(self, key: ResourceKey, *, uid: str = "", at: str = "") -> LiveChange | None:
        """Takes an object out; None when it is not there, or a newer one (after `at`) has its name now."""
        old = self._objects.get(key)
        if old is None:
            self._bury(uid)
            return None
        if uid and uid != old.uid and at and _number(old.resource_version) > _number(at) >= 0:
            return None
        self._unlink(old)
        self._bury(old.uid)
        return LiveChange(ChangeType.DELETED, key, old, None)

    def vanished(
        self, kind: GroupKind, kept: set[ResourceKey], at: str, namespace: str | None
    ) -> list[ResourceKey]:
        """The keys that a whole list at version `at` lacks, without objects newer than the list."""
        limit = _number(at)
        found = []
        for key in self._kinds.get(kind, _NONE):
            if key in kept or (namespace is not None and key.namespace != namespace):
                continue
            if limit < 0 or _number(self._objects[key].resource_version) <= limit:
                found.append(key)
        return found

    def _all(self, keys: "set[ResourceKey] | frozenset[ResourceKey]") -> list[LiveObject]:
        return [self._objects[key] for key in keys]

    def _replace(self, old: LiveObject, new: LiveObject) -> None:
        if old.uid == new.uid and old.instance == new.instance and old.owner_uids == new.owner_uids:
            self._objects[new.key] = new
            return
        self._unlink(old)
        self._link(new)

    def _link(self, obj: LiveObject) -> None:
        key = obj.key
        self._objects[key] = obj
        self._uids[obj.uid] = key
        _add(self._kinds, obj.group_kind, key)
        _add(self._namespaces, key.namespace, key)
        if obj.instance is not None:
            _add(self._instances, obj.instance, key)
        for uid in obj.owner_uids:
            _add(self._children, uid, key)

    def _unlink(self, obj: LiveObject) -> None:
        key = obj.key
        del self._objects[key]
        if self._uids.get(obj.uid) == key:
            del self._uids[obj.uid]
        _drop(self._kinds, obj.group_kind, key)
        _drop(self._namespaces, key.namespace, key)
        if obj.instance is not None:
            _drop(self._instances, obj.instance, key)
        for uid in obj.owner_uids:
            _drop(self._children, uid, key)

    def _bury(self, uid: str) -> None:
        if not uid:
            return
        self._tombstones[uid] = None
        if len(self._tombstones) > MAX_TOMBSTONES:
            self._tombstones.popitem(last=False)


def is_same(one: LiveObject, other: LiveObject) -> bool:
    """Whether both are the same version of the same object, in the same API version."""
    return (one.uid, one.resource_version, one.version) == (other.uid, other.resource_version, other.version)


def is_newer(new: LiveObject, old: LiveObject) -> bool:
    """Whether `new` should replace `old`. resourceVersions are compared as numbers when both are numbers."""
    if new.resource_version == old.resource_version:
        return new.version != old.version
    one, other = _number(new.resource_version), _number(old.resource_version)
    return one > other or one < 0 or other < 0


def _number(version: str) -> int:
    return int(version) if version.isdecimal() else -1


def _add(index: dict[K, set[ResourceKey]], name: K, key: ResourceKey) -> None:
    keys = index.get(name)
    if keys is None:
        index[name] = {key}
    else:
        keys.add(key)


def _drop(index: dict[K, set[ResourceKey]], name: K, key: ResourceKey) -> None:
    keys = index.get(name)
    if keys is not None:
        keys.discard(key)
        if not keys:
            del index[name]
