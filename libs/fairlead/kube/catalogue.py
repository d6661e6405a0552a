"""What a cluster serves, as far as it told us.

Invariant: a kind is *absent* only when every version of its group answered; otherwise it is *unknown*, and
nobody may conclude anything from not finding it.
"""

from collections.abc import Iterable, Mapping
from enum import Enum

import msgspec

from fairlead.kube.resource import Resource
from fairlead.manifest.identity import GroupKind


class Presence(Enum):
    """Whether a kind is served: `UNKNOWN` is doubt, not absence."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class GroupVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The resources of one group version, or why they could not be had (`failure`)."""

    group: str
    version: str
    resources: tuple[Resource, ...] = ()
    failure: str | None = None

    @property
    def name(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


class Catalogue:
    """Group versions in the server's order of preference, indexed by kind."""

    def __init__(self, versions: Iterable[GroupVersion]) -> None:
        self.versions = tuple(versions)
        self._by_kind: dict[GroupKind, list[Resource]] = {}
        self._groups = {entry.group for entry in self.versions}
        self._doubtful = {entry.group for entry in self.versions if entry.failure is not None}
        for entry in self.versions:
            for resource in entry.resources:
                self._by_kind.setdefault(resource.group_kind, []).append(resource)

    @property
    def failures(self) -> Mapping[str, str]:
        """Why a group version (`metrics.k8s.io/v1beta1`) could not be discovered."""
        return {entry.name: entry.failure for entry in self.versions if entry.failure is not None}

    def resource_for(self, group: str, kind: str, version: str | None = None) -> Resource | None:
        """The resource of a kind, in one version or the preferred one; None when it is absent or unknown."""
        found = self._by_kind.get(GroupKind(group, kind), ())
        return next((item for item in found if version is None or item.version == version), None)

    def versions_of(self, group: str, kind: str) -> tuple[str, ...]:
        """The served versions of a kind, the preferred one first."""
        return tuple(item.version for item in self._by_kind.get(GroupKind(group, kind), ()))

    def presence(self, group: str, kind: str) -> Presence:
        if GroupKind(group, kind) in self._by_kind:
            return Presence.PRESENT
        return Presence.UNKNOWN if group in self._doubtful else Presence.ABSENT

    def has_group(self, group: str) -> bool:
        """Whether any version of the group is listed, be it one that failed."""
        return group in self._groups

    def preferred(self) -> list[Resource]:
        """One resource per kind: the first version that can be listed and watched, else the first."""
        return [
            next((item for item in found if item.can_watch), found[0]) for found in self._by_kind.values()
        ]

    def api_versions(self) -> list[str]:
        """What Helm calls capabilities: `v1`, `apps/v1`, `apps/v1/Deployment`, sorted."""
        names = {entry.name for entry in self.versions}
        for found in self._by_kind.values():
            names.update(f"{item.api_version}/{item.kind}" for item in found)
        return sorted(names)

    def keeping(self, earlier: "Catalogue") -> "Catalogue":
        """This catalogue with what an earlier one knew of the group versions that failed in this one."""
        known = {entry.name: entry.resources for entry in earlier.versions}
        return Catalogue(
            msgspec.structs.replace(entry, resources=known.get(entry.name, ()))
            if entry.failure is not None and not entry.resources
            else entry
            for entry in self.versions
        )
