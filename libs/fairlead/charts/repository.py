"""A chart repository: its index, and the archives that this names.

Invariant: an archive is what the index says, by its digest; credentials are told to the repository's own
server, and to others only where that was asked for.
"""

import asyncio
import hashlib

from fairlead.archives.room import Share
from fairlead.charts.addresses import OCI, archive_address, index_address, is_same_server
from fairlead.charts.errors import ChartContentError, ChartNotFoundError, told_of
from fairlead.charts.index import MAX_INDEX, ChartVersion, Index, digest_of
from fairlead.git.credentials import Credential
from fairlead.oci import HELM_CHART, Reference, Registry
from fairlead.outbound import Outbound
from fairlead.outbound.names import shown

MAX_ARCHIVE = 32 << 20
"""Bytes of a chart as it is sent; charts of a megabyte are large."""
INDEX_SECONDS = 120.0
ARCHIVE_SECONDS = 300.0
LARGE = 1 << 20
"""Bytes from which a digest is made off the event loop."""
LEGACY_CONTENT = "application/tar+gzip"
_UNCHANGED = 304


class ChartRepository:
    """One repository at an http or https address, read with a credential."""

    def __init__(
        self,
        outbound: Outbound,
        url: str,
        credential: Credential | None = None,
        *,
        pass_credentials: bool = False,
        user_agent: str = "",
        max_index: int = MAX_INDEX,
    ) -> None:
        self.url = url
        self._outbound = outbound
        self._credential = credential or Credential()
        self._pass_credentials = pass_credentials
        self._headers = {"User-Agent": user_agent} if user_agent else {}
        self._max_index = max_index

    async def index(self, known: Index | None = None) -> Index:
        """What is offered now; `known` itself when that is still the same. Raises ChartError."""
        url = index_address(self.url)
        headers = {**self._headers, **({"If-None-Match": known.etag} if known and known.etag else {})}
        with told_of(shown(url)):
            async with self._outbound.get(
                url,
                credential=self._credential,
                limit=self._max_index,
                deadline=INDEX_SECONDS,
                headers=headers,
                accepts=frozenset({200, _UNCHANGED}),
                pass_credentials=self._pass_credentials,
            ) as answer:
                if answer.status == _UNCHANGED and known is not None:
                    return known
                body, etag = await answer.read(), answer.headers.get("ETag", "")
            if known is not None and known.digest == await digest_of(body):
                return known
            return await Index.read(body, etag)

    async def archive(self, version: ChartVersion, share: Share | None = None) -> bytes:
        """The archive of a version, from the first address that the index names. Raises ChartError.

        It is read once it finds room in `share`, which holds it for whoever asks.
        """
        with told_of(f"chart {version.name} {version.version}"):
            if not version.urls:
                raise ChartNotFoundError("the index names no address for it")
            url = archive_address(self.url, version.urls[0])
            fetch = self._from_registry if url.startswith(OCI) else self._fetched
            archive = await fetch(url, share)
            if version.digest:
                await _check(version.digest, archive)
            return archive

    async def _fetched(self, url: str, share: Share | None) -> bytes:
        may_know = self._pass_credentials or is_same_server(url, self.url)
        async with self._outbound.get(
            url,
            credential=self._credential if may_know else None,
            limit=MAX_ARCHIVE,
            deadline=ARCHIVE_SECONDS,
            headers=self._headers,
            pass_credentials=self._pass_credentials,
            decode=False,
        ) as answer:
            if share is not None:
                told = answer.headers.get("Content-Length", "")
                await share.take(min(int(told), MAX_ARCHIVE) if told.isdigit() else MAX_ARCHIVE)
            return await answer.read()

    async def _from_registry(self, url: str, share: Share | None) -> bytes:
        """Some indexes name charts in registries, as `oci://host/path/chart:version`."""
        place, colon, tag = url.rpartition(":")
        if not colon or "/" in tag:
            raise ChartContentError("the index names a chart in a registry without saying which")
        known = self._credential if self._pass_credentials else None
        registry = Registry(self._outbound, Reference.parse(place), known)
        manifest = await registry.manifest(tag)
        return await registry.content(manifest, (HELM_CHART, LEGACY_CONTENT), limit=MAX_ARCHIVE, share=share)


async def _check(digest: str, archive: bytes) -> None:
    if len(archive) < LARGE:
        found = hashlib.sha256(archive).hexdigest()
    else:
        found = (await asyncio.to_thread(hashlib.sha256, archive)).hexdigest()
    if found != digest:
        raise ChartContentError(
            f"the server gave an archive of digest {found}, the index says {digest[:128]}"
        )
