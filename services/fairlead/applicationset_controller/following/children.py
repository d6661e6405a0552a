"""Follows the Applications: whose they are, how they fare, and what only we wrote.

Who owns an Application is what its controlling owner reference says. Of one that no set owns nothing is kept
but who does. Invariant: an event wakes the sets that it concerns, and no work of it grows with the number of
sets or Applications.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.following.child import (
    KIND,
    Child,
    owners_of,
    read_child,
    set_of,
)
from fairlead.kube.collection import APPLICATIONS, Collection, Name
from fairlead.kube.head import Head, decode_head
from fairlead.kube.rest import KubeClient
from fairlead.model.metadata import OwnerReference


class Children:
    """All Applications of the namespaces that sets may be in, by the set that owns them.

    `on_change` is told of a set with an Application that is not as it was, `on_status` of one with an
    Application that fares otherwise, `on_name` of a name that was taken, became free or has another owner.
    """

    def __init__(
        self,
        client: KubeClient,
        namespace: str | None,
        *,
        on_change: Callable[[Name], None],
        on_status: Callable[[Name], None],
        on_name: Callable[[Name], None],
    ) -> None:
        self._on_change = on_change
        self._on_status = on_status
        self._on_name = on_name
        self._owned: dict[Name, dict[str, Child]] = {}
        self._owner: dict[Name, Name] = {}
        self._strangers: dict[Name, str] = {}
        self._leaving: set[Name] = set()
        self._writing: dict[Name, tuple[Head, bytes] | None] = {}
        self._ended: set[Name] = set()
        self.collection = Collection(
            client, APPLICATIONS, namespace=namespace, on_put=self.take, on_gone=self.drop
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def of(self, key: Name) -> Mapping[str, Child]:
        """The Applications whose owner has a set's name, also those of an earlier set of that name."""
        return dict(self._owned.get(key, {}))

    def count_of(self, key: Name) -> int:
        """How many these are."""
        return len(self._owned.get(key, {}))

    def get(self, name: Name) -> Child | None:
        """An Application that a set owns, None of any other."""
        owner = self._owner.get(name)
        return self._owned[owner].get(name[1]) if owner is not None else None

    def controller_of(self, name: Name) -> str | None:
        """Who controls an Application, in words, "" for nobody; None when there is none of that name."""
        owner = self._owner.get(name)
        return f"{KIND} {owner[1]}" if owner is not None else self._strangers.get(name)

    @contextmanager
    def writing(self, name: Name) -> Iterator[None]:
        """While we write an Application, what the watch says of it waits for the answer."""
        is_outer = name not in self._writing
        if is_outer:
            self._writing[name] = None
        try:
            yield
        finally:
            if is_outer:
                self._settle(name)

    def _settle(self, name: Name) -> None:
        waiting, has_ended = self._writing.pop(name), name in self._ended
        self._ended.discard(name)
        if waiting is not None:
            self.take(*waiting)
        elif has_ended:  # the answer came after the end, and would keep what is gone
            self.drop(name)

    def written(self, raw: bytes) -> None:
        """The answer to our own write; it wakes nobody."""
        child = read_child(decode_head(raw), raw)
        owner = set_of(child.namespace, child.owners)
        if owner is None:
            self._disown(child.key, child.owners)
        else:
            self._own(child, owner, wakes=False)

    def expect_end(self, name: Name, *, expected: bool = True) -> None:
        """Whether nothing is to be done when an Application ends: its set deleted it and wants it no more."""
        if expected:
            self._leaving.add(name)
        else:
            self._leaving.discard(name)

    def take(self, head: Head, raw: bytes) -> None:
        """An Application as the watch or list has it."""
        name = head.metadata.namespace, head.metadata.name
        if name in self._writing:
            self._writing[name] = head, raw
            self._ended.discard(name)
            return
        owners = owners_of(raw)
        owner = set_of(head.metadata.namespace, owners)
        if owner is None:
            self._disown(name, owners)
        else:
            self._own(read_child(head, raw, owners), owner, wakes=True)

    def _own(self, child: Child, owner: Name, *, wakes: bool) -> None:
        name, before = child.key, self.get(child.key)
        if before is not None and before.uid == child.uid and child.number <= before.number:
            return
        is_other = self._owner.get(name) != owner
        if is_other:
            self._strangers.pop(name, None)
            self._leave(name)
            self._owner[name] = owner
        self._owned.setdefault(owner, {})[child.name] = child
        if is_other:
            self._on_name(name)
        if not wakes:
            return
        if before is None or is_other or _acting(before) != _acting(child):
            self._tell(name, owner)
        elif before.status != child.status or before.has_operation != child.has_operation:
            self._on_status(owner)

    def _disown(self, name: Name, owners: tuple[OwnerReference, ...]) -> None:
        self._leave(name)
        controller = next((f"{owner.kind} {owner.name}" for owner in owners if owner.controller), "")
        before, self._strangers[name] = self._strangers.get(name), controller
        if before != controller:
            self._on_name(name)

    def _leave(self, name: Name) -> None:
        """An Application is its owner's no more."""
        owner = self._owner.pop(name, None)
        if owner is None:
            return
        there = self._owned.get(owner, {})
        there.pop(name[1], None)
        if not there:
            self._owned.pop(owner, None)
        self._tell(name, owner)

    def drop(self, name: Name) -> None:
        """An Application is gone."""
        if name in self._writing:
            self._writing[name] = None
            self._ended.add(name)
        is_known = name in self._owner or name in self._strangers
        self._leave(name)
        self._leaving.discard(name)
        self._strangers.pop(name, None)
        if is_known:
            self._on_name(name)

    def _tell(self, name: Name, owner: Name) -> None:
        if name in self._leaving:
            self._on_status(owner)
        else:
            self._on_change(owner)


def _acting(child: Child) -> tuple[object, ...]:
    """What of an Application its set has a say in."""
    return (
        child.uid,
        child.labels,
        kept.without(child.annotations),
        child.finalizers,
        child.owners,
        child.deletion_timestamp,
        child.spec_json,
        child.problem,
    )
