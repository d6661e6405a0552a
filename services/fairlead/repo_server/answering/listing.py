"""Directories and files of a repository at a revision, for generators of ApplicationSets.

Invariant: an answer is of one commit, which a look found that began after the question and which is signed as
the project demands; it is complete, in pages, or it is a refusal with words.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, RenderSettings, decode
from fairlead.events.envelope import encode
from fairlead.git import GitError, GitInvalidError, GitProgram, MirrorCorruptError
from fairlead.matching.errors import GlobError
from fairlead.matching.tree_globs import TreeGlob, of_directories, of_files
from fairlead.render import RenderError, RenderTransientError, Want
from fairlead.repo_server.answering.linked import LinkError, followed
from fairlead.repo_server.answering.walk import DIRECTORY, FILE, LINK, Folder, Met, Walk, WalkError
from fairlead.repo_server.remotes.interests import Interests
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.supplying.provider import Asker, Origin
from fairlead.repo_server.supplying.supply import Supplied, Supplier
from fairlead.rpc import tree
from fairlead.rpc.tree import FileContent, FilesRead, InTree, ListedDirectories

AT_ONCE = 16
"""Repositories that are walked through at once."""
NOW = 0.0
"""As the age that a look may have."""
POINTER = b"version https://git-lfs.github.com/spec/"
_HIDDEN = "."


class Patterns:
    """Globs that take, and globs that leave out."""

    def __init__(self, asked: InTree, read: Callable[[str], TreeGlob]) -> None:
        if len(asked.patterns) > tree.MOST_PATTERNS:
            raise GlobError(f"more than {tree.MOST_PATTERNS} paths")
        self._taken = [read(one.path) for one in asked.patterns if not one.exclude]
        self._left_out = [read(one.path) for one in asked.patterns if one.exclude]

    def matches(self, path: str) -> bool:
        """Whether a path is taken, and not left out."""
        taken = any(one.matches(path) for one in self._taken)
        return taken and not any(one.matches(path) for one in self._left_out)

    def may_hold(self, folder: str) -> bool:
        """Whether something below a folder may be taken."""
        return any(one.may_hold(folder) for one in self._taken)


class Listing:
    """Answers `list-directories` and `read-files`."""

    def __init__(
        self,
        *,
        mirrors: Mirrors,
        interests: Interests,
        integrity: Integrity,
        supplier: Supplier,
        program: GitProgram,
        settings: Callable[[], RenderSettings],
    ) -> None:
        self._mirrors = mirrors
        self._interests = interests
        self._integrity = integrity
        self._supplier = supplier
        self._program = program
        self._settings = settings
        self._gate = asyncio.Semaphore(AT_ONCE)

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {tree.DIRECTORIES: self.directories, tree.FILES: self.files}

    async def directories(self, _: str, payload: bytes) -> bytes:
        """`InTree` → `ListedDirectories`. Refusals carry the failure's text."""
        asked = decode(InTree, payload)
        with _refusing():
            patterns = Patterns(asked, of_directories)
            hides = not self._settings().hidden_directories
            async with self._walk(asked) as (walk, commit):
                found = await _directories(walk, patterns, hides=hides)
        left = sorted(path for path in found if path > asked.after)
        page = left[: tree.PAGE_DIRECTORIES]
        return encode(ListedDirectories(commit=commit, directories=tuple(page), more=len(left) > len(page)))

    async def files(self, _: str, payload: bytes) -> bytes:
        """`InTree` → `FilesRead`. Refusals carry the failure's text."""
        asked = decode(InTree, payload)
        with _refusing():
            patterns = Patterns(asked, lambda one: of_files(one, globstar=asked.globstar))
            async with self._walk(asked) as (walk, commit):
                found = await _files(walk, patterns, asked.after)
                files, more = await _read(walk, found)
        return encode(FilesRead(commit=commit, files=tuple(files), more=more))

    @contextlib.asynccontextmanager
    async def _walk(self, asked: InTree) -> AsyncIterator[tuple[Walk, str]]:
        repository = self._mirrors.of(asked.repo_url, asked.project)
        await repository.mirror.open()
        generation = repository.mirror.generation
        try:
            commit = await self._commit(repository, asked)
            own = Origin(url=asked.repo_url, mirror=repository.mirror.path, commit=commit)
            entering = _Entering(self._supplier, asked, own) if self._follows(asked) else None
            objects = repository.mirror.objects
            walk = Walk(self._program, objects, own, entering.entered if entering else _stays_out)
            async with self._gate:
                try:
                    yield walk, commit
                finally:
                    await walk.close()
        except MirrorCorruptError:
            await repository.renew(generation)
            raise

    def _follows(self, asked: InTree) -> bool:
        return asked.submodules and self._settings().git_submodules

    async def _commit(self, repository: Repository, asked: InTree) -> str:
        """The commit that the revision means now, signed as it has to be; of a later page the first one's."""
        if asked.commit:
            if not await repository.mirror.objects.has_commit(asked.commit):
                raise RemoteError(
                    "Unavailable", f"commit {asked.commit} is no longer here; ask from the start"
                )
            return asked.commit
        is_here = repository.is_pinned(asked.revision) and not repository.mirror.is_empty
        if not (is_here and await repository.holds(asked.revision)):
            await repository.ensure(NOW, Cause.REFRESH)
        found = await repository.resolve(asked.revision)
        self._interests.note(repository, asked.revision)
        demanded = asked.signatures
        if demanded is not None:
            if demanded.problem:
                raise RemoteError("FailedPrecondition", demanded.problem)
            problems = await self._integrity.problems(demanded, repository, found)
            if problems:
                raise RemoteError("FailedPrecondition", "\n".join(problems))
        return found.commit


class _Entering:
    """Obtains the submodules of one walk."""

    def __init__(self, supplier: Supplier, asked: InTree, own: Origin) -> None:
        self._supplier = supplier
        self._supplied = Supplied()
        self._asker = Asker(
            project=asked.project,
            source_repos=asked.source_repos,
            url=own.url,
            mirror=own.mirror,
            commit=own.commit,
        )

    async def entered(self, path: str, oid: str, folder: Folder) -> tuple[Origin, str] | None:
        """Where a submodule is, once it is here. Raises RenderError."""
        want = Want(
            key=f"listed submodule {folder.key} {path} {oid}",
            kind="submodule",
            file=path,
            from_=folder.key,
            refusal=f"{path} is a submodule, and submodules are not fetched",
            path=folder.within(path),
            oid=oid,
        )
        self._supplied.obtained |= await self._supplier.obtain((want,), self._supplied.seen(self._asker))
        origin = self._supplied.obtained[want.key].origin
        return (origin, want.key) if origin is not None else None


async def _stays_out(_path: str, _oid: str, _folder: Folder) -> None:
    """Submodules are empty directories."""


async def _directories(walk: Walk, patterns: Patterns, *, hides: bool) -> list[str]:
    def is_wanted(folder: str) -> bool:
        return patterns.may_hold(folder) and not (hides and _is_hidden(folder))

    found: list[str] = []
    async for entries in walk.met(is_wanted):
        for entry in entries:
            is_seen = entry.kind == DIRECTORY and not (hides and _is_hidden(entry.path))
            if is_seen and patterns.matches(entry.path):
                found.append(_told(entry.path))
        await asyncio.sleep(0)
    return found


def _is_hidden(path: str) -> bool:
    """Directories that begin with a dot are hidden, with all that is in them."""
    return path.rpartition("/")[2].startswith(_HIDDEN)


async def _files(walk: Walk, patterns: Patterns, after: str) -> list[Met]:
    found: list[Met] = []
    async for entries in walk.met(patterns.may_hold):
        found += [
            entry
            for entry in entries
            if entry.kind in (FILE, LINK) and entry.path > after and patterns.matches(entry.path)
        ]
        await asyncio.sleep(0)
    return sorted(found)


async def _read(walk: Walk, found: Sequence[Met]) -> tuple[list[FileContent], bool]:
    """As many files as an answer holds, and whether there are more."""
    files: list[FileContent] = []
    size = 0
    for entry in found:
        if len(files) >= tree.PAGE_FILES:
            return files, True
        content = await _content(walk, entry)
        if content is None:
            continue
        if len(content) > tree.PAGE_BYTES:
            raise WalkError(f"{entry.path} is larger than {tree.PAGE_BYTES >> 20} MiB")
        if files and size + len(content) > tree.PAGE_BYTES:
            return files, True
        size += len(content)
        files.append(FileContent(_told(entry.path), content))
    return files, False


async def _content(walk: Walk, entry: Met) -> bytes | None:
    """What a file, or the one that a link leads to, holds; None for a link to a directory."""
    reader = walk.reader(entry.mirror)
    oid: str | None = entry.oid
    if entry.kind == LINK:
        oid = await followed(reader, await walk.root(), entry)
    if oid is None:
        return None
    [content] = await reader.contents([oid], "blob")
    if content.startswith(POINTER):
        raise WalkError(f"{entry.path} is a file of Git LFS, which generators do not read")
    return content


def _told(path: str) -> str:
    if "\ufffd" in path:
        raise WalkError(f"{path!r}: its name is not UTF-8")
    return path


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (GlobError, WalkError, LinkError) as error:
        raise RemoteError("InvalidArgument", str(error)) from error
    except (GitInvalidError, RenderError) as error:
        code = "Unavailable" if isinstance(error, RenderTransientError) else "InvalidArgument"
        raise RemoteError(code, str(error)) from error
    except GitError as error:
        raise RemoteError("Unavailable", str(error)) from error
