"""Which of two answers about a source is the later one.

The order that counts is the order of looks at the remote. In one epoch, which is one opening of a mirror, the
looks are counted. Between epochs nothing is known but this: a look that was asked for after something was
taken is later than whatever had led to it.

Invariant: pure; an answer that is not known to be the same or later is never taken, whoever sent it, however
often and in which order it arrives.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from fairlead.events import Look


class Order(StrEnum):
    """How an answer stands to what was taken before it."""

    SAME = "same"
    LATER = "later"
    EARLIER = "earlier"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What is to be done with an answer about all sources of an application.

    DOUBT: a fresh look at the remotes has to decide. ANEW: it is later in one source and earlier in another.
    """

    TAKE = "take"
    DROP = "drop"
    DOUBT = "doubt"
    ANEW = "anew"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The commit that a source is believed to mean, the look that said so, and when that was taken.

    Of one remembered from before this process began that is what people were told, which may be a version.
    `at` counts what this process did, from 1; a commit remembered from before it began has no epoch and 0.
    """

    commit: str
    look: Look = Look()
    at: int = 0


class Assured(msgspec.Struct, frozen=True, kw_only=True):
    """A look of an epoch, asked for at `at`; from look `settled` up to it all looks found the same."""

    epoch: str
    settled: int
    at: int


def order(
    taken: Taken | None, commit: str, look: Look, assured: Iterable[Assured] = (), *, shown: str = ""
) -> Order:
    """How an answer stands to what was taken. What a mirror only remembers is never later.

    `shown` is what people are told of the commit, where that is something else.
    """
    is_same = taken is not None and taken.commit in (commit, shown or commit)
    if not look.epoch:
        return Order.SAME if is_same else Order.LATER
    if is_same:
        return Order.SAME
    if taken is not None and look.epoch == taken.look.epoch and look.number != taken.look.number:
        return Order.LATER if look.number > taken.look.number else Order.EARLIER
    if any(_covers(one, taken, look) for one in assured):
        return Order.LATER
    return Order.LATER if taken is None and look.number else Order.UNKNOWN


def order_of_failure(taken: Taken | None, look: Look) -> Order:
    """How an answer without a commit stands; it can move nothing, so only what is surely old is refused."""
    is_old = taken is not None and look.epoch == taken.look.epoch and look.number < taken.look.number
    return Order.EARLIER if is_old else Order.SAME


def verdict(orders: Iterable[Order]) -> Verdict:
    """What to do with an answer, from how it stands in each source."""
    found = set(orders)
    if Order.UNKNOWN in found:
        return Verdict.DOUBT
    if Order.EARLIER in found:
        return Verdict.ANEW if Order.LATER in found else Verdict.DROP
    return Verdict.TAKE


def after(
    taken: Taken | None, commit: str, look: Look, assured: Iterable[Assured], now: int, *, shown: str = ""
) -> Taken:
    """What is taken once an answer is; another mirror that agrees sets no order until it is assured."""
    if taken is not None and taken.commit in (commit, shown or commit):
        is_known = look.epoch == taken.look.epoch and look.number >= taken.look.number
        if not is_known and not any(_covers(one, taken, look) for one in assured):
            return msgspec.structs.replace(taken, commit=commit)
    return Taken(commit=commit, look=look, at=now)


def _covers(assured: Assured, taken: Taken | None, look: Look) -> bool:
    """Whether the answer is as good as a look that was asked for after what was taken."""
    is_after = taken is None or assured.at >= taken.at
    return is_after and assured.epoch == look.epoch and look.number >= assured.settled
