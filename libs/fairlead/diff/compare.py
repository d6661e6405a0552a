"""The ladder: fingerprint, then subset, then ask.

1. *Fingerprint*: the desired digest is the one recorded, and the hash over our fields is the one recorded
   with it: nothing of ours moved. No parsing of values, no request. (Of an object of which some desired field
   is not ours it is the hash over all but the status.)
2. *Subset*: everything desired is live in one spelling, and we own no field that Git dropped: in sync.
3. *Ask*: a server-side-apply dry run decides; its answer is remembered for that desired digest and version.

A difference needs no question in two cases. The very same desired object was seen to be a subset of the live
one before, so something really was changed since: that is drift, and it is healed without a further request.
Or, where every difference is answered by an apply at once, another desired object was in sync before: Git
changed it. An object never seen before is always asked about, since what differs may be defaults alone.

Invariant: memory only ever saves work. Losing a :class:`Fingerprints` makes answers slower, never other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec

from fairlead.diff.dropped import dropped_fields, dropped_paths
from fairlead.diff.fieldset import Fields, path_text
from fairlead.diff.ignore import NOTHING, Ignored
from fairlead.diff.list_keys import WELL_KNOWN, ListKeys
from fairlead.diff.normalize import DEFAULT_SETTINGS, Settings, foreign_fields, normalize, with_migrated_mark
from fairlead.diff.ownership import content_hash, covers, owned_fields, projection_hash
from fairlead.diff.result import Answer, Rung, Verdict
from fairlead.diff.subset import differences
from fairlead.manifest.fields import Manifest, text_at
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired

_T = TypeVar("_T")

FIELD_MANAGER = "argocd-controller"
MAX_REMEMBERED = 200_000
"""Objects remembered by one controller; the longest untouched are dropped first. About 300 bytes each."""

MAX_PATHS = 8
"""Differing fields named in a verdict."""


Seen = tuple[str, str, str]
"""The version of a live object, the API version it was read in, and whose fields were projected."""
NOT_SEEN: Seen = ("", "", "")
EVERYBODY = "*"
"""Whose fields are projected where ours are not all that counts."""


class Fingerprint(NamedTuple):
    """One object as it was last known to be in sync.

    ``plain`` is whether the live object then had everything desired, letter for letter. What was ``seen`` is
    not projected again.
    """

    digest: str
    projection: bytes
    plain: bool
    seen: Seen = NOT_SEEN


class DryRunAnswer(NamedTuple):
    """What a dry run said about one desired digest and one live version."""

    digest: str
    resource_version: str
    in_sync: bool


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How one object is compared. ``label_key`` is set while marks move from labels to annotations.

    ``server_side`` has the server say also of what memory would call in sync that an apply changes nothing.
    ``include_mutation_webhook`` counts what an admission webhook would change; only the server can tell.
    """

    manager: str = FIELD_MANAGER
    list_keys: ListKeys = WELL_KNOWN
    ignored: Ignored = NOTHING
    settings: Settings = DEFAULT_SETTINGS
    label_key: str = ""
    server_side: bool = False
    include_mutation_webhook: bool = False

    @property
    def always_asks(self) -> bool:
        """Whether only the server's word counts."""
        return self.server_side or self.include_mutation_webhook


DEFAULT_RULES = Rules()


class Fingerprints:
    """What is remembered of one cluster's objects, by key."""

    def __init__(self, limit: int = MAX_REMEMBERED) -> None:
        self._limit = limit
        self._fingerprints: dict[ResourceKey, Fingerprint] = {}
        self._answers: dict[ResourceKey, DryRunAnswer] = {}

    def __len__(self) -> int:
        """Objects with a fingerprint."""
        return len(self._fingerprints)

    def record(
        self, key: ResourceKey, digest: str, projection: bytes, *, plain: bool, seen: Seen = NOT_SEEN
    ) -> None:
        """Remember an object that is in sync. ``digest`` covers the desired object and what is ignored."""
        self._answers.pop(key, None)
        _put(self._fingerprints, key, Fingerprint(digest, projection, plain, seen), self._limit)

    def answer(self, key: ResourceKey, digest: str, resource_version: str, *, in_sync: bool) -> None:
        """Remember what a dry run said."""
        _put(self._answers, key, DryRunAnswer(digest, resource_version, in_sync), self._limit)

    def fingerprint(self, key: ResourceKey) -> Fingerprint | None:
        """The object's fingerprint, if any."""
        return self._fingerprints.get(key)

    def answered(self, key: ResourceKey, digest: str, resource_version: str) -> bool | None:
        """What a dry run said about exactly this pair, or None."""
        found = self._answers.get(key)
        if found is None or (found.digest, found.resource_version) != (digest, resource_version):
            return None
        return found.in_sync

    def forget(self, key: ResourceKey) -> None:
        """The object is gone, or no longer ours."""
        self._fingerprints.pop(key, None)
        self._answers.pop(key, None)

    def clear(self) -> None:
        """Forget everything (a hard refresh, a cluster that was replaced)."""
        self._fingerprints.clear()
        self._answers.clear()


def compare(
    desired: Desired,
    live: Manifest,
    *,
    fingerprints: Fingerprints,
    rules: Rules = DEFAULT_RULES,
    eager: bool = False,
) -> Verdict:
    """Whether a live object is what is desired, or only a dry run can tell.

    ``eager`` takes what Git changed for a difference in meaning: right where the answer to a difference is an
    apply at once (automated sync), since that is what a dry run would cost.
    """
    digest = full_digest(desired, rules)
    known = fingerprints.fingerprint(desired.key)
    if known is not None and known.digest == digest and _stands(known, live, rules):
        return Verdict(answer=Answer.IN_SYNC, rung=Rung.FINGERPRINT)
    said = fingerprints.answered(desired.key, digest, text_at(live, "metadata", "resourceVersion"))
    if said is not None:
        return Verdict(answer=Answer.IN_SYNC if said else Answer.DIFFERS, rung=Rung.DRY_RUN)
    if rules.always_asks:
        return Verdict(answer=Answer.ASK, rung=Rung.SUBSET)
    if desired.gvk.api_version != live.get("apiVersion"):
        return Verdict(answer=Answer.ASK, rung=Rung.SUBSET, paths=(".apiVersion",))
    paths = tuple(islice(plain_differences(desired, live, rules), MAX_PATHS))
    if not paths:
        _remember(desired, live, rules, fingerprints, plain=True)
        return Verdict(answer=Answer.IN_SYNC, rung=Rung.SUBSET)
    certain = known is not None and (known.plain if known.digest == digest else eager)
    if rules.ignored.jq_expressions:
        certain = False
    return Verdict(answer=Answer.DIFFERS if certain else Answer.ASK, rung=Rung.SUBSET, paths=paths)


class Sides(NamedTuple):
    """Both states in one spelling, without what is ignored."""

    desired: dict[str, Any]
    live: dict[str, Any]
    whole: Manifest

    def dropped(self, rules: Rules) -> Fields:
        """What is live of our last desired state that the desired object no longer has."""
        return dropped_fields(self.whole, self.desired, rules.manager, there=self.live, keys=rules.list_keys)


def sides(desired: Manifest, live: Manifest, rules: Rules = DEFAULT_RULES) -> Sides:
    """What is compared of a desired object and a live one."""
    if rules.label_key:
        live = with_migrated_mark(live, desired, rules.label_key)
    foreign = foreign_fields(live, rules.ignored)
    wanted = normalize(desired, ignored=rules.ignored, settings=rules.settings, foreign=foreign)
    there = normalize(live, ignored=rules.ignored, settings=rules.settings, foreign=foreign)
    return Sides(wanted, there, live)


def plain_differences(desired: Desired, live: Manifest, rules: Rules = DEFAULT_RULES) -> Iterator[str]:
    """Where the live object lacks something desired, then where it has what our last desired state had."""
    compared = sides(desired.object, live, rules)
    yield from differences(compared.desired, compared.live, rules.list_keys)
    yield from map(path_text, dropped_paths(compared.dropped(rules)))


def record_applied(
    desired: Desired, applied: Manifest, *, fingerprints: Fingerprints, rules: Rules = DEFAULT_RULES
) -> None:
    """Remember an object as the API server returned it from an apply."""
    if rules.include_mutation_webhook:
        fingerprints.forget(desired.key)
        return
    plain = desired.gvk.api_version == applied.get("apiVersion") and (
        next(plain_differences(desired, applied, rules), None) is None
    )
    fingerprints.forget(desired.key)
    _remember(desired, applied, rules, fingerprints, plain=plain)


def record_answer(
    desired: Desired,
    live: Manifest,
    *,
    in_sync: bool,
    fingerprints: Fingerprints,
    rules: Rules = DEFAULT_RULES,
) -> None:
    """Remember what a dry run said about this desired object and this live version."""
    if in_sync:
        _remember(desired, live, rules, fingerprints, plain=False)
    digest = full_digest(desired, rules)
    version = text_at(live, "metadata", "resourceVersion")
    fingerprints.answer(desired.key, digest, version, in_sync=in_sync)


def _remember(
    desired: Desired, live: Manifest, rules: Rules, fingerprints: Fingerprints, *, plain: bool
) -> None:
    """That this live object is in sync, by the fields that have to stand still for it to stay so.

    Those are ours, where ours are all that is desired; else all of the object but its status: what somebody
    took from us and gave back would change again without a trace among ours. Where none is ours nothing is
    remembered.
    """
    fields = owned_fields(live, rules.manager)
    if fields is None:
        return
    is_ours = not rules.include_mutation_webhook and covers(fields, desired.object)
    whose = rules.manager if is_ours else EVERYBODY
    projection = _projection(live, rules, whose)
    if projection is not None:
        seen = _seen(live, whose)
        fingerprints.record(desired.key, full_digest(desired, rules), projection, plain=plain, seen=seen)


def _stands(known: Fingerprint, live: Manifest, rules: Rules) -> bool:
    """Whether what was remembered of an object is so still."""
    whose = known.seen[2] or rules.manager
    if known.seen[0] and known.seen == _seen(live, whose):
        return True
    return known.projection == _projection(live, rules, whose)


def _projection(live: Manifest, rules: Rules, whose: str) -> bytes | None:
    if whose != EVERYBODY:
        return projection_hash(live, whose)
    return content_hash(normalize(live, settings=rules.settings))


def _seen(live: Manifest, whose: str) -> Seen:
    return text_at(live, "metadata", "resourceVersion"), text_at(live, "apiVersion"), whose


def full_digest(desired: Desired, rules: Rules) -> str:
    """The desired digest together with what is ignored, so that a changed rule is looked at again."""
    settings = "" if rules.settings == DEFAULT_SETTINGS else repr(rules.settings)
    asks = "+server" if rules.server_side else ""
    webhooks = "+webhooks" if rules.include_mutation_webhook else ""
    return f"{desired.digest}{rules.ignored.fingerprint}{settings}{rules.label_key}{asks}{webhooks}"


def _put(store: dict[ResourceKey, _T], key: ResourceKey, value: _T, limit: int) -> None:
    store.pop(key, None)
    if len(store) >= limit:
        store.pop(next(iter(store)))
    store[key] = value
