"""The webhooks' secrets and bounds, as the control plane's Secret and ConfigMap say them a moment ago.

Invariant: no webhook is taken while it is not known whether it has to be proven.
"""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import Mapping
from typing import Final

import msgspec

from fairlead.kube.errors import NotFoundError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.secret import Secret

SECRET: Final = "argocd-secret"  # noqa: S105 - a name
CONFIG_MAP: Final = "argocd-cm"
SIZE: Final = "webhook.maxPayloadSizeMB"
DEFAULT_MB: Final = 50
LARGEST_MB: Final = 1024
HOLDS: Final = 5.0
"""Seconds for which what was read is believed."""
_SECRETS: Final = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
_CONFIG_MAPS: Final = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
_REFERENCE: Final = re.compile(r"\$(?:(?P<secret>[a-z0-9.-]+):)?(?P<key>[A-Za-z0-9._-]+)")
_PART_OF: Final = "app.kubernetes.io/part-of"


class _Metadata(msgspec.Struct, frozen=True):
    labels: dict[str, str] | None = None


class _Object(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()
    data: dict[str, str] | None = None


class WebhookSecrets:
    """Read when they are asked for, and not more often than every few seconds."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self._turn = asyncio.Lock()
        self._read_at = -HOLDS
        self._values: dict[str, Secret] = {}
        self.limit_mb = DEFAULT_MB

    def value(self, key: str) -> Secret:
        """A value, empty when it is not set."""
        return self._values.get(key, Secret(""))

    async def bring_up_to_date(self) -> None:
        """Read them anew where that is due. Raises KubeError."""
        async with self._turn:
            if time.monotonic() - self._read_at < HOLDS:
                return
            own = await self._secret(SECRET)
            found = {key: text for key, text in own.items() if key.startswith("webhook.")}
            self._values = {key: Secret(await self._followed(text, own)) for key, text in found.items()}
            self.limit_mb = _limit(await self._config_map())
            self._read_at = time.monotonic()

    async def _followed(self, text: str, own: Mapping[str, str]) -> str:
        """What a reference leads to; one that leads nowhere stays as it is."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return text.strip()
        source = own if not match["secret"] else await self._secret(match["secret"], is_ours=True)
        return source.get(match["key"], text).strip()

    async def _secret(self, name: str, *, is_ours: bool = False) -> dict[str, str]:
        """The values of a Secret; with `is_ours` only of one that is labelled as a part of the whole."""
        found = await self._object(_SECRETS, name)
        if is_ours and (found.metadata.labels or {}).get(_PART_OF) != "argocd":
            return {}
        values = {key: base64.b64decode(text) for key, text in (found.data or {}).items()}
        return {key: content.decode(errors="replace") for key, content in values.items()}

    async def _config_map(self) -> dict[str, str]:
        return (await self._object(_CONFIG_MAPS, CONFIG_MAP)).data or {}

    async def _object(self, resource: Resource, name: str) -> _Object:
        try:
            return msgspec.json.decode(await self._client.get(resource, name, self._namespace), type=_Object)
        except NotFoundError:
            return _Object()


def _limit(data: Mapping[str, str]) -> int:
    text = data.get(SIZE, "")
    return min(int(text), LARGEST_MB) if text.isdecimal() and len(text) < 9 and int(text) else DEFAULT_MB
