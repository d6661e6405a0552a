"""The live objects of one kind by namespace and name, in as little memory as will do.

A namespace holds its one object of the kind, or a list in the order of names: a dict of their names would
take four times as much. Invariant: behaves as a dict by namespace and name would.
"""

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from fairlead.kube.live_object import LiveObject

_name = attrgetter("name")
_Held = LiveObject | list[LiveObject]


class Places:
    __slots__ = ("_count", "_held")

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[LiveObject]:
        for namespace in list(self._held):
            yield from self.within(namespace)

    def get(self, namespace: str, name: str) -> LiveObject | None:
        """The object of that name."""
        held = self._held.get(namespace)
        if isinstance(held, list):
            at = bisect_left(held, name, key=_name)
            held = held[at] if at < len(held) else None
        return held if held is not None and held.name == name else None

    def within(self, namespace: str) -> tuple[LiveObject, ...]:
        """The objects in a namespace."""
        held = self._held.get(namespace)
        if held is None:
            return ()
        return tuple(held) if isinstance(held, list) else (held,)

    def put(self, obj: LiveObject) -> None:
        """Take it in, in place of one of its name."""
        held = self._held.get(obj.namespace)
        if held is None or (not isinstance(held, list) and held.name == obj.name):
            self._count += held is None
            self._held[obj.namespace] = obj
            return
        if not isinstance(held, list):
            held = self._held[obj.namespace] = [held]
        at = bisect_left(held, obj.name, key=_name)
        if at < len(held) and held[at].name == obj.name:
            held[at] = obj
        else:
            held.insert(at, obj)
            self._count += 1

    def drop(self, namespace: str, name: str) -> None:
        """Let go of the object of that name."""
        if self.get(namespace, name) is None:
            return
        self._count -= 1
        held = self._held[namespace]
        if isinstance(held, list) and len(held) > 1:
            del held[bisect_left(held, name, key=_name)]
        else:
            del self._held[namespace]
