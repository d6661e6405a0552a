"""Which objects a cluster has from the start, each found by number or name, and made when asked for.

Invariant: the objects of a kind are numbered in the order in which a list has them; the same cluster, kind
and number is always the same object.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from fairlead.manifest.identity import GroupVersionKind
from tests.fakes.clusters.bodies import (
    BORN,
    LIVE,
    NAME,
    OTHERS,
    OWNER,
    OWNER_UID,
    OWNERS,
    PER_UNIT,
    SPACE,
    UNIT,
    WANTED,
)
from tests.fakes.clusters.fields import paths_of, tree_of
from tests.fakes.clusters.kinds import KINDS, PLACES, Kind

Name = tuple[str, str]
"""Namespace, "" where there is none, and name."""
FIRST_VERSION = 1000
MANAGER = "argocd-controller"
TRACKING_ID = "argocd.argoproj.io/tracking-id"
UNITS_IN_A_SPACE = 10
_UID, _VERSION, _MARK = "@uid@", "@version@", "@mark@"
_GAPS = (UNIT, NAME, SPACE, OWNER, OWNER_UID, _UID, _VERSION, _MARK)
_PREFIXES = {"Namespace": "team-%04d", "Node": "node-%04d"}


class Population:
    """The same of every cluster: so many objects, the first services of which belong to applications."""

    def __init__(self, objects: int, applications: int = 0) -> None:
        self.units = max(1, (objects - 2) // 10) if objects else 0
        self.applications = min(applications, self.units)
        self.spaces = -(-self.units // UNITS_IN_A_SPACE)
        self.counts = {name: count * self.units for name, count in PER_UNIT.items()}
        self.counts["Namespace"] = self.spaces
        rest = max(0, objects - sum(self.counts.values()))
        for place, name in enumerate(OTHERS):
            self.counts[name] = rest // len(OTHERS) + (place < rest % len(OTHERS))
        self._kinds = {name: _kind_of(name) for name in self.counts}
        self._firsts: dict[str, int] = {}
        first = FIRST_VERSION
        for name, count in self.counts.items():
            self._firsts[name] = first
            first += count
        self.version = first
        self._forms: dict[tuple[str, bool], tuple[bytes, bytes]] = {}

    def __len__(self) -> int:
        return sum(self.counts.values())

    def count(self, kind: Kind) -> int:
        """How many objects of a kind there are."""
        return self.counts.get(kind.name, 0) if self._is_ours(kind) else 0

    def name(self, kind: Kind, number: int) -> Name:
        """Of an object."""
        name = kind.name
        if name in _PREFIXES:
            return "", _PREFIXES[name] % number
        each = PER_UNIT.get(name, 1)
        unit = number // each
        text = f"app-{unit:05d}"
        if each > 1:
            text += f"-{number % each}" if name == "ReplicaSet" else f"-1-{number % each}"
        if not kind.namespaced:
            return "", text
        return f"team-{unit // UNITS_IN_A_SPACE:04d}", text

    def number(self, kind: Kind, name: Name) -> int | None:
        """Of the object of that name."""
        digits = [part for part in name[1].split("-") if part.isdecimal()]
        if not digits or not self.count(kind):
            return None
        each = PER_UNIT.get(kind.name, 1)
        number = int(digits[0]) * each + (int(digits[-1]) if each > 1 else 0)
        return number if number < self.count(kind) and self.name(kind, number) == name else None

    def between(self, kind: Kind, namespace: str) -> range:
        """The numbers of the objects in a namespace, of all with ""."""
        count = self.count(kind)
        if not namespace:
            return range(count)
        _, _, digits = namespace.partition("team-")
        if not kind.namespaced or not digits.isdecimal() or namespace != f"team-{int(digits):04d}":
            return range(0)
        each = PER_UNIT.get(kind.name, 1) * UNITS_IN_A_SPACE
        return range(min(count, int(digits) * each), min(count, (int(digits) + 1) * each))

    def resource_version(self, kind: Kind, number: int) -> int:
        """Of an object that nobody wrote."""
        return self._firsts[kind.name] + number

    def is_managed(self, kind: Kind, number: int) -> bool:
        """Whether an application brings it."""
        return kind.name in WANTED and number < self.applications

    def made(self, cluster: int, kind: Kind, number: int, *, is_partial: bool = False) -> bytes:
        """An object without what says its kind; `is_partial`, its metadata alone."""
        is_managed = self.is_managed(kind, number)
        form = self._forms.get((kind.name, is_managed)) or self._form(kind, is_managed=is_managed)
        return form[is_partial] % self._gaps(cluster, kind, number)

    def metadata(self, cluster: int, kind: Kind, number: int) -> dict[str, Any]:
        """The metadata of an object."""
        made = self.made(cluster, kind, number, is_partial=True)
        found: dict[str, Any] = msgspec.json.decode(made)["metadata"]
        return found

    def children(self, kind: Kind, number: int) -> Iterator[tuple[Kind, int]]:
        """What an object owns."""
        for name, (owner, each) in OWNERS.items():
            if owner == kind.name and self._is_ours(kind):
                yield from ((self._kinds[name], number * each + place) for place in range(each))

    def uid(self, cluster: int, kind: Kind, number: int) -> str:
        """Of an object."""
        return f"{cluster:08x}-{PLACES[kind]:04x}-4000-8000-{number:012x}"

    def _is_ours(self, kind: Kind) -> bool:
        return self._kinds.get(kind.name) is kind

    def _gaps(self, cluster: int, kind: Kind, number: int) -> dict[bytes, bytes]:
        namespace, name = self.name(kind, number)
        unit = number // PER_UNIT.get(kind.name, 1)
        gaps = {
            b"unit": b"%05d" % unit,
            b"name": name.encode(),
            b"space": namespace.encode(),
            b"uid": self.uid(cluster, kind, number).encode(),
            b"version": b"%d" % self.resource_version(kind, number),
        }
        owner = OWNERS.get(kind.name)
        if owner is not None:
            above, place = self._kinds[owner[0]], number // owner[1]
            gaps[b"owner"] = self.name(above, place)[1].encode()
            gaps[b"owneruid"] = self.uid(cluster, above, place).encode()
        if self.is_managed(kind, number):
            mark = f"{application_name(cluster, number)}:{kind.group}/{kind.name}:{namespace}/{name}"
            gaps[b"mark"] = mark.encode()
        return gaps

    def _form(self, kind: Kind, *, is_managed: bool) -> tuple[bytes, bytes]:
        """The bytes of a kind's objects with gaps, whole and as metadata."""
        live = LIVE[kind.name]
        annotations = dict(live["metadata"].get("annotations") or {})
        if is_managed:
            annotations[TRACKING_ID] = _MARK
        metadata: dict[str, Any] = {
            "name": NAME,
            **({"namespace": SPACE} if kind.namespaced else {}),
            "uid": _UID,
            "resourceVersion": _VERSION,
            **({"generation": 1} if "spec" in live else {}),
            "creationTimestamp": BORN,
            **{key: value for key, value in live["metadata"].items() if key != "annotations"},
            **({"annotations": annotations} if annotations else {}),
            "managedFields": _entries(kind, live, is_managed=is_managed),
        }
        body = {key: value for key, value in live.items() if key != "metadata"}
        form = _with_gaps({"metadata": metadata, **body}), _with_gaps({"metadata": metadata})
        self._forms[kind.name, is_managed] = form
        return form


def application_name(cluster: int, number: int) -> str:
    """The application that the objects of a service belong to."""
    return f"c{cluster:03d}-a{number:05d}"


def wanted(population: Population, cluster: int, number: int) -> list[dict[str, Any]]:
    """The manifests of an application: what its objects say in the cluster, defaults and status aside."""
    found = []
    for name, form in WANTED.items():
        kind = _kind_of(name)
        found.append(msgspec.json.decode(_with_gaps(form) % population._gaps(cluster, kind, number)))
    return found


def _kind_of(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def _entries(kind: Kind, live: dict[str, Any], *, is_managed: bool) -> list[dict[str, Any]]:
    gvk = GroupVersionKind(kind.group, kind.version, kind.name)
    given = WANTED[kind.name] if is_managed else {**live, "status": None}
    if is_managed:
        marks = {"annotations": {TRACKING_ID: _MARK}}
        given = {**given, "metadata": {**given["metadata"], **marks}}
    else:
        given.pop("status")
    entry = {"apiVersion": kind.api_version, "time": BORN, "fieldsType": "FieldsV1"}
    entries = [
        {
            "manager": MANAGER if is_managed else "helm",
            "operation": "Apply" if is_managed else "Update",
            **entry,
            "fieldsV1": tree_of(paths_of(given, gvk)),
        }
    ]
    if "status" in live:
        entries.append(
            {
                "manager": "kube-controller-manager",
                "operation": "Update",
                **entry,
                "fieldsV1": tree_of(paths_of({"status": live["status"]}, gvk)),
                "subresource": "status",
            }
        )
    return entries


def _with_gaps(form: dict[str, Any]) -> bytes:
    text = msgspec.json.encode(form).replace(b"%", b"%%")
    for gap in _GAPS:
        text = text.replace(gap.encode(), b"%%(%s)b" % gap.strip("@").encode())
    return text
