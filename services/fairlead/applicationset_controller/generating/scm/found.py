"""What a provider tells of repositories, the same for all providers.

Invariant: a branch has its commit; a repository without a default branch has "" there and no commits.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.errors import HostError


class Repository(msgspec.Struct, frozen=True, kw_only=True):
    """One repository; `id` as its host counts them, `labels` what it calls topics or labels."""

    organization: str
    name: str
    id: int | str
    url: str
    branch: str = ""
    labels: tuple[str, ...] = ()


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A branch and its newest commit."""

    name: str
    sha: str


class Provider(Protocol):
    """A host, as a set may see it. All raise HostError for less than everything."""

    async def repositories(self) -> list[Repository]:
        """All repositories."""
        ...

    async def branches(self, repository: Repository) -> list[Branch]:
        """The default branch, or all where the set wants them; none of an empty repository."""
        ...

    async def has_path(self, repository: Repository, branch: Branch, path: str) -> bool:
        """Whether a file or folder is there; `path` leads downwards."""
        ...


class Clone(msgspec.Struct, frozen=True, kw_only=True):
    """Which of a repository's addresses is meant; "" is the provider's usual one."""

    protocol: str
    usual: str = "ssh"

    def check(self, provider: str, *known: str) -> None:
        """Raises GeneratorError for a protocol that nobody speaks."""
        if self.protocol and self.protocol not in (known or ("ssh", "https")):
            raise GeneratorError(f"unknown clone protocol for {provider} {self.protocol}")

    def of(self, *, ssh: str, https: str) -> str:
        """The address; the other one where the host has only that switched on. Raises HostError."""
        found = (ssh or https) if (self.protocol or self.usual) == "ssh" else (https or ssh)
        if not found:
            raise HostError("a repository is listed without any address to clone it from")
        return found
