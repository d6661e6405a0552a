"""What a person let go of the prunes that waited, and what a confirmation says, as the Application has both.

Why: a controller that starts anew, or takes an application over, has to know which prunes were confirmed and
by which confirmation. Invariant: a confirmation lets go one list of one operation, and is used up by it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairlead.manifest.identity import ResourceKey
from fairlead.model.noted import LET_GO

APPROVED: Final = "argocd.argoproj.io/deletion-approved"
"""Of an Application: since this time its deletions and prunes are confirmed."""
APPROVED_LIST: Final = "fairlead.dev/approved-list"
"""Beside it, the same time and which list was shown to who confirmed, with a blank between them."""
MOST_OBJECTS: Final = 5_000
"""Objects of an operation that are remembered; of more, what is left after a restart is confirmed anew."""
MOST_TEXT: Final = 64
"""Characters by which one confirmation is told from another."""
AHEAD: Final = timedelta(hours=1)
"""How far the clock of who confirms may be ahead: a time that never comes is no confirmation for ever."""
HOLDS: Final = timedelta(days=1)
"""For how long a confirmation waits for what it is to let go."""
_DIGEST = 6


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A confirmation: what is written of it, when it was made, and of which list, "" for whichever waits."""

    text: str
    at: datetime
    mark: str = ""


def approval_of(annotations: Mapping[str, str], at: datetime | None) -> Approval | None:
    """The confirmation among an Application's annotations, made `at`."""
    text = annotations.get(APPROVED, "")
    if at is None:
        return None
    time, _, mark = annotations.get(APPROVED_LIST, "").rpartition(" ")
    return Approval(text=text[:MOST_TEXT], at=at, mark=mark if time == text else "")


class LetGo(msgspec.Struct, frozen=True, kw_only=True):
    """The objects that were let go in the operation that started at `operation`, by digests of their names,
    and the confirmation that did it last."""

    operation: str
    approved: str
    objects: frozenset[bytes]

    def covers(self, keys: Collection[ResourceKey]) -> bool:
        """Whether all of these were let go."""
        return all(_digest(key) in self.objects for key in keys)

    def text(self) -> str:
        """What is written of it."""
        objects = self.objects if len(self.objects) <= MOST_OBJECTS else ()
        packed = base64.urlsafe_b64encode(b"".join(sorted(objects))).decode()
        return f"{self.operation} {packed or '-'} {self.approved}"


def let_go(before: LetGo | None, operation: str, approval: Approval, keys: Collection[ResourceKey]) -> LetGo:
    """What is let go once an operation's list is confirmed, beside what was in the same operation."""
    known = before.objects if before is not None and before.operation == operation else frozenset[bytes]()
    return LetGo(operation=operation, approved=approval.text, objects=known | set(map(_digest, keys)))


def read_let_go(annotations: Mapping[str, str]) -> LetGo | None:
    """What an Application remembers; None for nothing, or nothing that can be read."""
    operation, packed, approved = (*annotations.get(LET_GO, "").split(" ", 2), "", "")[:3]
    try:
        whole = base64.b64decode(packed, altchars=b"-_", validate=True) if packed != "-" else b""
    except (binascii.Error, ValueError):
        return None
    if not operation or not approved or len(whole) % _DIGEST:
        return None
    objects = frozenset(whole[at : at + _DIGEST] for at in range(0, len(whole), _DIGEST))
    return LetGo(operation=operation, approved=approved, objects=objects)


def _digest(key: ResourceKey) -> bytes:
    return hashlib.blake2b(repr(tuple(key)).encode(), digest_size=_DIGEST).digest()


def refusal(approval: Approval, *, since: datetime, mark: str, used: LetGo | None, moment: datetime) -> str:
    """Why a confirmation does not count for the list of that mark, which was shown `since`; "" when it does.

    `used` is what was let go before.
    """
    if used is not None and used.approved == approval.text:
        return "was of others"
    if approval.at < since:
        return "is older than this list"
    if approval.at > moment + AHEAD:
        return "lies in the future"
    if approval.at < moment - HOLDS:
        return "is older than a day"
    return "is of another list" if approval.mark not in ("", mark) else ""
