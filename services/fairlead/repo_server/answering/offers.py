"""What chart repositories and registries offer: charts with their versions, tags, and whether they answer.

Invariant: an answer is bounded in names and versions, however much a repository offers.
"""

from fairlead.charts import ChartError, ChartRepository, Index
from fairlead.git import Credential, GitError, GitProgram
from fairlead.oci import OciError, Reference, Registry, ping
from fairlead.outbound import Outbound
from fairlead.repo_server import counts

MOST_CHARTS = 5000
MOST_VERSIONS = 50_000
"""Versions of all charts together that are told, the highest of each first: a megabyte or so."""
MOST_TAGS = 20_000
FAILURES = (ChartError, OciError, GitError)
"""What can go wrong; the words are for users."""


class Offers:
    """Asks with a credential as it was declared; nothing is kept. All raise FAILURES."""

    def __init__(self, program: GitProgram, outbound: Outbound) -> None:
        self._program = program
        self._outbound = outbound

    async def charts(self, url: str, credential: Credential) -> dict[str, tuple[str, ...]]:
        """Versions by chart, the highest first."""
        index = await self._index(url, credential)
        found: dict[str, tuple[str, ...]] = {}
        left = MOST_VERSIONS
        for chart in index.names()[:MOST_CHARTS]:
            found[chart] = tuple(one.version for one in await index.versions(chart))[:left]
            left -= len(found[chart])
        return found

    async def tags(self, url: str, credential: Credential) -> tuple[str, ...]:
        """Tags of a repository in a registry."""
        reference = Reference.parse(url)
        opened = await self._opened(url, credential)
        registry = Registry(self._outbound, reference, opened, observer=counts.asked_registry)
        return (await registry.tags())[:MOST_TAGS]

    async def attempt(self, kind: str, url: str, credential: Credential, *, enable_oci: bool) -> None:
        """Return when it can be read: an index, a registry that takes us, a repository's tags."""
        if kind == "oci":
            await self.tags(url, credential)
        elif enable_oci or not url.lower().startswith(("http://", "https://")):
            opened = await self._opened(url, credential)
            await ping(self._outbound, url, opened, observer=counts.asked_registry)
        else:
            await self._index(url, credential)

    async def _index(self, url: str, credential: Credential) -> Index:
        opened = await self._opened(url, credential)
        return await ChartRepository(self._outbound, url, opened).index()

    async def _opened(self, url: str, credential: Credential) -> Credential:
        credential.check()
        identities = self._program.identities
        return await identities.opened(url, credential) if identities is not None else credential
