"""What a host tells of requests, and what it is told: the same for all hosts."""

from __future__ import annotations

from typing import Final, Protocol

import msgspec

from fairlead.previews.markdown import Dialect

PENDING: Final = "pending"
SUCCESS: Final = "success"
FAILURE: Final = "failure"
ERROR: Final = "error"
CONTEXT: Final = "fairlead/preview"
"""The name of the status."""
MOST_WORDS: Final = 140
"""Characters of a status' words: what GitHub, which takes fewest, takes."""


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """An open request to merge the commit `sha`, as the host spells it, into the branch `target`."""

    number: int
    sha: str
    target: str
    is_fork: bool = False


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One on a request. `is_ours` is None where the host does not say who we are."""

    id: str
    body: str
    is_ours: bool | None = None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a commit; `url` leads to more."""

    state: str
    words: str
    url: str = ""


class Host(Protocol):
    """A repository at its host. All raise HostError."""

    dialect: Dialect

    async def pulls(self) -> list[Pull]:
        """The open requests."""
        ...

    async def pull(self, number: int) -> Pull | None:
        """One of them as it is now, None when it is not open any more."""
        ...

    async def comments(self, number: int) -> list[Comment]:
        """The comments on one, the oldest first."""
        ...

    async def comment(self, number: int, body: str) -> None:
        """Write a new one."""
        ...

    async def rewrite(self, number: int, comment: Comment, body: str) -> None:
        """Put other words into one."""
        ...

    async def status(self, pull: Pull, status: Status) -> None:
        """Say something of the head."""
        ...
