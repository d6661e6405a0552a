"""Whether what a sync would prune is so much, or of such kinds, that a person is asked before it goes.

Why: a branch that was emptied, a path that was renamed or a generator without credentials looks like a wish
to delete. Invariant: a list is let go by a confirmation that is younger than the list and let no other go,
and by nothing else; what a person asked for by name or said on purpose is never held.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from fairlead.manifest.identity import GroupKind, ResourceKey
from fairlead.manifest.tracking import CUSTOM_RESOURCE_DEFINITION
from fairlead.sync.let_go import APPROVED, Approval, LetGo, refusal

NAMESPACE: Final = GroupKind("", "Namespace")
CLAIM: Final = GroupKind("", "PersistentVolumeClaim")
MAX_NAMED: Final = 20
"""Objects that are named of those that wait."""
NEVER: Final = 100.0
"""The share of which nothing waits."""
SHARE, OBJECTS, KINDS = "share", "objects", "kinds"
OFF: Final = frozenset({"off", "none", "false"})
_KIND = re.compile(r"(?:([a-z0-9][a-z0-9.-]*)/)?([A-Z][A-Za-z0-9]*)")
_SHOWN = re.compile(r"Confirmations since (\S+) count \(list ([sk][0-9a-f]{8})\)\.$")
_WITH: Final = {
    NAMESPACE: " and all that is in it",
    CUSTOM_RESOURCE_DEFINITION: " and all objects of its kind",
    CLAIM: " and what is stored in it",
}


class GuardPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """From where on a person is asked: more than `share` percent of the objects that live, if that is
    `objects` at least; or any object of `kinds`.

    The defaults leave alone what is small or usual: a small application whose last step is taken, a feature
    that is removed, generated names that all change at once beside what uses them.
    """

    share: float = 50.0
    objects: int = 10
    kinds: frozenset[GroupKind] = frozenset({NAMESPACE, CLAIM, CUSTOM_RESOURCE_DEFINITION})


def read_policy(texts: Mapping[str, str], otherwise: GuardPolicy) -> tuple[GuardPolicy, list[str]]:
    """The policy that `share`, `objects` and `kinds` make of another one, and a sentence for each text that
    cannot be understood; there the other one holds."""
    policy, problems = otherwise, []
    for name, read, wanted in (
        (SHARE, _share, "a percentage from 0 to 100, or off"),
        (OBJECTS, _objects, "a whole number from 1 on"),
        (KINDS, _kinds, "kinds with commas (Namespace, apps/StatefulSet), or off"),
    ):
        text = texts.get(name, "").strip()
        if not text:
            continue
        found = read(text)
        if found is None:
            problems.append(f"{name}: {text[:50]!r} is not {wanted}; {_said(otherwise, name)} holds")
        else:
            policy = msgspec.structs.replace(policy, **{name: found})
    return policy, problems


def _said(policy: GuardPolicy, name: str) -> str:
    if name == SHARE:
        return f"{policy.share:g}%" if policy.share < NEVER else "off"
    if name == OBJECTS:
        return str(policy.objects)
    return ", ".join(sorted(map(str, policy.kinds))) or "off"


def _share(text: str) -> float | None:
    if text.lower() in OFF:
        return NEVER
    number = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)\s*%?", text)
    share = float(number[1]) if number else -1.0
    return share if 0 <= share <= 100 else None


def _objects(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9]\d{0,6}", text) else None


def _kinds(text: str) -> frozenset[GroupKind] | None:
    if text.lower() in OFF:
        return frozenset()
    found = [_KIND.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
    if not found or not all(found):
        return None
    return frozenset(GroupKind(each[1] or "", each[2]) for each in found if each)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person: `keys`, of `going` objects of `app` that would go while `staying` stay.

    `named` are the first of them, those that weigh most before others, and `along` how many objects go with
    one. `by_share` when there are too many; `since` is the moment from which a confirmation counts, `refused`
    one that does not, and `reason` why.
    """

    app: str
    named: tuple[ResourceKey, ...]
    keys: frozenset[ResourceKey]
    going: int
    staying: int
    share: float
    by_share: bool
    since: datetime
    along: Mapping[ResourceKey, int] = {}
    refused: datetime | None = None
    reason: str = ""

    @property
    def mark(self) -> str:
        """What tells one list from another."""
        names = "\n".join(sorted(map(str, self.keys)))
        return ("s" if self.by_share else "k") + hashlib.blake2b(names.encode(), digest_size=4).hexdigest()

    @property
    def condition(self) -> str:
        """For the condition of an application: what would go, why it waits, and what can be done."""
        named = ", ".join(_named(key, self.along.get(key, 0)) for key in self.named)
        rest = len(self.keys) - len(self.named)
        more = f" and {rest} more" if rest else ""
        return (
            f"Pruning waits to be confirmed. {self._extent()}{named}{more}. To let it go: "
            f"`fairlead app confirm-deletion {self.app}`, or the annotation "
            f"{APPROVED} with the time; to stop it: end the operation; "
            "never to be asked: sync option GuardPrune=false. "
            f"Confirmations since {_stamp(self.since)} count (list {self.mark})."
        )

    @property
    def message(self) -> str:
        """For the operation that waits."""
        first = self.named[0]
        rest = f" and {len(self.keys) - 1} more resources" if len(self.keys) > 1 else ""
        text = f"waiting for pruning confirmation of {first.group}/{first.kind}/{first.name}{rest}"
        if self.by_share:
            text += f" (more than {self.share:g}% of its objects)"
        if self.refused is not None:
            text += f"; the confirmation of {_stamp(self.refused)} {self.reason}"
        return f"{text}: `fairlead app confirm-deletion {self.app}`"

    def _extent(self) -> str:
        if not self.by_share:
            return "It would delete "
        living = self.going + self.staying
        part = self.going * 100 / living
        return (
            f"It would delete {self.going} of {living} objects ({part:.0f}%, where more than {self.share:g}% "
            "waits): "
        )


class Prune(msgspec.Struct, frozen=True, kw_only=True):
    """An object that would be deleted, and how many others go `along`; one that is `asked` for already waits
    by an option of its own."""

    key: ResourceKey
    is_asked: bool = False
    along: int = 0


def listed(
    policy: GuardPolicy,
    prunes: Sequence[Prune],
    *,
    app: str,
    staying: int,
    may_empty: bool,
    started: datetime,
    shown: str,
    moment: datetime,
    before: LetGo | None = None,
) -> Held | None:
    """What goes only when a person confirms it, and since when a confirmation counts; None when all may go.

    `staying` are the application's other objects that lived when the operation began, at `started`, with
    what would go along with them; `may_empty` that it is allowed to lose all of them; `shown` is the
    condition that told of what waits, and `before` what the operation was let go before.
    """
    known, going = _shown_list(shown, started), sum(1 + one.along for one in prunes)
    part = going * 100 / ((going + staying) or 1)
    exceeds = part > policy.share and going >= policy.objects
    was_held = known is not None and known[1].startswith("s")
    by_share = (exceeds or was_held) and not may_empty and policy.share < NEVER
    waiting = [
        one.key for one in prunes if not one.is_asked and (by_share or one.key.group_kind in policy.kinds)
    ]
    if not waiting:
        return None
    along = {one.key: one.along for one in prunes if one.along}
    ordered = sorted(
        waiting, key=lambda key: (key.group_kind not in policy.kinds, -along.get(key, 0), str(key))
    )
    held = Held(
        app=app,
        named=tuple(ordered[:MAX_NAMED]),
        keys=frozenset(ordered),
        going=going,
        staying=staying,
        along=along,
        share=policy.share,
        by_share=by_share,
        since=started,
    )
    if known is not None and known[1] == held.mark:
        return msgspec.structs.replace(held, since=known[0])
    if known is not None or (before is not None and not before.covers(held.keys)):
        changed = moment.replace(microsecond=0) + timedelta(seconds=1)
        return msgspec.structs.replace(held, since=changed)
    return held


def unless_confirmed(
    held: Held, approval: Approval | None, moment: datetime, used: LetGo | None = None
) -> Held | None:
    """What waits still, None once a confirmation lets it go that was not `used` before."""
    if approval is None:
        return held
    reason = refusal(approval, since=held.since, mark=held.mark, used=used, moment=moment)
    return msgspec.structs.replace(held, refused=approval.at, reason=reason) if reason else None


def is_same_list(held: Held, shown: str) -> bool:
    """Whether a condition tells of this very list, so that it stays as it is."""
    found = _SHOWN.search(shown)
    return found is not None and (found[1], found[2]) == (_stamp(held.since), held.mark)


def _shown_list(text: str, started: datetime) -> tuple[datetime, str] | None:
    """Since when confirmations of the list that is shown count, and its mark; None for one of another
    operation."""
    found = _SHOWN.search(text)
    if found is None:
        return None
    try:
        since = datetime.fromisoformat(found[1].replace("Z", "+00:00"))
    except ValueError:
        return None
    return (since, found[2]) if since.tzinfo is not None and since >= started else None


def _named(key: ResourceKey, along: int) -> str:
    place = f"{key.namespace}/{key.name}" if key.namespace else key.name
    more = f" and the {along} that {'goes' if along == 1 else 'go'} with it" if along else ""
    return f"{key.group_kind} {place}{_WITH.get(key.group_kind, '')}{more}"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
