"""Which applications want objects of a kind, and which want a certain definition.

Invariant: it says what each application's newest desired state says; finding them costs what is found.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.model.application import AppId

_Topic = GroupKind | ResourceKey


class Interests:
    """Applications by kind and by CustomResourceDefinition."""

    def __init__(self) -> None:
        self._of: dict[AppId, frozenset[_Topic]] = {}
        self._interested: dict[_Topic, set[AppId]] = {}
        self._expected: set[GroupKind] = set()

    def note(self, app_id: AppId, wanted: Iterable[ResourceKey]) -> None:
        """What the application wants from now on."""
        topics: set[_Topic] = set()
        for key in wanted:
            topics.add(key.group_kind)
            if key.group_kind == CUSTOM_RESOURCE_DEFINITION:
                topics.add(key)
        before = self._of.get(app_id, frozenset())
        self._of[app_id] = frozenset(topics)
        for topic in before - topics:
            self._leave(topic, app_id)
        for topic in topics - before:
            self._interested.setdefault(topic, set()).add(app_id)

    def expect(self, kinds: Iterable[GroupKind]) -> None:
        """An application had objects of these kinds when it was last looked at, by whomever."""
        self._expected.update(kinds)

    def wants(self, kind: GroupKind) -> bool:
        """Whether any application wants objects of the kind, or had some, in whatever cluster."""
        return kind in self._interested or kind in self._expected

    def forget(self, app_id: AppId) -> None:
        """The application is gone."""
        for topic in self._of.pop(app_id, frozenset()):
            self._leave(topic, app_id)

    def in_kind(self, kind: GroupKind) -> frozenset[AppId]:
        """Those that want an object of the kind."""
        return frozenset(self._interested.get(kind, ()))

    def in_definition(self, key: ResourceKey) -> frozenset[AppId]:
        """Those that want this very definition."""
        return frozenset(self._interested.get(key, ()))

    def _leave(self, topic: _Topic, app_id: AppId) -> None:
        members = self._interested.get(topic)
        if members is not None:
            members.discard(app_id)
            if not members:
                del self._interested[topic]
