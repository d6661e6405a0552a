"""Notices, from the live CustomResourceDefinitions and APIServices, that the cluster serves other kinds now.

Invariant: a kind that a live definition promises is never called absent, even if discovery lacks it: an API
server that has just started lists its own kinds before the custom ones.
"""

from collections.abc import Callable, Iterable

import msgspec

from fairlead.kube.live_index import LiveChange
from fairlead.manifest.identity import GroupKind

CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")
API_SERVICE = GroupKind("apiregistration.k8s.io", "APIService")


class _Names(msgspec.Struct, frozen=True):
    kind: str = ""


class _Version(msgspec.Struct, frozen=True):
    name: str
    served: bool = True


class _Spec(msgspec.Struct, frozen=True):
    group: str = ""
    names: _Names = _Names()
    versions: list[_Version] = []


class _Condition(msgspec.Struct, frozen=True):
    type: str = ""
    status: str = ""


class _Status(msgspec.Struct, frozen=True):
    conditions: list[_Condition] | None = None

    def has(self, type_: str) -> bool:
        return any(item.type == type_ and item.status == "True" for item in self.conditions or ())


class _Definition(msgspec.Struct, frozen=True):
    spec: _Spec = _Spec()
    status: _Status = _Status()


_DEFINITION = msgspec.json.Decoder(_Definition)


class ServedKinds:
    """What the definitions seen so far say is served, compared with what discovery lists.

    `listed` answers the versions of a kind that discovery lists now.
    """

    def __init__(self, listed: Callable[[GroupKind], Iterable[str]]) -> None:
        self._listed = listed
        self._served: dict[GroupKind, frozenset[str]] = {}
        self._services: dict[str, str] = {}

    def note(self, change: LiveChange) -> bool:
        """Whether discovery should be asked again because of this change."""
        kind = change.object.group_kind
        if kind == API_SERVICE:
            self._note_service(change)
            return not change.initial and _availability(change)
        if kind != CRD:
            return False
        defined, served = _defined(change)
        self._served[defined] = served
        return not self._settled(defined)

    def agree(self) -> bool:
        """Whether discovery lists every defined kind in exactly its served versions, and no removed one."""
        return all(self._settled(kind) for kind in list(self._served))

    def defines(self, kind: GroupKind) -> bool:
        """Whether a live definition says that this kind is served."""
        return bool(self._served.get(kind))

    def registers(self, group: str) -> bool:
        """Whether a live APIService says that this group is served: every group has one, built-in or not, but
        their own, which is served where there are any."""
        return group in self._services.values() or (group == API_SERVICE.group and bool(self._services))

    def _note_service(self, change: LiveChange) -> None:
        if change.new is None:
            self._services.pop(change.key.name, None)
        else:
            self._services[change.key.name] = _DEFINITION.decode(change.new.text).spec.group

    def _settled(self, kind: GroupKind) -> bool:
        served = self._served[kind]
        if frozenset(self._listed(kind)) != served:
            return False
        if not served:
            del self._served[kind]
        return True


def _defined(change: LiveChange) -> tuple[GroupKind, frozenset[str]]:
    """A definition's kind and served versions: none before it is established, or once it is removed."""
    definition = _DEFINITION.decode(change.object.text)
    kind = GroupKind(definition.spec.group, definition.spec.names.kind)
    if change.new is None or not definition.status.has("Established"):
        return kind, frozenset()
    return kind, frozenset(item.name for item in definition.spec.versions if item.served)


def _availability(change: LiveChange) -> bool:
    before = change.old is not None and _DEFINITION.decode(change.old.text).status.has("Available")
    after = change.new is not None and _DEFINITION.decode(change.new.text).status.has("Available")
    return before != after
