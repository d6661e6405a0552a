"""What is pushed, and what a remote made of it, as `git push --porcelain` tells.

Invariant: a ref of which nothing is told is never taken for moved.
"""

import re
from collections.abc import Collection
from enum import StrEnum

import msgspec

from fairlead.git.errors import GitError, GitTransientError

PUSH_SECONDS = 120.0
"""Seconds a push may take in all."""
MAX_WORDS = 400
"""Characters of a server's words that are passed on."""
_OVERTAKEN = re.compile(
    r"stale info|fetch first|non-fast-forward|needs force|already exists|cannot lock|failed to (update|lock)|"
    r"incorrect old value|reference .*changed",
    re.I,
)
_SAID = re.compile(r"^remote: ?(.*)$", re.M)
_REASON = re.compile(r"\((?P<reason>.*)\)\s*$")


class RefUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """A ref that is to point at `new`, a commit, if it points at `old` now; "" for one that is not there."""

    ref: str
    old: str
    new: str


class Fate(StrEnum):
    """What became of one ref."""

    MOVED = "moved"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of each ref, and the server's words about those that it refused."""

    fates: dict[str, Fate]
    words: str = ""


def refspecs_of(updates: Collection[RefUpdate]) -> tuple[str, ...]:
    """How git is told of them."""
    return tuple(f"{update.new}:{update.ref}" for update in updates)


def pushed(printed: bytes, updates: Collection[RefUpdate], error: GitError | None = None) -> Pushed:
    """Read what git printed. Raises the error, or GitTransientError, when a ref is not told of."""
    fates, reasons = dict[str, Fate](), list[str]()
    wanted = {update.ref for update in updates}
    for line in printed.decode(errors="replace").split("\n"):
        flag, _, rest = line.partition("\t")
        names, _, summary = rest.partition("\t")
        ref = names.rpartition(":")[2]
        if len(flag) != 1 or ref not in wanted:
            continue
        if flag != "!":
            fates[ref] = Fate.MOVED
        elif _OVERTAKEN.search(summary):
            fates[ref] = Fate.OVERTAKEN
        else:
            fates[ref] = Fate.REFUSED
            reason = _REASON.search(summary)
            reasons.append(reason["reason"] if reason else summary)
    if fates.keys() != wanted:
        raise error or GitTransientError("git did not say what became of what was pushed")
    said = _SAID.findall(error.complaint) if error is not None else []
    words = " ".join(" ".join([*dict.fromkeys(reasons), *said]).split())
    return Pushed(fates=fates, words=words[:MAX_WORDS])
