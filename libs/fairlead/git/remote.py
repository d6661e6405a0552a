"""Asking a remote what it has, and getting it."""

import asyncio
import os
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from fairlead.git.advertised import FOLLOWED, OBJECT_ID, Advertised
from fairlead.git.credentials import Credential
from fairlead.git.errors import (
    AuthenticationError,
    GitError,
    GitTransientError,
    UnsupportedCredentialError,
    scrub,
)
from fairlead.git.ls_refs import NotPlainError, NotTakenError
from fairlead.git.program import (
    FETCH_LONGEST,
    FETCH_SILENCE,
    RECEIVE_PACK,
    REQUEST_TIMEOUT,
    STRICTLY,
    UPLOAD_PACK,
    GitProgram,
)
from fairlead.git.pushing import PUSH_SECONDS, Pushed, RefUpdate, pushed, refspecs_of
from fairlead.git.reach import host_of
from fairlead.git.urls import is_ssh

log = structlog.get_logger(__name__)

REFSPECS = tuple(f"+{prefix}*:{prefix}*" for prefix in FOLLOWED)

_PEELED = "^{}"
CLONE_THREADS = min(4, len(os.sched_getaffinity(0)))
"""Threads that put the pack of a new mirror together; few are cloned at once."""
NOTHING = "refs/heads/fairlead/none"
"""What HEAD of a mirror means: no branch is to be the one that is checked out."""
LARGE_LISTING = 1 << 20
"""Characters of a listing from which it is read off the event loop."""


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A repository somewhere else; `url` has passed `urls.parse`. `depth` is how many commits of each history
    are fetched, 0 for all."""

    program: GitProgram
    url: str
    credential: Credential = Credential()
    depth: int = 0

    async def list_refs(self, also: tuple[str, ...] = ()) -> Advertised:
        """Ask for refs, and those named, without getting any object. Raises GitError."""
        with self._observed("ls-remote"):
            return await self._listed(also)

    async def _listed(self, also: tuple[str, ...]) -> Advertised:
        credential = await self._opened()
        if self.program.ssh is not None and is_ssh(self.url):
            async with self.program.slots.of(host_of(self.url)):
                return await self.program.ssh.list_refs(self.url, credential, also)
        if self.program.ls_refs is not None:
            try:
                return await self.program.ls_refs.ask(self.url, credential, also)
            except NotPlainError as error:
                log.debug("git.ls_refs.left_to_git", url=self.url, reason=str(error))
        arguments = ("ls-remote", "--quiet", "--symref", "--end-of-options", self.url)
        printed = await self._run(arguments, credential, deadline=float(REQUEST_TIMEOUT))
        text = printed.decode(errors="surrogateescape")
        if len(text) < LARGE_LISTING:
            return parse_refs(text, also)
        return await asyncio.to_thread(parse_refs, text, also)

    async def fetch(
        self,
        mirror: Path,
        refspecs: tuple[str, ...] = REFSPECS,
        *,
        prune: bool = True,
        depth: int = 0,
        unshallow: bool = False,
    ) -> None:
        """Bring a bare mirror up to date, with so many commits of each history; 0 is as many as are usual
        here. With `unshallow` what was left out before comes too. Raises GitError; what was whole before
        stays whole."""
        credential = await self._opened()
        depth = 0 if unshallow else depth or self.depth
        arguments = (
            f"--git-dir={mirror}",
            "fetch",
            "--progress",
            "--no-auto-gc",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--no-show-forced-updates",
            "--no-recurse-submodules",
            "--no-tags",
            "--prune" if prune else "--no-prune",
            *((f"--depth={depth}",) if depth else ()),
            *(("--unshallow",) if unshallow else ()),
            "--end-of-options",
            self.url,
            *refspecs,
        )
        await self._fetched(arguments, credential)

    async def push(self, mirror: Path, updates: Collection[RefUpdate]) -> Pushed:
        """Move refs of the remote, each from where it is said to be, to what a bare mirror holds.

        What became of each is told; nothing is moved from anywhere else.

        Raises:
            GitError: nothing is known of any of them; they may have been moved.
        """
        credential = await self._opened()
        arguments = (
            f"--git-dir={mirror}",
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--no-recurse-submodules",
            *(f"--force-with-lease={update.ref}:{update.old}" for update in updates),
            "--end-of-options",
            self.url,
            *refspecs_of(updates),
        )
        with self._observed("push"):
            try:
                printed = await self._run(arguments, credential, deadline=PUSH_SECONDS, service=RECEIVE_PACK)
            except GitError as error:
                told = pushed(error.printed, updates, error)
                return msgspec.structs.replace(told, words=scrub(told.words, credential.secrets()))
        return pushed(printed, updates)

    @property
    def gives_packs(self) -> bool:
        """Whether a few commits may be asked for without git."""
        return self.program.fetch_pack is not None and not is_ssh(self.url) and not self.depth

    async def fetch_few(self, mirror: Path, wanted: Collection[str], here: Iterable[str]) -> None:
        """Bring a bare mirror the objects that a few commits need beside those `here`; no ref is moved.

        Raises:
            NotPlainError: git should fetch instead, and says what is wrong.
            NotTakenError: likewise, after something came.
            GitTransientError: the remote does not answer in time, and would not answer git sooner.
        """
        credential = await self._opened()
        if self.program.fetch_pack is None:
            raise NotPlainError("git is to be asked")
        with self._observed("fetch"):
            pack = await self.program.fetch_pack.ask(self.url, credential, wanted, here)
            with tempfile.TemporaryFile(dir=mirror) as file:
                file.write(pack)
                file.seek(0)
                arguments = (f"--git-dir={mirror}", "index-pack", "--stdin", "--fix-thin", STRICTLY)
                try:
                    await self.program.run(arguments, given=file)
                except GitError as error:
                    raise NotTakenError(str(error)) from error

    async def clone(self, mirror: Path) -> None:
        """Make a bare mirror of branches and tags where nothing is. Quicker by a third than a fetch into an
        empty one: what comes whole and at once need not be gone through to see that nothing is missing.

        Raises:
            GitError: nothing is left of it then.
        """
        credential = await self._opened()
        arguments = (
            "-c",
            f"pack.threads={CLONE_THREADS}",
            "clone",
            "--bare",
            "--progress",
            "--template=",
            *((f"--depth={self.depth}", "--no-single-branch") if self.depth else ()),
            "--end-of-options",
            self.url,
            str(mirror),
        )
        await self._fetched(arguments, credential)
        forget = (f"--git-dir={mirror}", "config", "--remove-section", "remote.origin")
        await self.program.run(forget)
        (mirror / "HEAD").write_text(f"ref: {NOTHING}\n")

    async def _fetched(self, arguments: tuple[str, ...], credential: Credential) -> None:
        limit = self.program.fetch_timeout
        with self._observed("fetch"):
            if limit:
                await self._run(arguments, credential, deadline=limit)
            else:
                await self._run(arguments, credential, deadline=FETCH_LONGEST, silence=FETCH_SILENCE)

    @contextmanager
    def _observed(self, request: str) -> Iterator[None]:
        """What is left to git is told of when git has done it."""
        started, failed, is_left = time.perf_counter(), True, False
        try:
            yield
            failed = False
        except NotPlainError:
            is_left = True
            raise
        finally:
            if self.program.observer is not None and not is_left:
                seconds = time.perf_counter() - started
                self.program.observer(self.url, request, seconds, failed=failed)

    async def _opened(self) -> Credential:
        """What is shown there: the credential, or the token that it is exchanged for. Raises GitError."""
        self.credential.check()
        if is_ssh(self.url):
            return self.credential
        if self.program.identities is not None:
            return await self.program.identities.opened(self.url, self.credential)
        if self.credential.is_exchanged:
            raise UnsupportedCredentialError("credentials that are exchanged for tokens are of no use here")
        return self.credential

    async def _run(
        self,
        arguments: tuple[str, ...],
        credential: Credential,
        *,
        deadline: float,
        silence: float = 0.0,
        service: str = UPLOAD_PACK,
    ) -> bytes:
        try:
            return await self.program.run(
                arguments,
                url=self.url,
                credential=credential,
                deadline=deadline,
                silence=silence,
                service=service,
            )
        except AuthenticationError:
            if self.credential.is_exchanged and self.program.identities is not None:
                self.program.identities.refused(self.url, self.credential)
            raise


def parse_refs(listing: str, also: tuple[str, ...] = ()) -> Advertised:
    """Read the output of `ls-remote --symref`. Raises GitTransientError when it is not one.

    Only a newline ends a line: names may hold what Unicode, too, takes for the end of one.
    """
    refs: dict[str, str] = {}
    head = ""
    for line in filter(None, listing.split("\n")):
        value, _, name = line.partition("\t")
        if value.startswith("ref: "):
            head = value[5:] if name == "HEAD" else head
        elif not OBJECT_ID.match(value):
            raise GitTransientError("the remote's list of refs is not understood")
        elif name == "HEAD":
            head = head or value
        elif name in also or (name.startswith(FOLLOWED) and not name.endswith(_PEELED)):
            refs[name] = value
    return Advertised(refs=refs, head=head)
