"""The verdict on one object: described, and compared with what is desired.

Invariant: a pure function of its grounds (see `grounds`), but for what only saves a question. Whatever goes
wrong with one object is said of it and touches no other.
"""

from __future__ import annotations

import msgspec
import structlog

from fairlead.app_controller.comparing.copies import copy_of
from fairlead.app_controller.comparing.grounds import Grounds, Terms
from fairlead.app_controller.comparing.item import Item, Subject, not_compared, with_outcome
from fairlead.app_controller.comparing.marks import IGNORE_HEALTHCHECK, images_of, urls_of
from fairlead.app_controller.comparing.rules import rules_for
from fairlead.diff.compare import Fingerprints, compare
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.result import Outcome, outcome_of
from fairlead.health import Code, Health
from fairlead.kube.kind_watch import KindState
from fairlead.kube.live_object import LiveObject
from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.prepare import Desired
from fairlead.manifest.tracking import self_referenced
from fairlead.model.status import SyncCode
from fairlead.sync.hooks import is_hook, is_skipped
from fairlead.sync.options import Removal, SyncOptions, delete_rule, prune_rule
from fairlead.sync.waves import wave_of

log = structlog.get_logger(__name__)

_UNFOLLOWED = {
    KindState.EXCLUDED: "is excluded in the settings",
    KindState.UNWATCHABLE: (
        "cannot be followed on its cluster (it cannot be watched, it is cluster-scoped where the cluster is "
        "limited to namespaces, or it may not be listed); it is neither compared nor applied"
    ),
}


def unfollowed(desired: Desired, state: KindState) -> str:
    """Why an object is left alone altogether, neither compared nor applied nor awaited; "" when it is not."""
    kind = desired.key.group_kind
    told = _UNFOLLOWED.get(state)
    return f"Resource {kind.group}/{kind.kind} {desired.key.name} {told}" if told else ""


def is_ours(live: LiveObject, terms: Terms) -> bool:
    """Whether what no render has is a prune candidate, or a hook that is still there."""
    if live.instance != terms.instance or live.owner_uids or live.key == terms.itself:
        return False
    return terms.permitted(*live.key, bool(live.key.namespace))


def judged(subject: Subject, grounds: Grounds, desired: Desired | None, live: LiveObject | None) -> Item:
    """The verdict on one object. Whatever goes wrong with it is said of this item and touches no other.

    Of what the project forbids nothing live is looked at: whoever writes to Git could name anybody's object.
    """
    terms = grounds.terms
    is_permitted = desired is None or terms.permitted(*desired.key, desired.namespaced is not False)
    live = live if is_permitted else None
    if live is not None and not live.is_whole:
        return unopened(desired, live)
    decoded = live.decoded() if live is not None else None
    if desired is None and live is not None and decoded is not None and _is_copy(grounds, decoded):
        return copy_of(live, decoded)
    item = _described(subject, grounds, desired, live, decoded)
    if not item.takes_part:
        return item
    if desired is None:
        return with_outcome(item, outcome_of(item.key, None, decoded))
    if not is_permitted:
        return with_outcome(item, Outcome(key=item.key, status=SyncCode.UNKNOWN))
    return _against(subject, grounds, item, desired, decoded)


def unopened(desired: Desired | None, live: LiveObject) -> Item:
    """The item of an object that could not be read; it is looked at again."""
    source = desired.marks.outline if desired is not None else {}
    item = Item(
        key=live.key,
        version=live.version,
        desired=desired,
        live=live,
        hook=is_hook(source),
        skipped=is_skipped(source),
    )
    if not item.takes_part:
        return msgspec.structs.replace(item, in_doubt=True)
    problem = f"Failed to compare desired state to live state: {live.key} cannot be read"
    return not_compared(item, problem, in_doubt=True)


def _against(
    subject: Subject, grounds: Grounds, item: Item, desired: Desired, decoded: Manifest | None
) -> Item:
    if grounds.kind.state in (KindState.UNKNOWN, KindState.SYNCING):
        return with_outcome(item, Outcome(key=item.key, status=SyncCode.UNKNOWN))
    try:
        return _compared(subject, grounds, item, desired, decoded)
    except IgnoreRuleError as error:
        return not_compared(item, f"Failed to compare desired state to live state: {error}")
    except Exception as error:
        log.exception("compare.failed", app=grounds.terms.instance, object=str(item.key))
        text = f"Failed to compare desired state to live state: {item.key}: {type(error).__name__}: {error}"
        return not_compared(item, text)


def _compared(
    subject: Subject, grounds: Grounds, item: Item, desired: Desired, decoded: Manifest | None
) -> Item:
    """Of a version that is not served nothing counts that was found out: an apply is refused by now."""
    item = msgspec.structs.replace(item, rules=rules_for(subject, desired))
    if decoded is None or item.rules is None:
        return with_outcome(item, outcome_of(desired.key, desired, None))
    verdict = compare(
        desired,
        decoded,
        fingerprints=subject.cluster.fingerprints if grounds.kind.is_served else Fingerprints(),
        rules=item.rules,
        eager=subject.terms.eager,
    )
    return with_outcome(item, outcome_of(desired.key, desired, decoded, verdict))


def _described(
    subject: Subject,
    grounds: Grounds,
    desired: Desired | None,
    live: LiveObject | None,
    decoded: Manifest | None,
) -> Item:
    """All that does not depend on being in sync."""
    key = desired.key if desired is not None else live.key if live is not None else None
    assert key is not None  # noqa: S101
    source = desired.marks.outline if desired is not None else decoded or {}
    terms = grounds.terms
    return Item(
        key=key,
        version=desired.gvk.version if desired is not None else live.version if live is not None else "",
        desired=desired,
        live=live,
        health=_health_of(subject, grounds, decoded),
        health_problem=subject.cluster.health.problem_of(decoded) if decoded is not None else "",
        in_doubt=decoded is not None and subject.cluster.health.is_passing(decoded),
        hook=is_hook(source),
        skipped=is_skipped(source),
        wave=wave_of(source),
        ignored_health=decoded is not None and annotation_of(decoded, IGNORE_HEALTHCHECK) == "true",
        needs_confirmation=decoded is not None and _needs_confirmation(terms.options, decoded),
        other_owner=grounds.owner if live is not None and grounds.owner != terms.instance else "",
        images=tuple(images_of(decoded)) if decoded is not None else (),
        urls=tuple(urls_of(decoded)) if decoded is not None else (),
    )


def _health_of(subject: Subject, grounds: Grounds, decoded: Manifest | None) -> Health | None:
    """The health as it was seen; of a kind that cannot be read, nobody knows whether it still is."""
    seen = subject.cluster.health.of(decoded) if decoded is not None else None
    if seen is None or not grounds.kind.doubt:
        return seen
    return Health(Code.UNKNOWN, f"its kind cannot be read: {grounds.kind.doubt}")


def _needs_confirmation(options: SyncOptions, live: Manifest) -> bool:
    return Removal.CONFIRM in (prune_rule(options, live), delete_rule(options, live))


def _is_copy(grounds: Grounds, decoded: Manifest) -> bool:
    return not self_referenced(decoded, grounds.terms.settings.tracking.method)
