"""Follows the Secrets that register clusters: what generators may know of them, and which destinations exist.

Invariant: nothing of a Secret is kept but its name, address and project, its labels and annotations; no
credential is even decoded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Final, NoReturn

import msgspec

from fairlead.applicationset_controller.following.settings import Settings
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.kube.collection import SECRETS, Collection, Name
from fairlead.kube.head import Head
from fairlead.kube.rest import KubeClient
from fairlead.model.status import Destination

SELECTOR: Final = "argocd.argoproj.io/secret-type=cluster"
IN_CLUSTER_SERVER: Final = "https://kubernetes.default.svc"
IN_CLUSTER_NAME: Final = "in-cluster"


LOCAL: Final = ClusterFacts(name=IN_CLUSTER_NAME, server=IN_CLUSTER_SERVER, has_secret=False)


class Clusters:
    """All registered clusters. `on_change` is told of one as it was and as it is, None for not there."""

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        settings: Settings,
        *,
        on_change: Callable[[ClusterFacts | None, ClusterFacts | None], None],
    ) -> None:
        self._settings = settings
        self._on_change = on_change
        self._secrets: dict[Name, ClusterFacts] = {}
        self._servers: dict[str, dict[Name, None]] = {}
        self._names: dict[str, dict[Name, None]] = {}
        self.collection = Collection(
            client,
            SECRETS,
            namespace=namespace,
            on_put=self._take,
            on_gone=self._drop,
            label_selector=SELECTOR,
        )

    async def run(self) -> NoReturn:
        """Follow until cancelled."""
        await self.collection.run()

    def all(self) -> tuple[ClusterFacts, ...]:
        """The local cluster first where no Secret declares it, then the others by the names of these."""
        found = [self._secrets[name] for name in sorted(self._secrets)]
        has_local = IN_CLUSTER_SERVER not in self._servers and self._settings.is_local_enabled
        return tuple((LOCAL, *found) if has_local else found)

    def problem(self, destination: Destination) -> str:
        """Why a destination leads nowhere, or "" (contract 4; the words are those of Argo CD)."""
        server, name = destination.server.rstrip("/"), destination.name
        if server and name:
            return f"application destination can't have both name and server defined: {name} {server}"
        if not server and not name:
            return "destination's server and name are both empty"
        if server:
            if server == IN_CLUSTER_SERVER:
                return "" if self._settings.is_local_enabled else f'cluster "{server}" is disabled'
            return "" if server in self._servers else f'cluster "{server}" not found'
        return self._problem_of_name(name)

    def _problem_of_name(self, name: str) -> str:
        servers = [self._secrets[key].server for key in self._names.get(name, {})]
        if (
            name == IN_CLUSTER_NAME
            and IN_CLUSTER_SERVER not in self._servers
            and self._settings.is_local_enabled
        ):
            servers.append(IN_CLUSTER_SERVER)
        if not servers:
            return f"there are no clusters with this name: {name}"
        if len(servers) > 1:
            found = " ".join(sorted(servers))
            return f"there are {len(servers)} clusters with the same name: [{found}]"
        return ""

    def _take(self, head: Head, raw: bytes) -> None:
        name = head.metadata.namespace, head.metadata.name
        self._set(name, _facts(head, raw))

    def _drop(self, name: Name) -> None:
        self._set(name, None)

    def _set(self, name: Name, facts: ClusterFacts | None) -> None:
        before = self._secrets.pop(name, None)
        if before is not None:
            _remove(self._servers, before.server, name)
            _remove(self._names, before.name, name)
        if facts is not None:
            self._secrets[name] = facts
            self._servers.setdefault(facts.server, {})[name] = None
            self._names.setdefault(facts.name, {})[name] = None
        if before != facts:
            self._on_change(before, facts)


def _remove(index: dict[str, dict[Name, None]], key: str, name: Name) -> None:
    there = index.get(key, {})
    there.pop(name, None)
    if not there:
        index.pop(key, None)


class _Data(msgspec.Struct, frozen=True):
    server: str = ""
    name: str = ""
    project: str = ""


class _Secret(msgspec.Struct, frozen=True):
    data: _Data | None = None


_SECRET = msgspec.json.Decoder(_Secret)


def _facts(head: Head, raw: bytes) -> ClusterFacts:
    data = _SECRET.decode(raw).data or _Data()
    server = _text(data.server).rstrip("/")
    return ClusterFacts(
        name=_text(data.name) or server,
        server=server,
        project=_text(data.project),
        labels=head.metadata.labels or {},
        annotations=head.metadata.annotations or {},
    )


def _text(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
