"""The items of a comparison whose health a script is still to tell, told.

Invariant: an item whose script the engine failed, or did not come to, stays in doubt, so that it is judged
again.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.comparing.item import Item
from fairlead.app_controller.destination.scripted import PENDING, HealthScripts
from fairlead.manifest.fields import Manifest


async def settled(scripts: HealthScripts, items: list[Item]) -> list[Item]:
    """The items, those that wait for a script's word with it."""
    waiting = {
        place: item.live.decoded()
        for place, item in enumerate(items)
        if item.health is PENDING and item.live is not None
    }
    if not waiting:
        return items
    await scripts.learn(waiting.values())
    return [
        _judged(scripts, item, waiting[place]) if place in waiting else item
        for place, item in enumerate(items)
    ]


def _judged(scripts: HealthScripts, item: Item, decoded: Manifest) -> Item:
    """The item with what is known of its health now."""
    health = scripts.of(decoded)
    return msgspec.structs.replace(
        item,
        health=health,
        health_problem=scripts.problem_of(decoded),
        in_doubt=item.in_doubt or health is PENDING or scripts.is_passing(decoded),
    )
