"""How many objects go along when an Application is pruned that deletes what it deploys.

Why: of an application of applications one object stands for many. Invariant: only what the cluster says is
counted, each object once; an Application without the finalizer leaves what it deployed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from fairlead.manifest.identity import ResourceKey
from fairlead.sync.order import APPLICATION

RESOURCES: Final = "resources-finalizer.argocd.argoproj.io"
CASCADE: Final = frozenset({RESOURCES, f"{RESOURCES}/foreground", f"{RESOURCES}/background"})


class _Resource(msgspec.Struct, frozen=True):
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    hook: bool = False


class _Metadata(msgspec.Struct, frozen=True):
    finalizers: tuple[str, ...] = ()


class _Status(msgspec.Struct, frozen=True):
    resources: tuple[_Resource, ...] = ()


class _Application(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    status: _Status = _Status()


def along_with(key: ResourceKey, text_of: Callable[[ResourceKey], bytes]) -> int:
    """How many objects go with this one. `text_of` has the JSON of a live object, `b""` where that is not
    known."""
    if key.group_kind != APPLICATION:
        return 0
    found, open_ = {key}, [key]
    while open_:
        for taken in _deployed(text_of(open_.pop())):
            if taken not in found:
                found.add(taken)
                open_ += [taken] if taken.group_kind == APPLICATION else []
    return len(found) - 1


def _deployed(text: bytes) -> list[ResourceKey]:
    """What an Application says that it deploys and deletes with itself."""
    try:
        app = msgspec.json.decode(text or b"{}", type=_Application)
    except msgspec.MsgspecError:
        return []
    if not CASCADE.intersection(app.metadata.finalizers):
        return []
    return [
        ResourceKey(one.group, one.kind, one.namespace, one.name)
        for one in app.status.resources
        if not one.hook
    ]
