"""What the control plane's ConfigMaps say that concerns sets: the local cluster, projects, signing keys.

Invariant: a ConfigMap without the part-of label is invisible (contract 11).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

import msgspec
import structlog

from fairlead.kube.collection import CONFIG_MAPS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.matching.inheritance import GlobalProject
from fairlead.settings import controller_settings
from fairlead.settings.controller import CONFIG_MAP

log = structlog.get_logger(__name__)

SELECTOR: Final = "app.kubernetes.io/part-of=argocd"
SIGNING_KEYS: Final = "argocd-gpg-keys-cm"


class Settings:
    """The settings of this moment. `on_change` is told when the local cluster may be used, or may not."""

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        *,
        verifies_signatures: bool,
        on_change: Callable[[], None],
    ) -> None:
        self.verifies_signatures = verifies_signatures
        self.is_local_enabled = True
        self.global_projects: Sequence[GlobalProject] = ()
        self.signing_keys: Mapping[str, str] = {}
        self._on_change = on_change
        self.collection = Collection(
            client,
            CONFIG_MAPS,
            namespace=namespace,
            on_put=self._take,
            on_gone=self._drop,
            label_selector=SELECTOR,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def _take(self, head: Head, raw: bytes) -> None:
        self._set(head.metadata.name, _MAP.decode(raw).data or {})

    def _drop(self, name: Name) -> None:
        self._set(name[1], {})

    def _set(self, name: str, data: Mapping[str, str]) -> None:
        if name == SIGNING_KEYS:
            self.signing_keys = data
        if name != CONFIG_MAP:
            return
        settings = controller_settings(data)
        self.global_projects = settings.global_projects
        if settings.in_cluster_enabled != self.is_local_enabled:
            self.is_local_enabled = settings.in_cluster_enabled
            self._on_change()


class _Map(msgspec.Struct, frozen=True):
    data: dict[str, str] | None = None


_MAP = msgspec.json.Decoder(_Map)
