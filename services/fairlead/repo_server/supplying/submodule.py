"""Submodules that a render reads through, by the commit that the tree names.

The address is that of `.gitmodules` beside the gitlink. As with charts, a repository lends its credentials
where the project of the application permits it, and any other is asked without. Invariant: what is mounted is
the very commit that the tree names, so the tree's id stands for all of it.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import structlog

from fairlead.git import Credential, GitError, GitProgram, Mirror, RevisionError, UrlRefusedError
from fairlead.git.credential_book import CredentialBook
from fairlead.git.remote import Remote
from fairlead.git.urls import parse
from fairlead.matching.repository import without_password
from fairlead.render import RenderInvalidError, Want
from fairlead.repo_server.supplying.modules import FILE, address, modules_of
from fairlead.repo_server.supplying.provider import Asker, Obtained, Origin, opened_at
from fairlead.repo_server.supplying.shelf import Shelves

log = structlog.get_logger(__name__)

MAX_DEPTH = 5
"""Submodules within submodules."""
OPEN = 16
"""Shelves that are kept open."""


class SubmoduleProvider:
    """Fetches submodules; `is_enabled` is `reposerver.enable.git.submodule` at the moment."""

    def __init__(
        self,
        program: GitProgram,
        shelves: Shelves,
        book: CredentialBook,
        is_enabled: Callable[[], bool] = lambda: True,
    ) -> None:
        self._program = program
        self._shelves = shelves
        self._book = book
        self._is_enabled = is_enabled
        self._open: OrderedDict[Path, tuple[int, Mirror]] = OrderedDict()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """The commit, in a repository of its address and of who may see it."""
        if not self._is_enabled():
            raise RenderInvalidError(want.refusal, code="submodule", file=want.file)
        origin = asker.origin(want)
        if origin is None or origin.depth >= MAX_DEPTH:
            why = "its repository has no address" if origin is None else f"that is level {MAX_DEPTH + 1}"
            raise RenderInvalidError(f"{want.file} is a submodule and is not followed: {why}", file=want.file)
        try:
            return await self._obtained(want, asker, origin)
        except UrlRefusedError as error:
            text = f"{want.file} is a submodule whose address is not fetched from: {error}"
            raise RenderInvalidError(text, code="submodule", file=want.file) from error

    async def _obtained(self, want: Want, asker: Asker, origin: Origin) -> Obtained:
        url = parse(await self._address(want, origin), allow_files=self._program.allow_files).url
        found = self._book.find(url, asker.project)
        permitted = asker.permits(url)
        credential = found.credential if permitted else Credential(insecure=found.credential.insecure)
        shelf = self._shelves.of("submodule", url, (found.scope or "*") if permitted else "")
        mirror = self._mirror(shelf)
        await mirror.open()
        if not await mirror.objects.has_commit(want.oid):
            await self._fetch(mirror, Remote(program=self._program, url=url, credential=credential), want)
            log.info("submodule.supplied", repository=without_password(url), commit=want.oid)
        opened = (opened_at(url, found.scope),) if permitted and credential != Credential() else ()
        lies = Origin(url=url, mirror=shelf, commit=want.oid, depth=origin.depth + 1)
        return Obtained(mirror=shelf, object=want.oid, opened=opened, origin=lies)

    async def _address(self, want: Want, origin: Origin) -> str:
        try:
            modules = await modules_of(self._program, str(origin.mirror), origin.commit)
        except GitError as error:
            text = f"{want.file} is a submodule, and no {FILE} says where it is"
            raise RenderInvalidError(text, code="submodule", file=want.file) from error
        if want.path not in modules:
            text = f"{want.file} is a submodule, and {FILE} does not say where it is"
            raise RenderInvalidError(text, code="submodule", file=want.file)
        return address(modules[want.path], origin.url)

    async def _fetch(self, mirror: Mirror, remote: Remote, want: Want) -> None:
        """By its id; from servers that give only what their refs name, all of them."""
        try:
            await mirror.obtain(remote, want.oid)
        except RevisionError:
            await mirror.check(remote, list_first=True)
            if not await mirror.objects.has_commit(want.oid):
                text = f"{want.file} is a submodule whose commit {want.oid} is not in {remote.url}"
                raise RenderInvalidError(text, code="submodule", file=want.file) from None

    def _mirror(self, shelf: Path) -> Mirror:
        """One writer a shelf. One that was wiped and begun anew is opened anew: who has it open does not see
        that."""
        objects = (shelf / "objects").stat().st_ino
        known = self._open.pop(shelf, None)
        if known is not None and known[0] != objects and not known[1].is_busy:
            known[1].close()
            known = None
        mirror = known[1] if known is not None else Mirror(self._program, shelf)
        self._open[shelf] = objects, mirror
        while len(self._open) > OPEN:
            _, (_, idle) = next(iter(self._open.items()))
            if idle.is_busy:
                break
            self._open.popitem(last=False)[1][1].close()
        return mirror

    def close(self) -> None:
        """End the helper processes."""
        for _, mirror in self._open.values():
            mirror.close()
