"""Live objects whose mark names another object: somebody copied a managed one, mark and all.

Invariant: a copy is shown and explained, and counts for nothing: not for the sync code, the health, the
images, the addresses, a confirmation, the wipe-out protection or a deletion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fairlead.app_controller.comparing.item import Item, Remark
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.model.status import ConditionType
from fairlead.sync.hooks import is_hook
from fairlead.sync.waves import wave_of

MAX_NAMED: Final = 10
"""Copies explained one by one; of the others the number is given."""


def copy_of(live: LiveObject, decoded: Manifest) -> Item:
    """What is shown of a copy."""
    return Item(
        key=live.key,
        version=live.version,
        desired=None,
        live=live,
        hook=is_hook(decoded),
        copied=True,
        wave=wave_of(decoded),
    )


def copy_remarks(items: Iterable[Item]) -> Iterator[Remark]:
    """Why the copies among these objects are listed without a status."""
    copies = sorted((item for item in items if item.copied), key=lambda item: str(item.key))
    for item in copies[:MAX_NAMED]:
        place = f" in namespace {item.key.namespace}" if item.key.namespace else ""
        yield Remark(
            ConditionType.COPIED_RESOURCE_WARNING,
            f"{item.key.kind}/{item.key.name}{place} carries the mark of another object of this application, "
            "so it is listed but not compared, counted or deleted. If it is a copy, remove its annotation "
            f"{TRACKING_ID}.",
        )
    if len(copies) > MAX_NAMED:
        text = f"{len(copies) - MAX_NAMED} more objects carry the mark of another object of this application."
        yield Remark(ConditionType.COPIED_RESOURCE_WARNING, text)
