"""Pushing charts and artifacts to a registry, as `helm push` and `oras push` do.

Invariant: what is pushed is whole in the registry before its tag names it.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from fairlead.local.errors import PushError
from fairlead.local.packing import chart_metadata

OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
EMPTY_CONFIG: Final = "application/vnd.oci.empty.v1+json"
HELM_CONFIG: Final = "application/vnd.cncf.helm.config.v1+json"
HELM_CHART: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
TAR_GZIP: Final = "application/vnd.oci.image.layer.v1.tar+gzip"
SECONDS: Final = 60


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """Where charts and artifacts are told of: with a secret in Harbor's form, else in the plain one."""

    url: str
    secret: str = ""


class Pusher:
    """Pushes to the registry at `url` as a user, or as anybody, and tells of it. To be used as a context."""

    def __init__(
        self, url: str, *, username: str = "", password: str = "", token: str = "", hook: Hook | None = None
    ) -> None:
        self._url = url
        self._hook = hook
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        if password:
            self._headers = {"Authorization": aiohttp.encode_basic_auth(username, password)}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Pusher":
        self._session = aiohttp.ClientSession(
            headers=self._headers, timeout=aiohttp.ClientTimeout(total=SECONDS)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def chart(self, repository: str, archive: bytes) -> str:
        """Push a chart below `repository`, under its own name and version; the manifest's digest."""
        metadata = chart_metadata(archive)
        config = await self.blob(f"{repository}/{metadata['name']}", msgspec.json.encode(metadata))
        layer = await self.blob(f"{repository}/{metadata['name']}", archive)
        return await self.manifest(
            f"{repository}/{metadata['name']}",
            str(metadata["version"]).replace("+", "_"),
            config={"mediaType": HELM_CONFIG, **config},
            layers=[{"mediaType": HELM_CHART, **layer}],
        )

    async def artifact(self, repository: str, tag: str, archive: bytes, media_type: str = TAR_GZIP) -> str:
        """Push an archive as an artifact of one layer; the manifest's digest."""
        config, layer = await self.blob(repository, b"{}"), await self.blob(repository, archive)
        return await self.manifest(
            repository,
            tag,
            config={"mediaType": EMPTY_CONFIG, **config},
            layers=[{"mediaType": media_type, **layer}],
        )

    async def blob(self, repository: str, content: bytes) -> dict[str, Any]:
        """Push content; its digest and size as a descriptor has them."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        begun = await self._asked("POST", f"/v2/{repository}/blobs/uploads/")
        place = begun["Location"]
        await self._asked("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}", content)
        return {"digest": digest, "size": len(content)}

    async def manifest(
        self, repository: str, reference: str, *, config: dict[str, Any], layers: list[dict[str, Any]]
    ) -> str:
        """Push a manifest under a tag; its digest."""
        body = msgspec.json.encode(
            {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers}
        )
        digest = await self.document(repository, reference, body, OCI_MANIFEST)
        if self._hook is not None:
            await self._tell(self._hook, repository, reference)
        return digest

    async def document(self, repository: str, reference: str, body: bytes, media_type: str) -> str:
        """Push a manifest or index as it is; its digest."""
        answer = await self._asked(
            "PUT", f"/v2/{repository}/manifests/{reference}", body, content_type=media_type
        )
        return answer["Docker-Content-Digest"]

    async def _tell(self, hook: Hook, repository: str, tag: str) -> None:
        place = f"{urlsplit(self._url).netloc}/{repository}"
        payload: dict[str, Any] = {"repoURL": f"oci://{place}", "ref": f"refs/tags/{tag}"}
        headers = {}
        if hook.secret:
            resource = {"tag": tag, "resource_url": f"{place}:{tag}"}
            payload = {"type": "PUSH_ARTIFACT", "event_data": {"resources": [resource]}}
            headers = {"Authorization": hook.secret}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.post(hook.url, json=payload, headers=headers) as answer,
        ):
            if answer.status >= 300:
                raise PushError(f"{hook.url} answered a push with status {answer.status}")

    async def _asked(
        self, method: str, place: str, body: bytes = b"", content_type: str = "application/octet-stream"
    ) -> Mapping[str, str]:
        if self._session is None:
            raise PushError("nothing can be pushed before the pusher is entered")
        url = urljoin(self._url, place)
        async with self._session.request(
            method, url, data=body, headers={"Content-Type": content_type}
        ) as answer:
            if answer.status >= 300:
                raise PushError(f"{method} {url}: status {answer.status}: {(await answer.text())[:300]}")
            return answer.headers
