"""A chart repository as one scope sees it: one look at its index serves all charts of it that are in use.

Invariant: every chart has its own mirror and its own word on what moved; the index is fetched once for all.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Iterator

import structlog

from fairlead.archives.room import Share
from fairlead.charts import ChartNotFoundError, ChartRepository, ChartVersion, Index
from fairlead.events import Cause
from fairlead.git import GitError
from fairlead.git.refs import Refs
from fairlead.git.urls import Address
from fairlead.repo_server.remotes.failures import looking, taking
from fairlead.repo_server.remotes.looks import Looks
from fairlead.repo_server.remotes.repository import Surroundings, client_of, credential_at, opened_at
from fairlead.repo_server.remotes.versioned import Versioned
from fairlead.repo_server.remotes.versions import TAG

log = structlog.get_logger(__name__)


class Indexed(Versioned):
    """What is offered by an index, and hears of each look at it."""

    @abstractmethod
    async def take(self, index: Index, cause: Cause) -> None:
        """A look found this index. Raises GitError."""


class ChartIndex:
    """The index at one address; `name` is that of what is looked at."""

    def __init__(
        self, around: Surroundings, address: Address, project: str, name: str, *, pass_credentials: bool
    ) -> None:
        self.name = name
        self.looks = Looks(self._look)
        self.url = address.url
        self._around = around
        self._address = address
        self._project = project
        self._pass_credentials = pass_credentials
        self._charts: dict[str, Indexed] = {}
        self._index: Index | None = None

    def __iter__(self) -> Iterator[Indexed]:
        return iter(tuple(self._charts.values()))

    def admit(self, chart: Indexed) -> None:
        """A chart is in use."""
        self._charts[chart.mirror.name] = chart

    def dismiss(self, chart: Indexed) -> bool:
        """A chart is not in use any more; whether none is."""
        self._charts.pop(chart.mirror.name, None)
        return not self._charts

    async def read(self) -> Index:
        """The index as it is now. Raises GitError."""
        repository = await self._repository()
        with looking():
            self._index = await repository.index(self._index)
        return self._index

    async def archive(self, chart: str, version: str, content: str, share: Share) -> bytes:
        """The archive of a version that has this content.

        Raises:
            LookupError: the version has another content by now.
            GitError: as the remote.
        """
        found = await self._version(chart, version, content)
        repository = await self._repository()
        with taking():
            return await repository.archive(found, share)

    async def _version(self, chart: str, version: str, content: str) -> ChartVersion:
        for known in (self._index, None):
            index = known or await self.read()
            with taking():
                for one in await index.versions(chart):
                    if one.version == version and content_of(one) == content:
                        return one
        raise LookupError(version)

    async def _repository(self) -> ChartRepository:
        """The repository, with the credentials of this moment. Raises GitError."""
        credential = credential_at(self._around, self._address, self._project)
        return ChartRepository(
            client_of(self._around),
            self.url,
            await opened_at(self._around, self.url, credential),
            pass_credentials=self._pass_credentials,
            user_agent=self._around.settings().helm_user_agent,
        )

    async def _look(self, cause: Cause, list_first: bool) -> None:
        """One look at the index, of which every chart hears."""
        del list_first
        charts = tuple(self)
        for chart in charts:
            await chart.mirror.open()
            chart.opens()
        try:
            index = await self.read()
        except GitError as error:
            for chart in charts:
                chart.failed(error)
            raise
        failures = list[Exception]()
        for chart in charts:
            try:
                await chart.take(index, cause)
            except Exception as error:
                log.info("chart.look.failed", repository=chart.identity, error=str(error))
                failures.append(error)
        if failures:
            raise failures[0]


UNVOUCHED = "told-"
"""How the word for a content begins whose digest the index does not tell: the archive may be another one
tomorrow, and only who fetches it sees that."""


async def refs_of(index: Index, chart: str) -> Refs:
    """The versions of a chart as refs. Raises GitError."""
    with looking():
        try:
            versions = await index.versions(chart)
        except ChartNotFoundError:
            return {}
    return {TAG + one.version: content_of(one) for one in versions}


def content_of(version: ChartVersion) -> str:
    """A word for what a version contains: its digest, or all that the index says instead of one."""
    if version.digest:
        return version.digest
    told = "\n".join((version.version, version.created, *version.urls))
    return f"{UNVOUCHED}{hashlib.sha256(told.encode()).hexdigest()}"
