"""What a provider tells of pull requests, the same for all providers."""

from __future__ import annotations

from typing import Protocol

import msgspec


class PullRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to merge `branch` into `target`."""

    number: int
    title: str
    branch: str
    target: str
    sha: str
    author: str = ""
    labels: tuple[str, ...] = ()


class Provider(Protocol):
    """A repository on a host, as a set may see it."""

    async def pull_requests(self) -> list[PullRequest]:
        """All of them. Raises MissingError when there is no such repository, HostError for less than all."""
        ...


def carries(labels: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether all labels that are wanted are there."""
    return set(wanted) <= set(labels)
