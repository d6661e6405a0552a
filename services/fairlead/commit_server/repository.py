"""The repositories that are written to: a shallow mirror each, and one writer at a time.

Invariant: what is written upon was read from the remote within the same turn.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from fairlead.commit_server.commit import write
from fairlead.commit_server.tree import Packed
from fairlead.git import GitInvalidError, GitProgram, Mirror, UrlRefusedError
from fairlead.git.advertised import is_branch
from fairlead.git.credential_book import CredentialBook, Found
from fairlead.git.remote import Remote
from fairlead.git.urls import is_ssh, mirror_name, parse
from fairlead.hydration.texts import NOTES

_HEADS = "refs/heads/"
MANY = 50
"""Packs of ours after which they are put together."""
DEPTH = 1
"""Commits of each history that are fetched: what is written depends on no more."""


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """Where the refs are that one hydration is about; "" for one that is not there."""

    sync: str
    target: str
    notes: str

    @property
    def head(self) -> str:
        """What the next commit is put upon."""
        return self.target or self.sync


class WrittenRepository:
    """One repository as a project may write to it. Whoever reads or writes it holds `turn`. `packs` counts
    what was put into the mirror since it was packed."""

    def __init__(self, program: GitProgram, folder: Path, url: str, found: Callable[[], Found]) -> None:
        self.url = url
        self.mirror = Mirror(program, folder)
        self.turn = asyncio.Lock()
        self.used_at = time.monotonic()
        self.packs = 0
        self._program = program
        self._found = found
        self._suffix = ""

    @property
    def remote(self) -> Remote:
        """How it is reached, with the credentials of this moment."""
        url = self.url + self._suffix
        return Remote(program=self._program, url=url, credential=self._found().credential, depth=DEPTH)

    async def put(self, packed: Packed) -> None:
        """Objects into the mirror, for a push. Raises GitTransientError."""
        self.packs += 1
        await write(self.mirror.path, packed)

    async def maintain(self) -> None:
        """Pack what has gathered: of pushes that are refused nothing is ever fetched. Raises GitError."""
        if self.packs >= MANY:
            self.packs = 0
            self.mirror.overdue()
        await self.mirror.maintain()

    async def look(self, sync: str, target: str) -> Branch:
        """Where the branches are now, and fetch what they hold. Raises GitError."""
        self.used_at = time.monotonic()
        await self.mirror.open()
        if not self.mirror.is_followed(NOTES):
            await self._asked(lambda: self.mirror.follow(self.remote, NOTES))
        await self._asked(lambda: self.mirror.check(self.remote, list_first=True))
        refs = self.mirror.refs
        if any(len(oid) != 40 for oid in refs.values()):
            raise GitInvalidError(f"{self.url}: repositories of SHA-256 objects are not written to")
        for name in (sync, target):
            check_place(name, refs)
        return Branch(
            sync=refs.get(f"refs/heads/{sync}", ""),
            target=refs.get(f"refs/heads/{target}", ""),
            notes=refs.get(NOTES, ""),
        )

    async def _asked(self, ask: Callable[[], "asyncio.Future[object] | object"]) -> None:
        """Some servers redirect an address without `.git`, and redirects are not followed."""
        try:
            await ask()  # type: ignore[misc]
        except UrlRefusedError:
            if self._suffix or self.url.endswith(".git") or is_ssh(self.url):
                raise
            self._suffix = ".git"
            await ask()  # type: ignore[misc]


class WrittenRepositories:
    """All that are in use, by address and credential scope."""

    def __init__(self, program: GitProgram, folder: Path, book: CredentialBook) -> None:
        self._program = program
        self._folder = folder
        self._book = book
        self._known: dict[str, WrittenRepository] = {}

    def of(self, url: str, project: str) -> WrittenRepository:
        """The repository at an address. Raises GitInvalidError when nobody may write to it."""
        address = parse(url, allow_files=self._program.allow_files)
        found = self._book.find(address.url, project)
        if not found.is_declared and found.credential.is_empty:
            raise GitInvalidError(
                f"there are no credentials to write to {address.url}: declare a Secret with the label"
                " argocd.argoproj.io/secret-type: repository-write, or repo-write-creds for a prefix"
            )
        if found.kind != "git":
            raise GitInvalidError(f"{address.url} is declared as {found.kind}; manifests are written to Git")
        name = mirror_name(address.url, found.scope)
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = WrittenRepository(
                self._program,
                self._folder / name,
                address.url,
                lambda: self._book.find(address.url, found.scope),
            )
        return known

    def __iter__(self) -> Iterator[WrittenRepository]:
        return iter(tuple(self._known.values()))

    def forget(self, repository: WrittenRepository) -> None:
        """Nobody has written to it for long."""
        self._known.pop(repository.mirror.name, None)
        repository.mirror.close()

    def close(self) -> None:
        """End the processes that read mirrors."""
        for repository in self:
            repository.mirror.close()


def check_branches(*names: str) -> None:
    """Raises GitInvalidError for what is no name of a branch."""
    for name in names:
        if not is_branch(name):
            raise GitInvalidError(f"{name[:200]!r} is no name of a branch")
        check_place(name, {f"{_HEADS}{other}": "" for other in names if other != name})


def check_place(name: str, refs: Mapping[str, str]) -> None:
    """Git keeps no branch beneath another. Raises GitInvalidError where there is one already."""
    ref = _HEADS + name
    if ref in refs:
        return
    parts = name.split("/")
    above = (_HEADS + "/".join(parts[:number]) for number in range(1, len(parts)))
    found = next((one for one in above if one in refs), "")
    found = found or next((one for one in refs if one.startswith(f"{ref}/")), "")
    if found:
        other = found.removeprefix(_HEADS)
        raise GitInvalidError(f"there can be no branch {name} beside {other}: Git keeps none beneath another")
