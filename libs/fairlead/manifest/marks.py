"""What planning, ordering and judging read of a desired object, without opening it.

Invariant: of every annotation that decides how an object is handled the outline says what the object says.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakValueDictionary

import msgspec

from fairlead.manifest.digest import canonical
from fairlead.manifest.fields import Manifest, annotations_of, text_at
from fairlead.manifest.identity import GroupKind, gvk_of
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION, INSTALLATION_ID, TRACKING_ID

_PREFIXES: Final = ("argocd.argoproj.io/", "helm.sh/", "fairlead.dev/")
_LEFT_OUT: Final = frozenset({TRACKING_ID, INSTALLATION_ID})
"""Whose an object is, it says in its body; no two objects say the same."""


class Marks(msgspec.Struct, frozen=True, weakref=True):
    """`outline` is the object with nothing but the annotations that decide how it is handled: whatever reads
    such an annotation of a manifest reads it of this. `defines` is the kind that a definition defines.
    """

    outline: Manifest
    defines: GroupKind | None = None


_UNMARKED: Final = Marks({"metadata": {"annotations": {}}})
_known: WeakValueDictionary[bytes, Marks] = WeakValueDictionary()


def marks_of(obj: Manifest) -> Marks:
    """The marks of an object; equal ones are the same value, since most objects have none or few kinds."""
    found = {
        name: value
        for name, value in annotations_of(obj).items()
        if name.startswith(_PREFIXES) and name not in _LEFT_OUT
    }
    if gvk_of(obj).group_kind == CUSTOM_RESOURCE_DEFINITION:
        defined = GroupKind(text_at(obj, "spec", "group"), text_at(obj, "spec", "names", "kind"))
        return Marks({"metadata": {"annotations": found}}, defined)
    if not found:
        return _UNMARKED
    name = canonical(found)
    known = _known.get(name)
    if known is None:
        known = _known[name] = Marks({"metadata": {"annotations": found}})
    return known
