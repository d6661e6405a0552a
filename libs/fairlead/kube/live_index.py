"""The live objects of a cluster, found by key, kind, namespace, application, owner and uid.

Beside its own text an object costs an entry by kind and one by uid; children and applications are found by
uids, so that a new version of an object touches two entries only.

Invariant: all indexes agree after every call, and an object never goes back to an older resourceVersion.
"""

from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import TypeVar

import msgspec

from fairlead.kube.few import Few, added, dropped, each
from fairlead.kube.live_object import LiveObject, compact, numbered
from fairlead.kube.places import Places
from fairlead.manifest.identity import GroupKind, ResourceKey

MAX_TOMBSTONES = 2_048
"""Deleted objects that an answer to a write, which is on its way, cannot bring back."""
MAX_OWNER_DEPTH = 16

K = TypeVar("K")
_Name = int | str
_OfUid = LiveObject | tuple[LiveObject, ...]


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
        self._kinds: dict[GroupKind, Places] = {}
        self._uids: dict[_Name, _OfUid] = {}
        self._instances: dict[str, Few] = {}
        self._children: dict[_Name, Few] = {}
        self._tombstones: set[_Name] = set()
        self._buried: deque[_Name] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[LiveObject]:
        for places in list(self._kinds.values()):
            yield from places

    def get(self, key: ResourceKey) -> LiveObject | None:
        places = self._kinds.get(GroupKind(key.group, key.kind))
        return None if places is None else places.get(key.namespace, key.name)

    def by_uid(self, uid: str) -> LiveObject | None:
        return next(iter(self._of_uid(compact(uid))), None)

    def of_kind(self, kind: GroupKind) -> list[LiveObject]:
        return list(self._kinds.get(kind, ()))

    def in_namespace(self, namespace: str) -> list[LiveObject]:
        """The objects of a namespace; of "", the cluster-scoped ones."""
        return [obj for places in self._kinds.values() for obj in places.within(namespace)]

    def owned_by(self, instance: str) -> list[LiveObject]:
        """The objects whose mark names the application, their children not included."""
        return [
            obj
            for name in each(self._instances.get(instance))
            for obj in self._of_uid(name)
            if obj.instance == instance
        ]

    def instances(self) -> list[str]:
        """The applications that any object's mark names."""
        return list(self._instances)

    def children_of(self, uid: str) -> list[LiveObject]:
        """The objects with an ownerReference to this uid."""
        owner = compact(uid)
        return [
            obj
            for name in each(self._children.get(owner))
            for obj in self._of_uid(name)
            if owner in obj.owners
        ]

    def roots_of(self, obj: LiveObject) -> list[LiveObject]:
        """The ownerless objects at the top of this one's chains of owners; itself when it has none."""
        roots: dict[ResourceKey, LiveObject] = {}
        seen: set[_Name] = set()
        level = [obj]
        for _ in range(MAX_OWNER_DEPTH):
            above: list[LiveObject] = []
            for item in level:
                owners = [owner for name in item.owners for owner in self._of_uid(name)[:1]]
                if not owners:
                    roots[item.key] = item
                above += [owner for owner in owners if owner.identity not in seen]
                seen.update(owner.identity for owner in owners)
            if not above:
                break
            level = above
        return list(roots.values())

    def put(self, obj: LiveObject, *, force: bool = False) -> LiveChange | None:
        """Takes a newer version in; None when it is not newer. `force` believes older ones too.

        Of one version that with more of its text is kept, which is no change.
        """
        old = self._there(obj)
        if old is None:
            self._link(obj)
            return LiveChange(ChangeType.ADDED, obj.key, None, obj)
        if is_same(obj, old):
            if obj.kept > old.kept:
                self._replace(old, obj)
            return None
        if not force and not is_newer(obj, old):
            return None
        self._replace(old, obj)
        return LiveChange(ChangeType.MODIFIED, obj.key, old, obj)

    def put_observed(self, obj: LiveObject) -> LiveChange | None:
        """As `put`, for the answer to a write, which may arrive after the watch told of the object's end."""
        return None if obj.identity in self._tombstones else self.put(obj)

    def remove(self, key: ResourceKey, *, uid: str = "", at: str = "") -> LiveChange | None:
        """Takes an object out; None when it is not there, or a newer one (after `at`) has its name now."""
        old, identity = self.get(key), compact(uid)
        if old is None:
            self._bury(identity)
            return None
        if uid and identity != old.identity and at and _number(old.revision) > _number(numbered(at)) >= 0:
            return None
        self._unlink(old)
        self._bury(old.identity)
        return LiveChange(ChangeType.DELETED, key, old, None)

    def vanished(
        self, kind: GroupKind, kept: set[ResourceKey], at: str, namespace: str | None
    ) -> list[ResourceKey]:
        """The keys that a whole list at version `at` lacks, without objects newer than the list."""
        limit = _number(numbered(at))
        places = self._kinds.get(kind)
        if places is None:
            return []
        found = places if namespace is None else places.within(namespace)
        return [
            key
            for obj in found
            if (limit < 0 or _number(obj.revision) <= limit) and (key := obj.key) not in kept
        ]

    def _there(self, obj: LiveObject) -> LiveObject | None:
        places = self._kinds.get(obj.group_kind)
        return None if places is None else places.get(obj.namespace, obj.name)

    def _of_uid(self, name: _Name) -> tuple[LiveObject, ...]:
        """The objects of a uid: one, but for kinds that are served in two groups."""
        found = self._uids.get(name, ())
        return (found,) if isinstance(found, LiveObject) else found

    def _replace(self, old: LiveObject, new: LiveObject) -> None:
        if (old.identity, old.instance, old.owners) != (new.identity, new.instance, new.owners):
            self._unlink(old)
            self._link(new)
            return
        self._kinds[new.group_kind].put(new)
        others = tuple(item for item in self._of_uid(_named(old)) if item is not old)
        self._uids[_named(new)] = (*others, new) if others else new

    def _link(self, obj: LiveObject) -> None:
        places = self._kinds.get(obj.group_kind)
        if places is None:
            places = self._kinds[obj.group_kind] = Places()
        places.put(obj)
        self._count += 1
        name = _named(obj)
        others = self._of_uid(name)
        self._uids[name] = (*others, obj) if others else obj
        if obj.instance is not None:
            self._instances[obj.instance] = added(self._instances.get(obj.instance), name)
        for owner in obj.owners:
            self._children[owner] = added(self._children.get(owner), name)

    def _unlink(self, obj: LiveObject) -> None:
        kind, name = obj.group_kind, _named(obj)
        places = self._kinds[kind]
        places.drop(obj.namespace, obj.name)
        if not places:
            del self._kinds[kind]
        self._count -= 1
        others = tuple(item for item in self._of_uid(name) if item is not obj)
        if others:
            self._uids[name] = others[0] if len(others) == 1 else others
        else:
            del self._uids[name]
        if obj.instance is not None and all(item.instance != obj.instance for item in others):
            _drop(self._instances, obj.instance, name)
        for owner in obj.owners:
            if all(owner not in item.owners for item in others):
                _drop(self._children, owner, name)

    def _bury(self, identity: _Name) -> None:
        if identity == "" or identity in self._tombstones:
            return
        self._tombstones.add(identity)
        self._buried.append(identity)
        if len(self._buried) > MAX_TOMBSTONES:
            self._tombstones.discard(self._buried.popleft())


def is_same(one: LiveObject, other: LiveObject) -> bool:
    """Whether both are the same version of the same object, in the same API version."""
    return one.revision == other.revision and one.identity == other.identity and one.version == other.version


def is_newer(new: LiveObject, old: LiveObject) -> bool:
    """Whether `new` should replace `old`. resourceVersions are compared as numbers when both are numbers."""
    one, other = new.revision, old.revision
    if one == other:
        return new.version != old.version
    return not (isinstance(one, int) and isinstance(other, int)) or one > other


def _named(obj: LiveObject) -> _Name:
    """What the object is found by where its uid is looked for; some aggregated servers give none."""
    return f"/{obj.key}" if obj.identity == "" else obj.identity


def _number(revision: int | str) -> int:
    return revision if isinstance(revision, int) else -1


def _drop(index: dict[K, Few], holder: K, name: _Name) -> None:
    left = dropped(index.get(holder), name)
    if left is None:
        index.pop(holder, None)
    else:
        index[holder] = left
