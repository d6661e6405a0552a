"""A bare copy of one repository on disk, brought up to date one fetch at a time.

Invariants: one process at a time writes to a mirror; a mirror that cannot be trusted is thrown away and
cloned again; `refs` is what the last completed look found, and a look that could not be written down did not
happen. Looks are counted, so that what two of them led to can be told older and newer.
"""

import asyncio
import secrets
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from fairlead.git.advertised import FOLLOWED, Advertised, is_beside
from fairlead.git.errors import GitTransientError, MirrorCorruptError, RevisionError
from fairlead.git.ls_refs import NotPlainError, NotTakenError
from fairlead.git.merging import Merge, Merges
from fairlead.git.objects import Objects
from fairlead.git.paths import Paths
from fairlead.git.program import GitProgram
from fairlead.git.refs import PIN, Refs, count_loose, move_refs, read_pins, read_refs
from fairlead.git.remote import REFSPECS, Remote
from fairlead.git.trees import Trees

log = structlog.get_logger(__name__)

STATE_FILE = "fairlead.json"
LOOSE_REFS = 64
"""Loose refs after which they are packed."""
COLLECT_EVERY = 100
"""Fetches after which git may repack and drop what is unreachable for two weeks."""
COLLECT_SECONDS = 3600.0
"""Seconds each step of that may take; nobody waits for it."""
MAX_PINS = 100
"""Commits that may be held although nobody follows them."""
REACHING_SECONDS = 10.0
"""Seconds for finding a branch or tag that has a commit."""
SLOW_SECONDS = 3600.0
"""Seconds for which git alone fetches from where a few commits did not come in time: it waits for as long as
there is progress."""
MAX_ALSO = 256
"""Refs beside branches and tags that a mirror holds."""


class MovedRef(msgspec.Struct, frozen=True, kw_only=True):
    """A ref that pointed at `old` ("" when new) and now points at `new` ("" when deleted)."""

    ref: str
    old: str
    new: str


class Snapshot(NamedTuple):
    """What one look found, whatever later ones find."""

    refs: Refs
    head: str
    epoch: str
    number: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered beside the objects. `head` is the default branch's ref or, detached, a commit;
    `also` names the refs beside branches and tags that somebody asked for; of each history `depth` commits
    were fetched, 0 for all."""

    generation: int = 0
    head: str = ""
    fetches: int = 0
    also: tuple[str, ...] = ()
    depth: int = 0


class Mirror:
    """The mirror of one repository. `checked_at` is the monotonic second of the last answer of the remote.

    `looks` counts the looks at the remote since the mirror was opened, which `epoch` names: no two openings
    share one. With 0 everything is from before. `settled` is the first look that found what is here now.
    """

    def __init__(self, program: GitProgram, path: Path) -> None:
        self.path = path
        self.objects = Objects(program, path)
        self.trees = Trees(self.objects)
        self.paths = Paths(self.trees)
        self.refs: Refs = {}
        self.checked_at = 0.0
        self.epoch = secrets.token_hex(8)
        self.looks = 0
        self.settled = 0
        self._program = program
        self._state = State()
        self._writing = asyncio.Lock()
        self._merges = Merges()
        self._is_open = False
        self._collecting: asyncio.Task[None] | None = None
        self._shallow = path / "shallow"
        self._slow_until = 0.0

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.name

    @property
    def generation(self) -> int:
        """Counts the fetches that moved something; never repeats, even when the mirror was lost."""
        return self._state.generation

    @property
    def head(self) -> str:
        """The remote's default branch as a full ref, or a commit when it is detached; "" when unknown."""
        return self._state.head

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever fetched."""
        return not self._state.head and not self.refs

    def snapshot(self) -> Snapshot:
        """What the latest look found; all of it, as of one moment."""
        return Snapshot(self.refs, self.head, self.epoch, self.looks)

    @property
    def is_busy(self) -> bool:
        """Whether something is being written."""
        return self._writing.locked()

    @property
    def idle_seconds(self) -> float:
        """Seconds since its objects were last asked for."""
        return time.monotonic() - self.objects.asked_at

    @property
    def is_shallow(self) -> bool:
        """Whether histories are cut somewhere."""
        return self._shallow.exists()

    def cut(self) -> frozenset[str]:
        """The commits whose parents are not here, where histories are cut. Blocks: call it in a thread."""
        try:
            return frozenset(self._shallow.read_text().split())
        except OSError:
            return frozenset()

    async def open(self) -> None:
        """Read what is on disk; leftovers of killed processes are removed, a damaged state starts anew.

        Once it is open nobody waits here, whatever is being written.
        """
        if self._is_open:
            return
        async with self._writing:
            await self._open()

    def close(self) -> None:
        """End the helper process."""
        self.objects.close()

    async def check(self, remote: Remote, *, list_first: bool) -> tuple[MovedRef, ...]:
        """Ask the remote and fetch what moved; returns what moved.

        With `list_first` nothing is fetched when no ref moved: cheaper when that is likely.

        Raises:
            GitError: as `Remote`; the refs are as before.
        """
        async with self._writing:
            await self._open()
            return await self._look(remote, list_first=list_first)

    async def follow(self, remote: Remote, ref: str) -> tuple[MovedRef, ...]:
        """Hold a ref beside branches and tags, too, from now on; looks at the remote unless it is here.

        Raises:
            RevisionError: too many are held already.
            GitError: as `Remote`.
        """
        async with self._writing:
            await self._open()
            if ref in self._state.also or not is_beside(ref):
                return ()
            if len(self._state.also) >= MAX_ALSO:
                raise RevisionError(ref)
            self._save(msgspec.structs.replace(self._state, also=(*self._state.also, ref)))
            return await self._look(remote, list_first=True)

    def is_followed(self, ref: str) -> bool:
        """Whether a ref is held, or would be if the remote had it."""
        return ref.startswith(FOLLOWED) or ref in self._state.also

    async def obtain(self, remote: Remote, commit: str) -> None:
        """Make sure that a commit is here, even one that no branch reaches.

        Raises:
            RevisionError: the remote does not give it.
            GitError: as `Remote`.
        """
        if await self.objects.has_commit(commit):
            return
        try:
            async with self._writing:
                await self._open()
                await remote.fetch(self.path, (f"{commit}:{PIN}{commit}",), prune=False)
        except GitTransientError as error:
            if "not our ref" not in str(error) and "unadvertised" not in str(error):
                raise
            if not (await self.deepen(remote) and await self.objects.has_commit(commit)):
                raise RevisionError(commit) from error

    async def deepen(self, remote: Remote) -> bool:
        """Fetch what was left out of histories, for somebody who asks for it. Whether anything was.

        Raises:
            GitError: as `Remote`.
        """
        async with self._writing:
            await self._open()
            if not self.is_shallow:
                return False
            await remote.fetch(self.path, (*REFSPECS, *await self._also_offered(remote)), unshallow=True)
            return True

    async def merge(self, remote: Remote, target: str, head: str) -> Merge:
        """What the merge of one commit into another would be; histories that were cut are fetched for it.

        Its objects join the others, as those of fetches do: nobody who fetches waits for it.

        Raises:
            RevisionError: the remote does not give one of the commits.
            GitInvalidError: they have nothing in common.
            GitError: as `Remote`.
        """
        for commit in (target, head):
            await self.obtain(remote, commit)
        await self.deepen(remote)
        return await self._merges.of(self._program, self.path, target, head, is_here=self.objects.has_commit)

    async def has_as_its_own(self, commit: str) -> bool:
        """Whether a branch or tag of the remote has the commit; false when that is not found out in time."""
        if any(oid == commit for ref, oid in self.refs.items() if ref.startswith(FOLLOWED)):
            return True
        look = (self._directory, "for-each-ref", "--count=1", f"--contains={commit}", *FOLLOWED)
        try:
            return bool((await self._program.run(look, deadline=REACHING_SECONDS)).strip())
        except GitTransientError:
            return False

    async def renew(self, remote: Remote, *, generation: int) -> tuple[MovedRef, ...]:
        """Clone the mirror again, unless it is not that generation any more.

        Raises:
            GitError: as `Remote`; the mirror is then as before.
        """
        async with self._writing:
            if generation != self.generation:
                return ()
            await self._clone_again(remote)
            refs = await asyncio.to_thread(read_refs, self.path, self._state.also)
            return self._arrived(refs, self.head, fetched=True, depth=remote.depth)

    async def maintain(self) -> None:
        """Pack refs and objects when enough has gathered; quick otherwise.

        Refs are packed between fetches; objects beside them, as Git lets these be read and added meanwhile.
        """
        async with self._writing:
            if not self._is_open or self._collecting is not None:
                return
            if await asyncio.to_thread(count_loose, self.path, LOOSE_REFS) >= LOOSE_REFS:
                await self._program.run((self._directory, "pack-refs", "--all"))
            if self._state.fetches < COLLECT_EVERY:
                return
            self._save(msgspec.structs.replace(self._state, fetches=0))
            collecting = self._collecting = asyncio.create_task(self._collect())
        try:
            await asyncio.wait({collecting})
        finally:
            await self._stop_collecting()
        if not collecting.cancelled() and (error := collecting.exception()):
            raise error

    def overdue(self) -> None:
        """Have the next maintenance pack objects: many were put here otherwise than by fetches."""
        fetches = max(self._state.fetches, COLLECT_EVERY)
        self._state = msgspec.structs.replace(self._state, fetches=fetches)

    async def unpin(self, wanted: set[str]) -> int:
        """Let go of commits that were fetched for somebody once; git drops them two weeks later.

        Nothing happens up to MAX_PINS of them. Returns how many went. Refs beside branches and tags go with
        the last who follows them.
        """
        async with self._writing:
            await self._leave({ref for ref in self._state.also if ref not in wanted})
            pins = await asyncio.to_thread(read_pins, self.path)
            dropped = [ref for ref in pins if ref.removeprefix(PIN) not in wanted]
            if not self._is_open or len(pins) <= MAX_PINS:
                return 0
            for ref in dropped:
                await self._program.run((self._directory, "update-ref", "-d", ref))
            return len(dropped)

    @property
    def _directory(self) -> str:
        return f"--git-dir={self.path}"

    async def _look(self, remote: Remote, *, list_first: bool) -> tuple[MovedRef, ...]:
        also, head = self._state.also, self.head
        advertised: Advertised | None = None
        if list_first or not head or also or remote.gives_packs:
            advertised = await remote.list_refs(also)
            head = advertised.head
            if advertised.refs == self.refs and remote.depth == self._state.depth:
                return self._arrived(self.refs, head, fetched=False)
            if await self._fetch_few(remote, advertised.refs):
                return self._arrived(advertised.refs, head, fetched=True)
        offered = advertised.refs if advertised is not None else {}
        await self._drop(ref for ref in also if ref in self.refs and ref not in offered)
        await self._fetch(remote, tuple(f"+{ref}:{ref}" for ref in also if ref in offered))
        refs = await asyncio.to_thread(read_refs, self.path, also)
        if advertised is None and head.startswith("refs/") and head not in refs:
            head = (await remote.list_refs()).head
        return self._arrived(refs, head, fetched=True, depth=remote.depth)

    async def _drop(self, refs: Iterable[str]) -> None:
        for ref in refs:
            await self._program.run((self._directory, "update-ref", "-d", ref))

    async def _leave(self, refs: set[str]) -> None:
        """Refs beside branches and tags that nobody follows any more."""
        if not refs or not self._is_open:
            return
        left = tuple(ref for ref in self._state.also if ref not in refs)
        await self._drop(ref for ref in sorted(refs) if ref in self.refs)
        self._save(msgspec.structs.replace(self._state, also=left))
        self.refs = {name: oid for name, oid in self.refs.items() if name not in refs}

    async def _collect(self) -> None:
        """A little each time: packs of about one size become one; all is gone through only now and then."""
        repack = (self._directory, "repack", "--geometric=2", "-d", "-q")
        collect = (
            self._directory,
            "-c",
            "gc.auto=2000",
            "-c",
            "gc.packRefs=false",
            "gc",
            "--auto",
            "--quiet",
        )
        async with self._program.slots.heavy:
            await self._program.run(repack, deadline=COLLECT_SECONDS)
            await self._program.run(collect, deadline=COLLECT_SECONDS)

    async def _stop_collecting(self) -> None:
        """End what packs objects: what is swept or replaced now could be its own."""
        collecting, self._collecting = self._collecting, None
        if collecting is not None and not collecting.done():
            collecting.cancel()
            await asyncio.wait({collecting})

    async def _sweep(self) -> None:
        await self._stop_collecting()
        await asyncio.to_thread(sweep, self.path)

    async def _open(self) -> None:
        if self._is_open:
            return
        if not (self.path / "HEAD").is_file():
            await self._discard()
            return
        await self._sweep()
        try:
            self._state = msgspec.json.decode((self.path / STATE_FILE).read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            self._state = State(generation=int(time.time()))
        self.refs = await asyncio.to_thread(read_refs, self.path, self._state.also)
        self._is_open = True

    async def _fetch(self, remote: Remote, also: tuple[str, ...]) -> None:
        if self.is_empty and not self._state.fetches:
            await self._clone_again(remote)
            return
        try:
            unshallow = not remote.depth and self.is_shallow
            await remote.fetch(self.path, (*REFSPECS, *also), unshallow=unshallow)
        except MirrorCorruptError as error:
            log.warning("git.mirror.cloned_again", mirror=self.name, error=str(error))
            await self._clone_again(remote)
        except BaseException:
            await asyncio.shield(self._sweep())
            raise

    async def _fetch_few(self, remote: Remote, refs: Refs) -> bool:
        """Fetch what a push to a few branches brought, if that is what happened. Whether it was.

        A commit that is here already may be one that git lets go of: whether all it needs is here, too, is
        for git to find out. So is what is wrong with a mirror that cannot be read.
        """
        moved = moved_refs(self.refs, refs)
        is_plain = remote.gives_packs and not self.is_shallow and time.monotonic() >= self._slow_until
        if not moved or not is_plain or not all(each.old and each.new for each in moved):
            return False
        held = dict.fromkeys((*(each.old for each in moved), *self.refs.values()))
        wanted = sorted({each.new for each in moved} - held.keys())
        try:
            if any(await self.objects.commits_of(wanted)):
                return False
            if wanted:
                await remote.fetch_few(self.path, wanted, held)
            if not all(await self.objects.commits_of(wanted)):
                return False
            await asyncio.to_thread(move_refs, self.path, {each.ref: each.new for each in moved})
        except (NotPlainError, MirrorCorruptError, OSError) as error:
            log.debug("git.fetch_pack.left_to_git", url=remote.url, reason=str(error))
            if isinstance(error, NotTakenError | OSError):
                await self._sweep()
            return False
        except BaseException as error:
            if isinstance(error, GitTransientError):
                self._slow_until = time.monotonic() + SLOW_SECONDS
            await asyncio.shield(self._sweep())
            raise
        return True

    async def _clone_again(self, remote: Remote) -> None:
        """Put a new clone in the place of a mirror, which stays until the clone is whole: it may be the
        remote that is damaged, and then what is here is all there is.
        """
        clone = self.path.with_name(f"{self.path.name}.new")
        await asyncio.to_thread(shutil.rmtree, clone, ignore_errors=True)
        try:
            await remote.clone(clone)
            if also := await self._also_offered(remote):
                await remote.fetch(clone, also, prune=False)
        except MirrorCorruptError as error:
            raise GitTransientError(f"a new clone of {remote.url} is damaged too: {error}") from error
        else:
            self.objects.close()
            await self._stop_collecting()
            await asyncio.to_thread(_put_in_place, clone, self.path)
            self._begin_generation()
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, clone, ignore_errors=True))

    async def _also_offered(self, remote: Remote) -> tuple[str, ...]:
        """What fetches the refs beside branches and tags that the remote has."""
        also = self._state.also
        offered = (await remote.list_refs(also)).refs if also else {}
        return tuple(f"+{ref}:{ref}" for ref in also if ref in offered)

    async def _discard(self) -> None:
        self.objects.close()
        await self._initialise(self.path)
        self._begin_generation()

    async def _initialise(self, path: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        await self._program.run(("init", "--quiet", "--bare", "--template=", "--end-of-options", str(path)))

    def _begin_generation(self) -> None:
        generation = max(self._state.generation + 1, int(time.time()))
        self._save(msgspec.structs.replace(self._state, generation=generation))
        self._is_open = True

    def _arrived(
        self, refs: Refs, head: str, *, fetched: bool, depth: int | None = None
    ) -> tuple[MovedRef, ...]:
        """A look is over: write down what it found, then believe it.

        Raises:
            GitTransientError: it could not be written; all is as before, and the next look finds it again.
        """
        moved, turned = moved_refs(self.refs, refs), head != self.head
        state = msgspec.structs.replace(
            self._state,
            generation=self._state.generation + bool(moved),
            head=head,
            fetches=self._state.fetches + fetched,
            depth=self._state.depth if depth is None else depth,
        )
        if moved or turned or fetched:
            self._save(state)
        self._state, self.refs = state, refs
        self.checked_at = time.monotonic()
        self.looks += 1
        if moved or turned or not self.settled:
            self.settled = self.looks
        return moved

    def _save(self, state: State) -> None:
        """Write a state and keep it. Raises GitTransientError."""
        temporary = self.path / f"{STATE_FILE}.new"
        try:
            temporary.write_bytes(msgspec.json.encode(state))
            temporary.replace(self.path / STATE_FILE)
        except OSError as error:
            raise GitTransientError(f"the state of mirror {self.name} cannot be written: {error}") from error
        self._state = state


def moved_refs(before: Refs, after: Refs) -> tuple[MovedRef, ...]:
    """What differs between two states of a mirror's refs."""
    if before is after:
        return ()
    changed = dict(after.items() ^ before.items())
    return tuple(
        MovedRef(ref=ref, old=before.get(ref, ""), new=after.get(ref, "")) for ref in sorted(changed)
    )


def _put_in_place(clone: Path, mirror: Path) -> None:
    shutil.rmtree(mirror, ignore_errors=True)
    clone.rename(mirror)


def sweep(mirror: Path) -> None:
    """Remove locks and unfinished files that a killed git left; nothing else writes at this moment."""
    for pattern in (
        "*.lock",
        "refs/**/*.lock",
        "objects/pack/tmp_*",
        "objects/pack/*.lock",
        "objects/*/tmp_obj_*",
    ):
        for leftover in mirror.glob(pattern):
            leftover.unlink(missing_ok=True)
    for folder in mirror.glob("objects/*incoming*"):
        shutil.rmtree(folder, ignore_errors=True)
