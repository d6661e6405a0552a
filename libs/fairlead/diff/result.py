"""What a comparison found about one object.

Invariant: only a comparison that was made may say Synced; one that still needs an answer says so.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from fairlead.manifest.fields import Manifest, annotation_of
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.prepare import Desired
from fairlead.model.status import SyncCode

COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"
IGNORE_EXTRANEOUS = "IgnoreExtraneous"


class Answer(StrEnum):
    """What the evidence says."""

    IN_SYNC = "in-sync"
    DIFFERS = "differs"
    ASK = "ask"


class Rung(StrEnum):
    """Which step of the ladder gave the answer."""

    FINGERPRINT = "fingerprint"
    SUBSET = "subset"
    DRY_RUN = "dry-run"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, where it came from, and (a few of) the fields it is about."""

    answer: Answer
    rung: Rung
    paths: tuple[str, ...] = ()


class Reason(StrEnum):
    """Why an object is out of sync."""

    NONE = ""
    MISSING = "missing"
    EXTRA = "extra"
    DIFFERS = "differs"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One object's sync status.

    ``counts`` is false for an extra object that asks not to be held against the application;
    ``needs_asking`` is true while only a dry run can tell.
    """

    key: ResourceKey
    status: SyncCode
    reason: Reason = Reason.NONE
    counts: bool = True
    needs_asking: bool = False
    paths: tuple[str, ...] = ()

    @property
    def requires_pruning(self) -> bool:
        """Whether the object is live and no longer wanted."""
        return self.reason is Reason.EXTRA


def outcome_of(
    key: ResourceKey, desired: Desired | None, live: Manifest | None, verdict: Verdict | None = None
) -> Outcome:
    """Put presence and the comparison's verdict together. Without a verdict a pair still needs asking."""
    if desired is None:
        counts = not ignores_extraneous(live)
        return Outcome(key=key, status=SyncCode.OUT_OF_SYNC, reason=Reason.EXTRA, counts=counts)
    if live is None:
        return Outcome(key=key, status=SyncCode.OUT_OF_SYNC, reason=Reason.MISSING)
    if verdict is None or verdict.answer is Answer.ASK:
        return Outcome(key=key, status=SyncCode.UNKNOWN, needs_asking=True)
    if verdict.answer is Answer.IN_SYNC:
        return Outcome(key=key, status=SyncCode.SYNCED)
    return Outcome(key=key, status=SyncCode.OUT_OF_SYNC, reason=Reason.DIFFERS, paths=verdict.paths)


def ignores_extraneous(live: Manifest | None) -> bool:
    """Whether an object may be there unwanted without its application being out of sync."""
    return IGNORE_EXTRANEOUS in options_in(annotation_of(live, COMPARE_OPTIONS))


def options_in(text: str) -> frozenset[str]:
    """The options of a comma-separated list."""
    return frozenset(option.strip() for option in text.split(",") if option.strip())


def overall(outcomes: list[Outcome]) -> SyncCode:
    """The application's sync status from its objects': unknown beats out of sync beats synced."""
    counted = {outcome.status for outcome in outcomes if outcome.counts}
    if SyncCode.UNKNOWN in counted:
        return SyncCode.UNKNOWN
    return SyncCode.OUT_OF_SYNC if SyncCode.OUT_OF_SYNC in counted else SyncCode.SYNCED
