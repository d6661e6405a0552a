"""When an Application that its set generates no more may be deleted: the one place where that is decided.

Why: a listing that is short, a host that is being maintained, a label that was lost look like a wish to
delete; and an Application goes with all that it deployed. So:

- An error of a generator is no generation: nothing is deleted, and what was observed before is forgotten.
- What is gone from one generation is looked for again at once. One Application that is gone from both may be
  deleted; several, and those of sets that choose clusters, when a further look after `APART` seconds agrees.
- More than `SHARE` percent of a set's Applications (`FEW` at least), or all of them where there are several,
  wait for a person, who confirms as prunes are confirmed (docs/guard.md); what went unasked within the last
  hour counts with them (`lately.py`). Applications whose deletion leaves what they deployed do not count,
  nor do those of pull requests, which come and go.

Invariant: nothing is deleted that was not absent from two complete generations in a row of one and the same
spec; what is not the set's never comes here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from fairlead.applicationset_controller import kept
from fairlead.applicationset_controller.applying.lately import digest
from fairlead.applicationset_controller.following.child import Child
from fairlead.applicationset_controller.following.leaves import leaves
from fairlead.manifest.identity import ResourceKey
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.generators import Generator, MatrixGenerator, MergeGenerator, NestedGenerator
from fairlead.model.metadata import API_GROUP
from fairlead.sync.let_go import APPROVED, Approval, LetGo, refusal

APART: Final = 10.0
"""Seconds between the first and the last look that several Applications have to be absent from."""
SHARE: Final = 50.0
"""Percent of a set's Applications beyond which a deletion waits for a person."""
FEW: Final = 4
"""Applications; a share of fewer is not asked about, unless it is all of several."""
MAX_NAMED: Final = 20
"""Applications that are named of those that wait."""
GUARD: Final = "fairlead.dev/deletion-guard"
"""Annotation of a set: `off`, and no deletion of its Applications waits for a person."""
_SHOWN: Final = re.compile(r"Confirmations since (\S+) count \(list ([0-9a-f]{8})\)\.$")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Since when an Application is absent, and from how many complete generations in a row."""

    uid: str
    first: float
    times: int = 1


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All that is absent may go by that, or nothing; then seconds until the next look, 0.0 for at once."""

    may_go: tuple[Child, ...] = ()
    again: float | None = None


class Doubt:
    """What one set's generations said of absences; forgotten with the process, which only takes longer."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}
        self._basis: object = None

    def failed(self) -> None:
        """A generation was not complete: whatever was seen before is no row any more."""
        self._seen = {}

    def generated(self, aset: ApplicationSet, absent: Sequence[Child], now: float) -> Verdict:
        """A complete generation lacks these Applications; `now` in monotonic seconds."""
        basis = aset.metadata.uid, aset.metadata.generation
        if basis != self._basis:
            self._basis, self._seen = basis, {}
        self._seen = {child.name: self._once_more(child, now) for child in absent}
        if not absent:
            return Verdict()
        wait = APART if len(absent) > 1 or chooses_clusters(aset) else 0.0
        if any(self._seen[child.name].times == 1 for child in absent):
            return Verdict(again=0.0)
        left = max(wait - (now - self._seen[child.name].first) for child in absent)
        return Verdict(again=left) if left > 0 else Verdict(may_go=tuple(absent))

    def _once_more(self, child: Child, now: float) -> Seen:
        before = self._seen.get(child.name)
        if before is None or before.uid != child.uid:
            return Seen(uid=child.uid, first=now)
        return msgspec.structs.replace(before, times=before.times + 1)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person: these of so many Applications; `since` is when a confirmation counts from."""

    names: tuple[str, ...]
    of: int
    since: datetime
    lately: int = 0
    refused: str = ""

    @property
    def mark(self) -> str:
        """What tells one list from another."""
        return hashlib.blake2b("\n".join(sorted(self.names)).encode(), digest_size=4).hexdigest()

    @property
    def message(self) -> str:
        """What would go, why it waits, and what can be done."""
        shown = ", ".join(self.names[:MAX_NAMED])
        rest = len(self.names) - MAX_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        part = len(self.names) * 100 / self.of
        went = f"; {self.lately} went within the last hour" if self.lately else ""
        refused = f" The confirmation there {self.refused}." if self.refused else ""
        return (
            f"Deleting waits to be confirmed. {len(self.names)} of {self.of} Applications ({part:.0f}%) are "
            f"generated no more and would go with all that they deployed: {shown}{more}{went}. To let them "
            f"go: `fairlead appset confirm-deletion`, or the annotation {APPROVED} on the ApplicationSet "
            "with the time; to keep them: have them "
            f'generated again; never to be asked: the annotation {GUARD}: "off".{refused} '
            f"Confirmations since {_stamp(self.since)} count (list {self.mark})."
        )


def listed(
    aset: ApplicationSet,
    going: Sequence[Child],
    owned: Iterable[Child],
    *,
    shown: str,
    before: LetGo | None,
    moment: datetime,
    lately: frozenset[bytes] = frozenset(),
) -> Held | None:
    """What of these deletions goes only when a person confirms it; None when all may go.

    `owned` are all of the set's Applications that live; `shown` is the condition that told of what waits,
    `before` what was let go already, `lately` digests of what went unasked a short while ago.
    """
    if not is_guarded(aset):
        return None
    names = tuple(child.name for child in going if _deletes_more(child))
    uids = {child.uid for child in owned if _deletes_more(child) and not child.is_deleting}
    living, went = len(uids), len(lately - set(map(digest, uids)))
    keys = [key_of(aset, name) for name in names]
    if not _is_much(len(names) + went, living + went) or _was_let_go(aset, before, keys):
        return None
    found = Held(
        names=names, of=living, lately=went, since=moment.replace(microsecond=0) + timedelta(seconds=1)
    )
    known = _shown_list(shown)
    if known is not None and known[1] == found.mark:
        return msgspec.structs.replace(found, since=known[0])
    return found


def is_guarded(aset: ApplicationSet) -> bool:
    """Whether anything of a set ever waits for a person."""
    is_off = aset.metadata.annotations.get(GUARD, "").strip().lower() == "off"
    return not is_off and not comes_and_goes(aset)


def counting(aset: ApplicationSet, going: Iterable[Child]) -> tuple[str, ...]:
    """The uids of those that go unasked and count with what follows."""
    return tuple(child.uid for child in going if _deletes_more(child)) if is_guarded(aset) else ()


def unless_confirmed(
    found: Held, approval: Approval | None, before: LetGo | None, moment: datetime
) -> Held | None:
    """What waits still, None once a confirmation lets it go that let nothing else go before."""
    if approval is None:
        return found
    refused = refusal(approval, since=found.since, mark=found.mark, used=before, moment=moment)
    return msgspec.structs.replace(found, refused=refused) if refused else None


def key_of(aset: ApplicationSet, name: str) -> ResourceKey:
    """An Application of a set by its full name."""
    return ResourceKey(API_GROUP, "Application", aset.metadata.namespace, name)


def _was_let_go(aset: ApplicationSet, before: LetGo | None, keys: Sequence[ResourceKey]) -> bool:
    return before is not None and before.operation == aset.metadata.uid and before.covers(keys)


def chooses_clusters(aset: ApplicationSet) -> bool:
    """Whether both looks at once read the same memory: a Secret that is replaced is gone for a moment."""
    return any(
        it.clusters is not None or it.cluster_decision_resource is not None
        for it in leaves(aset.spec.generators)
    )


def comes_and_goes(aset: ApplicationSet) -> bool:
    """Whether all that a set generates comes of pull requests."""
    return bool(aset.spec.generators) and all(_is_passing(it) for it in aset.spec.generators)


def is_same_list(found: Held, shown: str) -> bool:
    """Whether a condition tells of this very list, so that it stays as it is."""
    known = _SHOWN.search(shown)
    return known is not None and (known[1], known[2]) == (_stamp(found.since), found.mark)


def _is_much(going: int, living: int) -> bool:
    if going >= living:
        return going > 1
    return going >= FEW and going * 100 / living > SHARE


def _deletes_more(child: Child) -> bool:
    return any(kept.is_cascade(finalizer) for finalizer in child.finalizers)


def _shown_list(text: str) -> tuple[datetime, str] | None:
    known = _SHOWN.search(text)
    if known is None:
        return None
    try:
        since = datetime.fromisoformat(known[1].replace("Z", "+00:00"))
    except ValueError:
        return None
    return (since, known[2]) if since.tzinfo is not None else None


def _is_passing(generator: Generator) -> bool:
    inner: MatrixGenerator | MergeGenerator | None = generator.matrix or generator.merge
    if inner is None:
        return generator.pull_request is not None
    kinds = [_kind(child) for child in inner.generators]
    return "pull_request" in kinds and set(kinds) <= {"pull_request", "list"}


def _kind(generator: NestedGenerator) -> str:
    if generator.pull_request is not None:
        return "pull_request"
    return "list" if generator.list is not None else ""


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
