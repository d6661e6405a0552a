"""Charts that a chart depends on, from chart repositories and OCI registries (contract 7.2).

As in Argo CD a repository that is declared lends its credentials where the project of the application
permits it; any other is asked without. Invariant: an exact version of a chart is downloaded once, and what is
unpacked of its archive is bounded before anything reads it.
"""

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

import structlog

from fairlead.archives import ImportFailedError, Limits
from fairlead.archives.room import ROOM, Share
from fairlead.cache import SingleFlight
from fairlead.charts import (
    ChartError,
    ChartRepository,
    ChartTransientError,
    ChartVersion,
    ChartVersionError,
    Index,
    choose,
    import_chart,
    is_exact,
)
from fairlead.events import RenderSettings
from fairlead.git.credential_book import CredentialBook
from fairlead.git.credentials import Credential
from fairlead.matching.repository import without_password
from fairlead.oci import HELM_CHART, OciError, OciTransientError, Reference, Registry, tag_of, version_of
from fairlead.outbound import Outbound
from fairlead.outbound.names import host_of
from fairlead.render import RenderInvalidError, RenderTransientError, Want
from fairlead.repo_server import counts
from fairlead.repo_server.supplying.address import apart
from fairlead.repo_server.supplying.provider import Asker, Obtained, opened_at
from fairlead.repo_server.supplying.shelf import Shelves, lies_on

log = structlog.get_logger(__name__)

INDEX_HOLDS = 180.0
"""Seconds for which an index is believed (contract 7.10)."""
INDEXES = 4
"""Indexes in memory, which may be large."""
OFFERED = 1024
"""Charts whose versions are in memory."""
REMEMBERED = 4096
"""Charts that are known to lie on a shelf."""
OCI = "oci://"
CHART_LAYERS = (HELM_CHART, "application/tar+gzip")
"""Media types of charts, that of old releases of Helm last."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,249}")
_PASSING = (ChartTransientError, OciTransientError, ImportFailedError)

Opened = Callable[[str, Credential], Awaitable[Credential]]


async def as_it_is(_: str, credential: Credential) -> Credential:
    """Nothing is exchanged."""
    return credential


class Place(NamedTuple):
    """Where a chart comes from, and who we are there: `scope` says whose credentials these are."""

    url: str
    credential: Credential
    scope: str
    opened: tuple[str, ...] = ()


class _Offered(NamedTuple):
    at: float
    versions: tuple[ChartVersion, ...]


class ChartProvider:
    """Fetches charts; `opened` makes tokens of credentials that are none yet, `settings` are those of now."""

    def __init__(
        self,
        outbound: Outbound,
        shelves: Shelves,
        book: CredentialBook,
        *,
        opened: Opened = as_it_is,
        settings: Callable[[], RenderSettings] = RenderSettings,
    ) -> None:
        self._outbound = outbound
        self._shelves = shelves
        self._book = book
        self._opened = opened
        self._settings = settings
        self._flights: SingleFlight[Obtained] = SingleFlight()
        self._looks: SingleFlight[Index] = SingleFlight()
        self._indexes: OrderedDict[tuple[str, str], Index] = OrderedDict()
        self._offered: OrderedDict[tuple[str, str, str], _Offered] = OrderedDict()
        self._known: OrderedDict[tuple[str, ...], Obtained] = OrderedDict()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """The chart as a commit, its `Chart.yaml` at the root; settled when the version is an exact one."""
        if not _NAME.fullmatch(want.name):
            raise RenderInvalidError(
                f"{want.file}: {want.name[:250]!r} is no name of a chart", file=want.file
            )
        place = self._place(want, asker)
        key = (place.url, place.scope, want.name, want.version)
        known = self._known.get(key)
        if known is not None and not asker.fresh and lies_on(known.mirror, known.object):
            return known
        return await self._flights.run(
            f"{key}{asker.fresh}{asker.pass_credentials}", lambda: self._told(want, asker, place, key)
        )

    async def _told(self, want: Want, asker: Asker, place: Place, key: tuple[str, ...]) -> Obtained:
        where = f"{want.file}: dependency {want.name} {want.version} of {without_password(want.repository)}"
        try:
            found = await self._fetched(want, asker, place)
        except _PASSING as error:
            raise RenderTransientError(f"{where}: {error}", code="remote", file=want.file) from error
        except (ChartError, OciError) as error:
            raise RenderInvalidError(f"{where}: {error}", code="remote", file=want.file) from error
        if found.settled:
            _keep(self._known, key, found, REMEMBERED)
        return found

    async def _fetched(self, want: Want, asker: Asker, place: Place) -> Obtained:
        credential = await self._opened(place.url, place.credential)
        shelf = self._shelves.of("chart", place.url, place.scope)
        limits = Limits(unpacked=self._settings().limits.helm_extracted)
        async with ROOM.share(host_of(place.url)) as share:
            if place.url.startswith(OCI):
                version, archive = await self._from_registry(want, place, credential, share)
            else:
                version, archive = await self._from_repository(want, asker, place, credential, share)
            commit = await import_chart(shelf, archive, name=want.name, version=version, limits=limits)
        log.info("chart.supplied", chart=want.name, version=version, repository=without_password(place.url))
        return Obtained(mirror=shelf, object=commit, settled=is_exact(want.version), opened=place.opened)

    async def _from_registry(
        self, want: Want, place: Place, credential: Credential, share: Share
    ) -> tuple[str, bytes]:
        reference = Reference.parse(place.url, want.name)
        registry = Registry(self._outbound, reference, credential, observer=counts.asked_registry)
        version = want.version
        if not is_exact(version):
            version = choose(map(version_of, await registry.tags()), version)
        manifest = await registry.manifest(tag_of(version))
        return version, await registry.content(manifest, media_types=CHART_LAYERS, share=share)

    async def _from_repository(
        self, want: Want, asker: Asker, place: Place, credential: Credential, share: Share
    ) -> tuple[str, bytes]:
        repository = ChartRepository(
            self._outbound,
            place.url,
            credential,
            pass_credentials=asker.pass_credentials,
            user_agent=self._settings().helm_user_agent,
        )
        chosen = None if asker.fresh else self._remembered(want, place)
        chosen = chosen or _chosen(await self._versions(repository, place, want.name), want.version)
        return chosen.version, await repository.archive(chosen, share)

    def _remembered(self, want: Want, place: Place) -> ChartVersion | None:
        """The version meant among those that were offered a while ago; what was not there then may be now."""
        known = self._offered.get((place.url, place.scope, want.name))
        if known is None or time.monotonic() - known.at > INDEX_HOLDS:
            return None
        try:
            return _chosen(known.versions, want.version)
        except ChartVersionError:
            return None

    async def _versions(
        self, repository: ChartRepository, place: Place, chart: str
    ) -> tuple[ChartVersion, ...]:
        """What is offered of a chart; all that want it at the same time share a look at the index."""
        key = (place.url, place.scope)
        index = await self._looks.run(str(key), lambda: repository.index(self._indexes.get(key)))
        _keep(self._indexes, key, index, INDEXES)
        versions = await index.versions(chart)
        _keep(self._offered, (*key, chart), _Offered(time.monotonic(), versions), OFFERED)
        return versions

    def _place(self, want: Want, asker: Asker) -> Place:
        """The repository that a dependency names, with the credentials that the project may use there."""
        url = self._address(want, asker)
        if not url.lower().startswith(("http://", "https://", OCI)):
            text = f"{want.file}: dependency {want.name}: charts cannot be fetched from {url[:200]}"
            raise RenderInvalidError(text, code="remote", file=want.file)
        try:
            plain, own = (url, Credential()) if url.lower().startswith(OCI) else apart(url)
        except ValueError as error:
            text = f"{want.file}: dependency {want.name}: the address of its repository is misspelt"
            raise RenderInvalidError(text, code="remote", file=want.file) from error
        spellings = _spellings(plain)
        for declared in () if any(map(asker.denies, spellings)) else spellings:
            found = self._book.find(declared, asker.project)
            permitted = next((name for name in (declared, plain) if asker.permits(name)), "")
            if permitted and (found.is_declared or not found.credential.is_empty):
                opened = () if found.credential == Credential() else (opened_at(permitted, found.scope),)
                return Place(plain, found.credential, found.scope or "*", opened)
        return Place(plain, own, _inline(own))

    def _address(self, want: Want, asker: Asker) -> str:
        """Where `@name` and `alias:name` lead: to a declared repository that the project permits."""
        given = want.repository
        name = given[1:] if given.startswith("@") else given.removeprefix("alias:")
        if name == given:
            return given
        entry = self._book.named(name, asker.project)
        if entry is None or not asker.permits(entry.url):
            text = (
                f"{want.file}: no repository definition for {given}: no repository of that name is declared"
            )
            raise RenderInvalidError(f"{text} for the project", code="remote", file=want.file)
        is_registry = entry.enable_oci and "://" not in entry.url
        return f"{OCI}{entry.url}" if is_registry else entry.url


K = TypeVar("K")
V = TypeVar("V")


def _keep(shelf: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Remember; what was met first goes first."""
    shelf[key] = value
    shelf.move_to_end(key)
    while len(shelf) > most:
        shelf.popitem(last=False)


def _chosen(offered: tuple[ChartVersion, ...], wanted: str) -> ChartVersion:
    """The version that is meant. Raises ChartVersionError."""
    versions = {one.version: one for one in offered}
    return versions[choose(versions, wanted)]


def _inline(own: Credential) -> str:
    """The scope of who brings a password in the address: nobody else's."""
    if own.is_empty:
        return ""
    return f"inline {hashlib.sha256(f'{own.username}:{own.password}'.encode()).hexdigest()[:16]}"


def _spellings(url: str) -> tuple[str, ...]:
    """How the repository may be declared: a registry with its scheme or without, or by its host alone."""
    if not url.lower().startswith(OCI):
        return (url,)
    plain = url[len(OCI) :]
    return (url, plain, plain.partition("/")[0])
