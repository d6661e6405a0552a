"""What is in repositories, asked of the repo-servers that own them.

Invariant: an answer is whole: all its pages are of one commit, or it is a SourceError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.parameters import MOST_SETS
from fairlead.applicationset_controller.generating.sources import Place
from fairlead.bus import Bus, BusUnavailableError, NoResponderError, RemoteError
from fairlead.events import SchemaError, decode, subjects
from fairlead.events.envelope import Event, encode
from fairlead.matching.repository import partition, without_password
from fairlead.model.generators import PathItem
from fairlead.rpc import repo, tree
from fairlead.rpc.tree import FilesRead, InTree, ListedDirectories, PathPattern

MOST_BYTES = 64 << 20
"""Of all files that one generator reads."""

E = TypeVar("E", bound=Event)


class RepositoryAnswers:
    """Asks over the bus; `globstar` is the new style of globs of files."""

    def __init__(self, bus: Bus, *, globstar: bool = False, submodules: bool = True) -> None:
        self._bus = bus
        self._globstar = globstar
        self._submodules = submodules

    async def directories(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[str]:
        """The directories that a pattern names and none excludes, in order. Raises SourceError."""
        asked, found = self._question(place, patterns), list[str]()
        while True:
            page = await self._asked(tree.DIRECTORIES, asked, ListedDirectories)
            found += page.directories
            if len(found) > MOST_SETS:
                raise SourceError(f"{_who(place)}: more than {MOST_SETS} directories match")
            if not page.more or not page.directories:
                return found
            asked = msgspec.structs.replace(asked, commit=page.commit, after=page.directories[-1])

    async def files(self, place: Place, patterns: Sequence[PathItem]) -> Sequence[tuple[str, bytes]]:
        """The files that a pattern names and none excludes, in order. Raises SourceError."""
        asked, found, size = self._question(place, patterns), list[tuple[str, bytes]](), 0
        while True:
            page = await self._asked(tree.FILES, asked, FilesRead)
            found += [(one.path, one.content) for one in page.files]
            size += sum(len(one.content) for one in page.files)
            if len(found) > MOST_SETS or size > MOST_BYTES:
                bounds = f"{MOST_SETS} files or {MOST_BYTES >> 20} MiB"
                raise SourceError(f"{_who(place)}: more than {bounds} match")
            if not page.more or not page.files:
                return found
            asked = msgspec.structs.replace(asked, commit=page.commit, after=page.files[-1].path)

    def _question(self, place: Place, patterns: Sequence[PathItem]) -> InTree:
        return InTree(
            repo_url=place.repo_url,
            revision=place.revision,
            project=place.project,
            patterns=tuple(PathPattern(path=one.path, exclude=one.exclude) for one in patterns),
            source_repos=place.rights.source_repos,
            signatures=place.rights.signatures,
            submodules=self._submodules,
            globstar=self._globstar,
        )

    async def _asked(self, verb: str, asked: InTree, answer: type[E]) -> E:
        subject, who = subjects.rpc_repo(partition(asked.repo_url), verb), without_password(asked.repo_url)
        try:
            payload = await self._bus.request(
                subject, encode(asked), timeout=tree.TIMEOUT, patience=repo.PATIENCE
            )
            return decode(answer, payload)
        except RemoteError as error:
            raise SourceError(f"{who}: {error}") from error
        except NoResponderError as error:
            raise SourceError(f"{who}: the repo-server is not running or not connected") from error
        except (BusUnavailableError, SchemaError) as error:
            raise SourceError(f"{who}: the repo-server did not answer: {error}") from error


def _who(place: Place) -> str:
    return without_password(place.repo_url)
