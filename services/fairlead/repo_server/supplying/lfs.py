"""Files of Git LFS that a render reads, by the pointer that lies in the tree (features, row 042).

Where `enableLfs` is set: the batch of one is asked of the repository's LFS server, and what its answer names
is downloaded. Invariant: what is imported has the digest and size of the pointer; credentials go to the
server of the repository alone, and what another host needs to be told is what the answer's headers say.
"""

import hashlib
from collections import OrderedDict
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import structlog

from fairlead.archives import ArchiveError, import_blob
from fairlead.cache import SingleFlight
from fairlead.git import Credential, GitError, GitProgram, GitTransientError, UrlRefusedError
from fairlead.git.credential_book import CredentialBook
from fairlead.git.errors import plain
from fairlead.git.reach import host_of
from fairlead.git.urls import is_ssh
from fairlead.matching.repository import without_password
from fairlead.outbound import Outbound
from fairlead.outbound.errors import OutboundError, OutboundTransientError
from fairlead.render import RenderInvalidError, RenderTransientError, Want
from fairlead.repo_server.supplying.provider import Asker, Obtained, Origin, opened_at
from fairlead.repo_server.supplying.shelf import Shelves, lies_on

log = structlog.get_logger(__name__)

LARGEST = 32 << 20
"""Bytes of one file."""
LISTING = 1 << 20
"""Bytes of a batch's answer."""
REMEMBERED = 4096
MEDIA = "application/vnd.git-lfs+json"
CONFIG = ".lfsconfig"
AUTHENTICATE = "git-lfs-authenticate"
_API = "/info/lfs"
_MAX_HEADERS = 32


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """An LFS server and who we are there; `scope` says whose credentials these are. `header` is what it wants
    to be told, as the SSH server of the repository says."""

    url: str
    credential: Credential
    scope: str
    opened: tuple[str, ...] = ()
    header: dict[str, str] = {}


class Action(msgspec.Struct, frozen=True):
    """Where something is, and what its server wants to be told."""

    href: str = ""
    header: dict[str, str] = {}


class Actions(msgspec.Struct, frozen=True):
    """What may be done."""

    download: Action | None = None


class Problem(msgspec.Struct, frozen=True):
    """Why it may not."""

    code: int = 0
    message: str = ""


class Object(msgspec.Struct, frozen=True):
    """One object of a batch."""

    oid: str = ""
    size: int = 0
    actions: Actions | None = None
    error: Problem | None = None


class Batch(msgspec.Struct, frozen=True):
    """The answer."""

    transfer: str = "basic"
    objects: tuple[Object, ...] = ()


class LfsProvider:
    """Downloads files."""

    def __init__(
        self, program: GitProgram, outbound: Outbound, shelves: Shelves, book: CredentialBook
    ) -> None:
        self._program = program
        self._outbound = outbound
        self._shelves = shelves
        self._book = book
        self._flights: SingleFlight[str] = SingleFlight()
        self._known: OrderedDict[tuple[str, Path], str] = OrderedDict()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """The file as a blob: its digest says for ever what it is."""
        origin = asker.origin(want)
        if origin is None or not self._book.find(origin.url, asker.project).enable_lfs:
            raise RenderInvalidError(want.refusal, code="lfs", file=want.file)
        if want.size > LARGEST:
            text = f"{want.file} is a file of Git LFS of {want.size} bytes, more than {LARGEST >> 20} MiB"
            raise RenderInvalidError(text, code="limit", file=want.file)
        server = await self._server(want, asker, origin)
        shelf = self._shelves.of("lfs", server.url, server.scope)
        blob = self._known.get((want.oid, shelf))
        if blob is None or not lies_on(shelf, blob):
            blob = await self._flights.run(f"{want.oid}@{shelf}", lambda: self._told(want, server, shelf))
            self._remember(want.oid, shelf, blob)
        return Obtained(mirror=shelf, object=blob, opened=server.opened)

    async def _told(self, want: Want, server: Server, shelf: Path) -> str:
        """In words, whatever goes wrong."""
        where = f"{want.file}: Git LFS at {without_password(server.url)}"
        try:
            content = await self._downloaded(want, server)
            blob = await import_blob(shelf, content)
        except OutboundTransientError as error:
            raise RenderTransientError(f"{where}: {error}", code="remote", file=want.file) from error
        except OutboundError as error:
            raise RenderInvalidError(f"{where}: {error}", code="remote", file=want.file) from error
        except ArchiveError as error:
            raise RenderTransientError(f"{where}: {error}", file=want.file) from error
        except ValueError as error:
            raise RenderInvalidError(f"{where}: {error}", code="remote", file=want.file) from error
        log.info("lfs.supplied", file=want.file, bytes=len(content), server=without_password(server.url))
        return blob

    async def _downloaded(self, want: Want, server: Server) -> bytes:
        """Raises ValueError for an answer that is not what the pointer says."""
        credential = server.credential
        if self._program.identities is not None:
            credential = await self._program.identities.opened(server.url, credential)
        action = await self._asked(want, server, credential)
        is_own = _is_same_server(action.href, server.url)
        told = (server.header if is_own else {}) | dict(list(action.header.items())[:_MAX_HEADERS])
        async with self._outbound.get(
            action.href,
            credential=credential if is_own else _stranger(credential),
            headers=told,
            limit=max(want.size, 1),
            decode=False,
        ) as answer:
            content = await answer.read()
        if len(content) != want.size or hashlib.sha256(content).hexdigest() != want.oid:
            raise ValueError("what came is not what the pointer names")
        return content

    async def _asked(self, want: Want, server: Server, credential: Credential) -> Action:
        question = {
            "operation": "download",
            "transfers": ["basic"],
            "objects": [{"oid": want.oid, "size": want.size}],
            "hash_algo": "sha256",
        }
        async with self._outbound.request(
            "POST",
            f"{server.url}/objects/batch",
            body=msgspec.json.encode(question),
            credential=credential,
            headers={**server.header, "Accept": MEDIA, "Content-Type": MEDIA},
            limit=LISTING,
        ) as answer:
            body = await answer.read()
        return _action(want, body)

    async def _server(self, want: Want, asker: Asker, origin: Origin) -> Server:
        """That of `.lfsconfig`, else the one beside the repository, or that of which its SSH server tells. It
        is told who we are where the project permits the repository whose files these are: on the same host
        others have theirs, too."""
        configured = await self._configured(origin)
        if not configured and is_ssh(origin.url):
            return await self._told_over_ssh(want, asker, origin)
        url = configured or _beside(origin.url)
        if not url.lower().startswith(("https://", "http://")):
            text = f"{want.file}: lfs.url in {CONFIG} is no http or https address"
            raise RenderInvalidError(text, code="lfs", file=want.file)
        place = origin.url if _is_beside(url, origin.url) else url.removesuffix(_API)
        names = (place, url, *((origin.url,) if _is_same_server(url, origin.url) else ()))
        offers = [self._book.find(name, asker.project) for name in names]
        found = next((one for one in offers if one.credential != Credential()), offers[0])
        if not _may_open(asker, place):
            return Server(url=url, credential=_stranger(found.credential), scope="")
        opened = () if found.credential == Credential() else (opened_at(place, found.scope),)
        return Server(url=url, credential=found.credential, scope=found.scope or "*", opened=opened)

    async def _told_over_ssh(self, want: Want, asker: Asker, origin: Origin) -> Server:
        """Forges tell over SSH where their LFS server is, and what it wants to be told for a while."""
        found = self._book.find(origin.url, asker.project)
        where = f"{want.file}: Git LFS of {origin.url}"
        if not _may_open(asker, origin.url):
            text = f"{where}: the project {asker.project} does not permit that repository"
            raise RenderInvalidError(text, code="lfs", file=want.file)
        try:
            if self._program.ssh is None:
                raise UrlRefusedError("nothing is read over SSH here")
            async with self._program.slots.of(host_of(origin.url)):
                said = await self._program.ssh.printed(origin.url, found.credential, AUTHENTICATE, "download")
            action = msgspec.json.decode(said, type=Action)
        except GitTransientError as error:
            raise RenderTransientError(f"{where}: {error}", code="remote", file=want.file) from error
        except GitError as error:
            text = f"{where}: {error}; {CONFIG} may name its server as lfs.url"
            raise RenderInvalidError(text, code="remote", file=want.file) from error
        except msgspec.DecodeError as error:
            text = f"{where}: the answer to {AUTHENTICATE} cannot be read"
            raise RenderInvalidError(text, code="remote", file=want.file) from error
        if not action.href.startswith(("https://", "http://")):
            text = f"{where}: {AUTHENTICATE} names no http or https address; set lfs.url in {CONFIG}"
            raise RenderInvalidError(text, code="lfs", file=want.file)
        return Server(
            url=action.href.rstrip("/"),
            credential=_stranger(found.credential),
            scope=found.scope or "*",
            opened=(opened_at(origin.url, found.scope),),
            header=dict(list(action.header.items())[:_MAX_HEADERS]),
        )

    async def _configured(self, origin: Origin) -> str:
        arguments = ("config", f"--blob={origin.commit}:{CONFIG}", "--no-includes", "-z", "--get", "lfs.url")
        try:
            printed = await self._program.run((f"--git-dir={origin.mirror}", *arguments))
        except GitError:
            return ""
        return printed.decode(errors="replace").rstrip("\0").strip().rstrip("/")

    def _remember(self, oid: str, shelf: Path, blob: str) -> None:
        self._known[oid, shelf] = blob
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _action(want: Want, body: bytes) -> Action:
    """Raises ValueError."""
    try:
        batch = msgspec.json.decode(body, type=Batch)
    except msgspec.DecodeError:
        raise ValueError("its answer cannot be read") from None
    found = next((one for one in batch.objects if one.oid == want.oid), None)
    if found is not None and found.error is not None:
        raise ValueError(f"it refuses: {plain(found.error.message[:200])} ({found.error.code})")
    if found is None or found.actions is None or found.actions.download is None or batch.transfer != "basic":
        raise ValueError("it does not say where the file is")
    return found.actions.download


def _beside(url: str) -> str:
    """Where Git LFS looks when nothing says otherwise."""
    plain = url.rstrip("/")
    return f"{plain}{_API}" if plain.endswith(".git") else f"{plain}.git{_API}"


def _may_open(asker: Asker, place: str) -> bool:
    """Whether credentials are used at a place for who asks: the source's own repository is in use already."""
    return place == asker.url or asker.permits(place)


def _is_beside(url: str, repository: str) -> bool:
    """Whether an address is that of a repository's own files, and not of another one's on its host."""
    mine = repository.rstrip("/").removesuffix(".git")
    return url in (f"{mine}{_API}", f"{mine}.git{_API}")


def _is_same_server(one: str, other: str) -> bool:
    """Whether two addresses are of one server: then who we are at the one may be told at the other."""
    parts = [urlsplit(url) for url in (one, other)]
    try:
        places = [(part.scheme.lower(), (part.hostname or "").lower(), part.port) for part in parts]
    except ValueError:
        return False
    return places[0] == places[1]


def _stranger(credential: Credential) -> Credential:
    """How another host is met: by the same way, and without saying who we are."""
    return Credential(proxy=credential.proxy, no_proxy=credential.no_proxy)
