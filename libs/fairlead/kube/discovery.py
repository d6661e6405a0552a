"""Asks a cluster which kinds it serves: two requests where discovery is aggregated, else one per version.

Invariant: a part that does not answer is recorded as failed; it is never mistaken for a part with no kinds.
"""

import asyncio
import re

import msgspec
import structlog

from fairlead.kube.catalogue import Catalogue, GroupVersion, Presence
from fairlead.kube.discovery_documents import AGGREGATED, NotAggregatedError, read_aggregated
from fairlead.kube.discovery_legacy import discover_each
from fairlead.kube.errors import ProtocolError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

log = structlog.get_logger(__name__)


class ServerVersion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What `/version` says; `git_version` is `v1.36.3`."""

    major: str = ""
    minor: str = ""
    git_version: str = ""

    @property
    def kube_version(self) -> str:
        """`v1.36.3` without build or provider suffix, as Helm's `--kube-version` takes it."""
        found = re.match(r"v?\d+\.\d+\.\d+", self.git_version)
        return found.group() if found else self.git_version


class Discovery:
    """The catalogue of one cluster; empty until the first `refresh()`."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._lock = asyncio.Lock()
        self._documents: dict[str, tuple[str | None, list[GroupVersion]]] = {}
        self._catalogue: Catalogue | None = None
        self.server_version = ServerVersion()

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue or Catalogue(())

    @property
    def is_ready(self) -> bool:
        """Whether a discovery has succeeded at all; before that, every kind is unknown."""
        return self._catalogue is not None

    async def refresh(self) -> bool:
        """Asks again; whether anything changed. Raises KubeError, keeping what was known, when it cannot."""
        async with self._lock:
            before, self.server_version = self.server_version, await self._version()
            found = Catalogue(await self._ask()).keeping(self.catalogue)
            changed = self._catalogue is None or found.versions != self._catalogue.versions
            if changed:
                self._catalogue = found
                log.info(
                    "kube.discovery.changed", kinds=len(found.preferred()), failed=sorted(found.failures)
                )
            return changed or before != self.server_version

    def resource_for(self, group: str, kind: str, version: str | None = None) -> Resource | None:
        """The resource of a kind, in one version or the preferred one; None when it is absent or unknown."""
        return self.catalogue.resource_for(group, kind, version)

    def presence(self, group: str, kind: str) -> Presence:
        """Whether a kind is served, absent for certain, or unknown."""
        return self.catalogue.presence(group, kind) if self.is_ready else Presence.UNKNOWN

    def is_namespaced(self, group: str, kind: str) -> bool | None:
        """The scope of a kind; None when the kind is absent or unknown."""
        resource = self.resource_for(group, kind)
        return None if resource is None else resource.namespaced

    @property
    def api_versions(self) -> list[str]:
        """What Helm calls capabilities: `v1`, `apps/v1`, `apps/v1/Deployment`, sorted."""
        return self.catalogue.api_versions()

    async def _version(self) -> ServerVersion:
        answer = await self._client.get_path("/version")
        try:
            return msgspec.json.decode(answer.body, type=ServerVersion)
        except msgspec.DecodeError:
            raise ProtocolError("/version did not answer a version") from None

    async def _ask(self) -> list[GroupVersion]:
        try:
            return [entry for path in ("/api", "/apis") for entry in await self._aggregated(path)]
        except NotAggregatedError:
            return await discover_each(self._client)

    async def _aggregated(self, path: str) -> list[GroupVersion]:
        """One of the two documents; unchanged ones cost an answer without a body."""
        etag, known = self._documents.get(path, (None, []))
        answer = await self._client.get_path(path, accept=AGGREGATED, etag=etag)
        if answer.not_modified:
            return known
        found = read_aggregated(answer.body)
        self._documents[path] = (answer.etag, found)
        return found
