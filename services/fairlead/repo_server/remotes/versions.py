"""A mirror of what is no Git repository: versions of a chart or an artifact, each of them a commit here.

Its refs are what the remote offers, `refs/tags/<version>` with a word for that version's content, by which a
version that was published anew is seen. A commit is made of a version when somebody wants it, and is what the
content alone makes it, wherever that happens.

Invariant: a version's commit is here before anybody is told of it; what cannot be taken is refused, for a
while without asking again.
"""

import asyncio
import functools
import shutil
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from fairlead.archives import create_repository
from fairlead.cache import SingleFlight
from fairlead.git import GitProgram, GitTransientError, Mirror, MovedRef, RevisionError
from fairlead.git.refs import PIN, Refs, read_pins

log = structlog.get_logger(__name__)

VERSIONS_FILE = "versions.json"
TAG = "refs/tags/"
UNSEEN = "unseen"
"""The word of a version that is offered and of whose content nothing is known."""
REFUSAL_HOLDS = 30.0
"""Seconds for which what was refused is not fetched again."""
MAX_REFUSED = 64
MAX_KEPT = 2000
"""Versions of which it is remembered which commit they are."""
RENEWED = 64
"""Versions that are made again when a mirror is: those asked for last."""

Make = Callable[[], Awaitable[str]]
"""Makes a commit. Raises GitError."""


class VersionError(RevisionError):
    """A version that is not there or cannot be taken, in words of its own."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.args = (text,)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered beside the objects: the refs, and the commit of each content."""

    refs: Refs = {}
    commits: dict[str, str] = {}


class VersionMirror(Mirror):
    """Versions, their contents and their commits."""

    def __init__(self, program: GitProgram, path: Path) -> None:
        super().__init__(program, path)
        self._commits: dict[str, str] = {}
        self._here: set[str] = set()
        self._makers: OrderedDict[str, Make] = OrderedDict()
        self._refused: OrderedDict[str, tuple[float, RevisionError]] = OrderedDict()
        self._flights: SingleFlight[str] = SingleFlight()

    async def arrive(self, refs: Refs) -> tuple[MovedRef, ...]:
        """A look found these versions; what moved. Raises GitTransientError, and all is as before."""
        async with self._writing:
            await self._open()
            if refs == self.refs:
                refs = self.refs
            else:
                await self._keep(refs)
            return tuple(move for move in map(_plain, self._arrived(refs, "", fetched=False)) if move)

    async def learn(self, refs: Refs) -> None:
        """More is known of what the last look found. Raises GitTransientError."""
        async with self._writing:
            await self._open()
            if refs != self.refs:
                await self._keep(refs)
                self.refs = refs

    async def commit_of(self, content: str, make: Make) -> str:
        """The commit of a version's content, made unless it is here; once for all who ask.

        Raises:
            GitError: as `make`; what it refused is refused for a while.
        """
        refused = self._refused.get(content)
        if refused is not None and time.monotonic() - refused[0] < REFUSAL_HOLDS:
            raise VersionError(str(refused[1]))
        self._makers[content] = make
        self._makers.move_to_end(content)
        while len(self._makers) > RENEWED:
            self._makers.popitem(last=False)
        if content in self._here:
            return self._commits[content]
        return await self._flights.run(content, lambda: self._made(content, make))

    async def holds(self, content: str) -> bool:
        """Whether a version's content is here."""
        if content not in self._here:
            commit = self._commits.get(content)
            if commit is None or not await self.objects.has_commit(commit):
                return False
            self._here.add(content)
        return True

    def doubt(self, is_doubtful: Callable[[str], bool]) -> None:
        """Make again, when they are wanted next, the commits of contents that this says."""
        doubtful = [content for content in self._commits if is_doubtful(content)]
        for content in doubtful:
            del self._commits[content]
        self._here.difference_update(doubtful)

    async def renew_versions(self, generation: int) -> None:
        """Begin anew, unless it is not that generation any more, and make again what was asked for last.

        Raises GitError.
        """
        async with self._writing:
            if generation != self.generation:
                return
            await self._discard()
            self._commits.clear()
            self._here.clear()
            await self._keep(self.refs)
        for content, make in tuple(self._makers.items()):
            await self._flights.run(content, functools.partial(self._made, content, make))

    async def unpin(self, wanted: set[str]) -> int:
        """Let go of commits that nobody follows; what was let go of is made again when somebody wants it."""
        dropped = await super().unpin(wanted)
        if dropped:
            async with self._writing:
                pins = await asyncio.to_thread(read_pins, self.path)
                kept = {name: oid for name, oid in self._commits.items() if PIN + oid in pins}
                self._commits = kept
                self._here &= kept.keys()
                await self._keep(self.refs)
        return dropped

    async def maintain(self) -> None:
        """Nothing is packed before something was made."""
        if self._state.fetches:
            await super().maintain()

    async def _made(self, content: str, make: Make) -> str:
        await self.open()
        if await self.holds(content):
            return self._commits[content]
        try:
            commit = await make()
        except RevisionError as error:
            self._refused[content] = (time.monotonic(), error)
            while len(self._refused) > MAX_REFUSED:
                self._refused.popitem(last=False)
            raise
        async with self._writing:
            self._commits.pop(content, None)
            self._commits[content] = commit
            while len(self._commits) > MAX_KEPT:
                gone = next(iter(self._commits))
                del self._commits[gone]
                self._here.discard(gone)
            await self._keep(self.refs)
            self._save(msgspec.structs.replace(self._state, fetches=self._state.fetches + 1))
        self._here.add(content)
        log.info("version.imported", mirror=self.name, content=content, commit=commit)
        return commit

    async def _open(self) -> None:
        if self._is_open:
            return
        await super()._open()
        try:
            kept = msgspec.json.decode((self.path / VERSIONS_FILE).read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            kept = _Kept()
        self.refs, self._commits = kept.refs, dict(kept.commits)

    async def _initialise(self, path: Path) -> None:
        await asyncio.to_thread(_begin, path)

    async def _keep(self, refs: Refs) -> None:
        kept = msgspec.json.encode(_Kept(refs=refs, commits=self._commits))
        try:
            await asyncio.to_thread(_write, self.path / VERSIONS_FILE, kept)
        except OSError as error:
            raise GitTransientError(
                f"the versions in mirror {self.name} cannot be written: {error}"
            ) from error


def _begin(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    create_repository(path)


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_bytes(content)
    temporary.replace(path)


def _plain(move: MovedRef) -> MovedRef | None:
    """A move as it is told: of what nobody has looked into, nothing is."""
    if move.new == UNSEEN:
        return None
    return msgspec.structs.replace(move, old="") if move.old == UNSEEN else move
