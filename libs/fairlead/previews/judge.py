"""Two renders of one application, compared; and what its cluster says put beside each object.

Invariant: Secrets are masked here, equal values equally on both sides, so that a change of a value is seen
and the value is not. Work that grows with a manifest's size is bounded, and runs off the event loop.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import yaml

from fairlead.diff.mask import masked
from fairlead.manifest.errors import IdentityError
from fairlead.manifest.identity import ResourceKey, key_of
from fairlead.manifest.stated import as_stated
from fairlead.previews.report import ADDED, CHANGED, REMOVED, ObjectChange
from fairlead.rpc.foreseen import Foreseen

MAX_OBJECTS: Final = 500
"""Objects of one application that are told and tried; of others only how many there are."""
MAX_LINES: Final = 4_000
"""Lines of an object, on either side, up to which a diff is made."""
MAX_CHANGED: Final = 600
"""Lines of one object's diff."""
MAX_BYTES: Final = 1 << 20
"""Bytes of an object up to which its text is made."""
CONTEXT: Final = 3
HOOK: Final = "argocd.argoproj.io/hook"

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
Manifest = Mapping[str, Any]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One object that differs: its manifest on each side, which nobody is shown, and what may be shown."""

    before: Manifest | None
    after: Manifest | None
    shown: ObjectChange

    @property
    def is_tried(self) -> bool:
        """Whether a cluster can be asked about it: it has a name, and is no hook."""
        one = self.after or self.before or {}
        metadata = one.get("metadata") or {}
        return bool(metadata.get("name")) and HOOK not in (metadata.get("annotations") or {})


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """All that differ, by key, as far as there is room; and how many are the same, and how many are left."""

    items: tuple[Difference, ...] = ()
    same: int = 0
    more: int = 0


def differences(
    before: Sequence[bytes], after: Sequence[bytes], *, hidden: Iterable[str] = ()
) -> Differences:
    """Two rendered sets, document by document; `hidden` names annotations that are masked too. Blocks: call
    it in a thread."""
    left, right, names = _by_key(before), _by_key(after), frozenset(hidden)
    items: list[Difference] = []
    same = more = 0
    for key in sorted(left.keys() | right.keys(), key=str):
        one, other = left.get(key), right.get(key)
        if one == other:
            same += 1
        elif len(items) >= MAX_OBJECTS:
            more += 1
        else:
            items.append(_difference(key[0], one, other, names))
    return Differences(items=tuple(items), same=same, more=more)


def told(found: Differences, tried: Sequence[Difference], foreseen: Foreseen) -> tuple[ObjectChange, ...]:
    """The objects with what the cluster says of those that were `tried`, in that order."""
    verdicts = {id(difference): verdict for difference, verdict in zip(tried, foreseen.items, strict=False)}
    changes = []
    for each in found.items:
        verdict = verdicts.get(id(each))
        if verdict is None:
            changes.append(each.shown)
            continue
        changes.append(
            msgspec.structs.replace(
                each.shown,
                namespace=verdict.namespace,
                verdict=verdict.verdict,
                words=verdict.words,
                owner=verdict.owner,
            )
        )
    return tuple(changes)


def _by_key(documents: Sequence[bytes]) -> dict[tuple[ResourceKey, int], Manifest]:
    """Documents without a name of their own are told apart by their place."""
    found: dict[tuple[ResourceKey, int], Manifest] = {}
    for place, document in enumerate(documents):
        obj = as_stated(msgspec.json.decode(document, type=dict[str, Any]))
        try:
            key = key_of(obj)
        except IdentityError:
            key = ResourceKey("", str(obj.get("kind") or ""), "", "")
        found[key, 0 if key.name else place] = obj
    return found


def _difference(
    key: ResourceKey, before: Manifest | None, after: Manifest | None, hidden: frozenset[str]
) -> Difference:
    what = CHANGED if before is not None and after is not None else ADDED if before is None else REMOVED
    sides = masked(before, after, annotations=hidden)
    shown = ObjectChange(**key._asdict(), what=what, diff=_diff(*sides))
    return Difference(before=before, after=after, shown=shown)


def _diff(before: Manifest | None, after: Manifest | None) -> str:
    """A unified diff of the manifests as YAML; "" for what is too large."""
    left, right = _lines(before), _lines(after)
    if left is None or right is None:
        return ""
    found = list(difflib.unified_diff(left, right, n=CONTEXT, lineterm=""))[2:]
    return "\n".join(found) if len(found) <= MAX_CHANGED else ""


def _lines(obj: Manifest | None) -> list[str] | None:
    if obj is None:
        return []
    if len(msgspec.json.encode(obj)) > MAX_BYTES:
        return None
    try:
        text: str = yaml.dump(obj, Dumper=_Dumper, allow_unicode=True, width=4096, sort_keys=True)
    except (yaml.YAMLError, RecursionError):
        return None
    lines = text.splitlines()
    return lines if len(lines) <= MAX_LINES else None
