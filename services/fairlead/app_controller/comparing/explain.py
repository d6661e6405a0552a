"""Why objects are not as Git says: field by field, with who owns it live and the rule that would silence it.

Invariant: no value of a Secret leaves this module, and equal values look equal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from fairlead.app_controller.comparing.item import Item, Subject
from fairlead.app_controller.comparing.rules import rules_of
from fairlead.app_controller.comparing.shown import ASK_AT_ONCE, prediction_of
from fairlead.diff.compare import DEFAULT_RULES, FIELD_MANAGER, Rules, Sides, sides
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.explain import Difference, differing, explained, lacking
from fairlead.diff.mask import masked
from fairlead.diff.result import Reason
from fairlead.manifest.fields import Manifest, maps_at
from fairlead.manifest.prepare import Desired
from fairlead.model.explanation import Explanation
from fairlead.model.status import SyncCode
from fairlead.render.jq import without_paths
from fairlead.rpc.explained import MAX_OBJECTS, ExplainedApplication, ExplainedObject

UNKNOWN = "unknown"
"""The reason of what could not be compared."""


async def explanations(
    subject: Subject, item: Item, hidden: tuple[str, ...], *, may_ask: bool = True
) -> tuple[Explanation, ...]:
    """The differences of one object; none where it is missing, extra or in sync.

    With `may_ask` the API server says exactly what an apply would change, in one dry run. Without it, or
    where the server refuses, it is what the comparison itself sees: no request, and what a default or a
    webhook would make of a field is not known. `hidden` are annotations to mask.
    """
    desired, live = item.desired, item.live
    if desired is None or live is None or item.outcome is None or item.outcome.status is SyncCode.SYNCED:
        return ()
    decoded, rules = await subject.cluster.live.decoded(live), _rules(subject, item)
    if decoded is None:
        return ()
    prediction = await prediction_of(subject, item, decoded) if may_ask else None
    if prediction is not None:
        after, there = masked(prediction.predicted, prediction.live, annotations=hidden)
        found = differing(after or {}, there or {}, rules.list_keys)
    else:
        found = await _unasked(subject, desired, decoded, rules, hidden)
    return explained(item.key, found, maps_at(decoded, "metadata", "managedFields"), manager=FIELD_MANAGER)


async def explained_objects(
    subject: Subject, items: list[Item], hidden: tuple[str, ...]
) -> ExplainedApplication:
    """Those of the items that are not as Git says, explained, ASK_AT_ONCE at a time."""
    differing_ones = [item for item in items if item.takes_part and _reason(item)]
    gate = asyncio.Semaphore(ASK_AT_ONCE)

    async def one(item: Item) -> ExplainedObject:
        async with gate:
            return ExplainedObject(
                group=item.key.group,
                kind=item.key.kind,
                namespace=item.key.namespace,
                name=item.key.name,
                reason=_reason(item),
                problem=item.problem,
                differences=await explanations(subject, item, hidden),
            )

    objects = await asyncio.gather(*map(one, differing_ones[:MAX_OBJECTS]))
    return ExplainedApplication(objects=tuple(objects), more=max(0, len(differing_ones) - MAX_OBJECTS))


def _reason(item: Item) -> str:
    """Why an item is not in sync; "" when it is."""
    outcome = item.outcome
    if outcome is None or outcome.status is SyncCode.SYNCED:
        return ""
    return UNKNOWN if outcome.reason is Reason.NONE else outcome.reason.value


def _rules(subject: Subject, item: Item) -> Rules:
    try:
        return rules_of(subject, item)
    except IgnoreRuleError:
        return DEFAULT_RULES


async def _unasked(
    subject: Subject, desired: Desired, live: Manifest, rules: Rules, hidden: tuple[str, ...]
) -> Iterator[Difference]:
    compared = sides(desired.object, live, rules)
    if rules.ignored.jq_expressions:
        compared = await _without_what_jq_names(subject, compared, rules)
    wanted, there = masked(compared.desired, compared.live, annotations=hidden)
    return lacking(wanted or {}, there or {}, compared.dropped(rules), rules.list_keys)


async def _without_what_jq_names(subject: Subject, compared: Sides, rules: Rules) -> Sides:
    try:
        ours, theirs = await subject.jq.paths(rules.ignored.jq_expressions, (compared.desired, compared.live))
    except IgnoreRuleError:
        return compared
    return compared._replace(
        desired=without_paths(compared.desired, ours), live=without_paths(compared.live, theirs)
    )
