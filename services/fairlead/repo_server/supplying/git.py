"""Commits of other repositories: what a kustomization builds on (contract 7.3).

As in Argo CD they work without being declared. A repository that is declared lends its credentials where the
project of the application permits it; any other is asked without. Invariant: one commit is fetched, without
its history and without what it does not reach.
"""

import asyncio
import os
import time
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple
from weakref import WeakValueDictionary

import structlog

from fairlead.archives import ImportFailedError
from fairlead.cache import SingleFlight
from fairlead.git import Credential, GitError, GitProgram, GitTransientError, RevisionError
from fairlead.git.advertised import Advertised
from fairlead.git.credential_book import CredentialBook
from fairlead.git.credentials import inherited
from fairlead.git.refs import PIN
from fairlead.git.remote import Remote
from fairlead.git.revisions import is_pinned
from fairlead.git.urls import parse
from fairlead.render import Want
from fairlead.repo_server.supplying.provider import Asker, Obtained, Origin, opened_at
from fairlead.repo_server.supplying.shelf import Shelves

log = structlog.get_logger(__name__)

HOLDS = 180.0
"""Seconds for which what a remote's refs mean is believed (contract 7.10)."""
MOST, KEPT = 64, 32
"""Commits of one repository that are kept, and that are left when these are too many."""
REMEMBERED = 512
"""Remotes whose refs are remembered."""
_DWIM = ("", "refs/", "refs/tags/", "refs/heads/")
"""What git puts before a name when it is told to fetch one, in its order."""


class Place(NamedTuple):
    """A remote, and where what comes from it is kept."""

    remote: Remote
    shelf: Path
    opened: tuple[str, ...]


class _Held(NamedTuple):
    at: float
    refs: Advertised


class GitProvider:
    """Fetches commits onto shelves."""

    def __init__(self, program: GitProgram, shelves: Shelves, book: CredentialBook) -> None:
        self._program = program
        self._shelves = shelves
        self._book = book
        self._looks: SingleFlight[Advertised] = SingleFlight()
        self._flights: SingleFlight[None] = SingleFlight()
        self._refs: OrderedDict[str, _Held] = OrderedDict()
        self._turns: WeakValueDictionary[Path, asyncio.Lock] = WeakValueDictionary()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """The commit that a revision means; "" is the default branch. Settled when it is a commit's id."""
        place = self._place(want, asker)
        oid = want.revision.lower()
        settled = is_pinned(oid)
        if not settled:
            oid = meant(want.revision, await self._listed(place, fresh=asker.fresh))
        await self._flights.run(f"{place.shelf}@{oid}", lambda: self._fetch(place, oid))
        lies = Origin(url=place.remote.url, mirror=place.shelf, commit=oid)
        return Obtained(mirror=place.shelf, object=oid, settled=settled, opened=place.opened, origin=lies)

    def _place(self, want: Want, asker: Asker) -> Place:
        """Raises UrlRefusedError."""
        address = parse(want.url, allow_files=self._program.allow_files)
        found = self._book.find(address.url, asker.project)
        credential, scope, opened = Credential(), "", tuple[str, ...]()
        lent = found.credential if asker.permits(address.url) else Credential()
        if not lent.is_empty or (lent != Credential() and not address.password):
            credential, scope = lent, found.scope or "*"
            opened = (opened_at(address.url, found.scope),)
        elif address.password:
            credential = inherited(lent, Credential(username=address.username, password=address.password))
            scope = f"{address.username}:{address.password}"
        try:
            shelf = self._shelves.of("git", address.url, scope)
        except ImportFailedError as error:
            raise GitTransientError(str(error)) from error
        remote = Remote(program=self._program, url=address.url, credential=credential)
        return Place(remote, shelf, opened)

    async def _listed(self, place: Place, *, fresh: bool) -> Advertised:
        key = str(place.shelf)
        held = self._refs.get(key)
        if held is not None and not fresh and time.monotonic() - held.at < HOLDS:
            return held.refs
        refs = await self._looks.run(key, place.remote.list_refs)
        self._refs[key] = _Held(time.monotonic(), refs)
        self._refs.move_to_end(key)
        while len(self._refs) > REMEMBERED:
            self._refs.popitem(last=False)
        return refs

    async def _fetch(self, place: Place, oid: str) -> None:
        """One commit with its files; a shelf is fetched into by one at a time, as its list of commits without
        parents is one file."""
        turn = self._turns.setdefault(place.shelf, asyncio.Lock())
        async with turn:
            pin = place.shelf / PIN / oid
            if pin.exists():
                os.utime(pin)
                return
            await place.remote.fetch(place.shelf, (f"+{oid}:{PIN}{oid}",), prune=False, depth=1)
            log.info("base.supplied", repository=place.remote.url, commit=oid)
            await self._tidy(place.shelf)

    async def _tidy(self, shelf: Path) -> None:
        """Let go of the commits that nobody asked for longest, once there are many."""
        pins = await asyncio.to_thread(_oldest_first, shelf / PIN)
        if len(pins) <= MOST:
            return
        for pin in pins[:-KEPT]:
            pin.unlink(missing_ok=True)
        words = ("-c", "gc.packRefs=false", "gc", "--prune=now", "--quiet")
        try:
            await self._program.run((f"--git-dir={shelf}", *words))
        except GitError as error:
            log.warning("shelf.not_tidied", shelf=shelf.name, error=str(error))


def _oldest_first(folder: Path) -> list[Path]:
    return sorted(folder.iterdir(), key=lambda pin: pin.stat().st_mtime)


def meant(revision: str, refs: Advertised) -> str:
    """The object that a remote has for a name. Raises RevisionError."""
    if revision in {"", "HEAD"}:
        found = refs.refs.get(refs.head, refs.head)
        if is_pinned(found):
            return found
    for prefix in _DWIM:
        if (oid := refs.refs.get(prefix + revision)) is not None:
            return oid
    raise RevisionError(revision or "HEAD")
