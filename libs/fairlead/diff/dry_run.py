"""Reading the answer of a server-side-apply dry run: would anything of ours change.

Invariant: what a mutating webhook adds on the way is not a difference between Git and the cluster, unless the
user asks for it (``IncludeMutationWebhook=true``).
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import msgspec

from fairlead.diff.dropped import left_behind
from fairlead.diff.fieldset import MISSING, Fields, child
from fairlead.diff.ignore import NOTHING, Ignored
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys
from fairlead.diff.normalize import DEFAULT_SETTINGS, Settings, foreign_fields, normalize
from fairlead.diff.ownership import applied_fields, without_owned
from fairlead.diff.subset import is_identical
from fairlead.manifest.fields import Manifest


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides in one spelling, as people are shown them once masked, and whether they are equal."""

    equal: bool
    predicted: dict[str, Any]
    live: dict[str, Any]


def interpret(
    predicted: Manifest,
    live: Manifest,
    *,
    manager: str,
    desired: Manifest | None = None,
    ignored: Ignored = NOTHING,
    settings: Settings = DEFAULT_SETTINGS,
    include_mutation_webhook: bool = False,
    list_keys: ListKeys = WELL_KNOWN,
) -> Prediction:
    """Compare what there will be once ``desired`` was applied with what is there.

    ``predicted`` is the server's answer to the apply alone; what others own too of our last desired state
    goes as well (see :mod:`fairlead.diff.dropped`).
    """
    left = left_behind(predicted, live, desired, manager, list_keys) if desired is not None else None
    if not include_mutation_webhook:
        predicted = without_webhooks(predicted, live, manager, desired)
    if left:
        predicted = without_owned(predicted, left)
    foreign = foreign_fields(live, ignored)
    there = normalize(live, ignored=ignored, settings=settings, foreign=foreign)
    then = normalize(predicted, ignored=ignored, settings=settings, foreign=foreign)
    return Prediction(equal=is_identical(then, there), predicted=then, live=there)


def without_webhooks(
    predicted: Manifest, live: Manifest, manager: str, desired: Manifest | None = None
) -> dict[str, Any]:
    """The prediction with every change undone that is not to a field we apply.

    A field set to its zero value (``paused: false``) or to null is neither stored nor owned, so what
    ``desired`` names counts as ours too.
    """
    after, before = applied_fields(predicted, manager) or {}, applied_fields(live, manager) or {}
    wanted = MISSING if desired is None else desired
    settled = _settle(predicted, live, after, before, wanted)
    return settled if isinstance(settled, dict) else dict(predicted)


def _settle(predicted: Any, live: Any, after: Fields | None, before: Fields | None, wanted: Any) -> Any:
    """Take a change where we own the place, else what is live. None for a field set means not ours."""
    if after == {} or before == {}:
        return predicted
    if isinstance(predicted, Mapping) and isinstance(live, Mapping):
        return _settle_maps(predicted, live, after, before, wanted)
    if isinstance(predicted, list) and isinstance(live, list) and (after or before):
        return _settle_lists(predicted, live, after or {}, before or {}, wanted)
    return live


def _settle_maps(
    predicted: Mapping[str, Any],
    live: Mapping[str, Any],
    after: Fields | None,
    before: Fields | None,
    wanted: Any,
) -> dict[str, Any]:
    result = {}
    for name in dict.fromkeys((*live, *predicted)):
        step = f"f:{name}"
        ours, were = (after or {}).get(step), (before or {}).get(step)
        named = child(wanted, step)
        then, there = (MISSING if it is None else it for it in (predicted.get(name), live.get(name)))
        value = _settle_one(then, there, ours, were, named)
        if value is not MISSING:
            result[name] = value
    return result


def _settle_one(predicted: Any, live: Any, after: Fields | None, before: Fields | None, wanted: Any) -> Any:
    is_named = wanted is not MISSING
    if live is MISSING:
        return predicted if after is not None or is_named else MISSING
    if predicted is MISSING:
        return MISSING if before is not None or is_named else live
    if after is None and before is None and not isinstance(wanted, Mapping):
        return predicted if is_named else live
    return _settle(predicted, live, after, before, wanted)


def _settle_lists(
    predicted: list[Any], live: list[Any], after: Fields, before: Fields, wanted: Any
) -> list[Any]:
    """Items we own are taken as predicted, items we gave up are gone, all others stay as they are.

    Ours take the places that they have in the live list, in the order that is predicted.
    """
    ours: list[_Settled] = []
    for step, fields in after.items():
        item = child(predicted, step) if step != "." else MISSING
        if item is MISSING:
            continue
        was = child(live, step)
        old = before.get(step)
        settled = item if was is MISSING else _settle(item, was, fields, old, child(wanted, step))
        ours.append(_Settled(_place_of(was, live), _place_of(item, predicted), settled))
    if not ours and not before:
        return live
    ours.sort(key=attrgetter("then"))
    there = sorted(one.place for one in ours if one.place < len(live))
    placed = list(zip(there, (one.value for one in ours if one.place < len(live)), strict=True))
    mine = [child(live, step) for step in (*after, *before) if step != "."]
    placed += [(at, it) for at, it in enumerate(live) if not any(it is one or it == one for one in mine)]
    new = [one.value for one in ours if one.place == len(live)]
    return [*(item for _, item in sorted(placed, key=itemgetter(0))), *new]


class _Settled(NamedTuple):
    """An item of ours: where it is in the live list (its length for nowhere), and in the predicted one."""

    place: int
    then: int
    value: Any


def _place_of(item: Any, items: list[Any]) -> int:
    return next((at for at, one in enumerate(items) if one is item or one == item), len(items))
