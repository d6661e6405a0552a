"""What people are shown of a difference: the API server's own prediction beside the live object.

Invariant: no value of a Secret leaves this module, and equal values look equal.
"""

from __future__ import annotations

import asyncio

import msgspec

from fairlead.app_controller.comparing.ask import predicted
from fairlead.app_controller.comparing.item import Item, Subject
from fairlead.app_controller.comparing.rules import rules_of
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.diff.dry_run import Prediction
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.mask import masked
from fairlead.kube.errors import KubeError
from fairlead.manifest.fields import Manifest
from fairlead.model.status import SyncCode
from fairlead.rpc import ManagedResource

ASK_AT_ONCE = 8


async def managed_resources(
    subject: Subject, items: list[Item], hidden: tuple[str, ...]
) -> tuple[ManagedResource, ...]:
    """These objects of a comparison as they are shown; `hidden` are annotations to mask.

    Objects that differ cost one dry run each, at most ASK_AT_ONCE at a time.
    """
    gate = asyncio.Semaphore(ASK_AT_ONCE)

    async def shown(item: Item) -> ManagedResource:
        async with gate:
            return await _shown(subject, item, hidden)

    return tuple(await asyncio.gather(*(shown(item) for item in items)))


async def _shown(subject: Subject, item: Item, hidden: tuple[str, ...]) -> ManagedResource:
    target = item.desired.object if item.desired is not None else None
    live = await subject.cluster.live.decoded(item.live) if item.live is not None else None
    is_modified = item.outcome is not None and item.outcome.status is SyncCode.OUT_OF_SYNC
    prediction = await prediction_of(subject, item, live) if is_modified and live is not None else None
    normalized, predicted = (prediction.live, prediction.predicted) if prediction else (live, live or target)
    texts = [_json(state) for state in masked(target, live, normalized, predicted, annotations=hidden)]
    return ManagedResource(
        group=item.key.group,
        kind=item.key.kind,
        namespace=item.key.namespace,
        name=item.key.name,
        target_state=texts[0],
        live_state=texts[1],
        normalized_live_state=texts[2],
        predicted_live_state=texts[3],
        resource_version=item.live.resource_version if item.live is not None else "",
        modified=is_modified,
        hook=item.hook,
    )


async def prediction_of(subject: Subject, item: Item, live: Manifest) -> Prediction | None:
    """What applying would lead to, or None when the server refuses or the object is to be pruned."""
    desired = item.desired
    if desired is None:
        return None
    resource = subject.cluster.discovery.resource_for(*desired.key.group_kind, desired.gvk.version)
    if resource is None:
        return None
    try:
        return await predicted(subject, resource, desired, live, rules_of(subject, item))
    except (KubeError, IgnoreRuleError, ImpersonationError):
        return None


def _json(value: object) -> str:
    return "null" if value is None else msgspec.json.encode(value).decode()
