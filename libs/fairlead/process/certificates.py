"""The certificates that are declared for hosts: they vouch for all that is asked, as for repositories."""

from __future__ import annotations

from typing import Final, NoReturn

import msgspec
import structlog

from fairlead.kube.collection import CONFIG_MAPS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.outbound.trust import Trust

CERTIFICATES: Final = "argocd-tls-certs-cm"
"""The ConfigMap with certificates by the host's name (contract 11.5)."""

log = structlog.get_logger(__name__)


class _ConfigMap(msgspec.Struct):
    data: dict[str, str] | None = None


class Certificates:
    """Keeps the trust equal to the ConfigMap."""

    def __init__(self, client: KubeClient, namespace: str, trust: Trust) -> None:
        self._trust = trust
        self.collection = Collection(
            client,
            CONFIG_MAPS,
            namespace=namespace,
            name=CERTIFICATES,
            on_put=self._take,
            on_gone=self._drop,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def _take(self, head: Head, raw: bytes) -> None:
        if head.metadata.name == CERTIFICATES:
            self._put(msgspec.json.decode(raw, type=_ConfigMap).data or {})

    def _drop(self, name: Name) -> None:
        if name[1] == CERTIFICATES:
            self._put({})

    def _put(self, bundles: dict[str, str]) -> None:
        changed = self._trust.put(bundles)
        if changed:
            log.info("hosts.certificates", hosts=sorted(changed)[:20])
