"""Writes the Kubernetes version of clusters on their Secrets, where these ask for it.

Why: whoever selects clusters by label can select them by version then. Invariant: a label is written for what
the cluster itself said, and only when it says otherwise.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Final, NoReturn

import msgspec
import structlog

from fairlead.app_controller.destination.clusters import Clusters, Entry, Owned
from fairlead.kube import write
from fairlead.kube.collection import SECRETS
from fairlead.kube.discovery import ServerVersion
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.fence import WriteFencedError
from fairlead.kube.gate import Only
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter

log = structlog.get_logger(__name__)

ASKS: Final = "argocd.argoproj.io/auto-label-cluster-info"
VERSION: Final = "argocd.argoproj.io/kubernetes-version"
AGAIN: Final = 300.0
"""Seconds after which every cluster is asked again: an upgrade tells nobody."""
ANSWER_WITHIN: Final = 10.0
AT_ONCE: Final = 16


class VersionLabels:
    """Those of the clusters that are ours; each is asked beside the others."""

    def __init__(
        self,
        control: KubeClient,
        clusters: Clusters,
        *,
        owned: Owned,
    ) -> None:
        self._control = control
        self._clusters = clusters
        self._owned = owned
        self._asked: dict[str, tuple[Entry, float]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._due = asyncio.Event()

    def wake(self) -> None:
        """A cluster was registered, or became ours."""
        self._due.set()

    async def run(self) -> NoReturn:
        """Until cancelled."""
        while True:
            self._due.clear()
            await asyncio.gather(*(self._label(entry) for entry in self._to_ask()))
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN / 10):
                    await self._due.wait()

    def _to_ask(self) -> list[Entry]:
        """Those that have changed since they were asked, or were asked long ago."""
        now, found = time.monotonic(), []
        for entry in self._clusters.entries():
            wants = dict(entry.labels).get(ASKS) == "true" and not entry.problem
            before, at = self._asked.get(entry.server, (None, 0.0))
            if not wants or not self._owned.owns(entry.server):
                self._asked.pop(entry.server, None)
            elif before is not entry or now - at >= AGAIN:
                self._asked[entry.server] = entry, now
                found.append(entry)
        return found

    async def _label(self, entry: Entry) -> None:
        """One cluster that fails is one line of the log, and no other's trouble."""
        try:
            async with self._gate, asyncio.timeout(ANSWER_WITHIN):
                version = await self._version(entry)
            secret = self._clusters.secret_of(entry.server)
            if secret is None or not version or dict(entry.labels).get(VERSION) == version:
                return
            namespace, name = secret
            body = {"metadata": {"labels": {VERSION: version}}}
            writer = ClusterWriter(
                self._control,
                fence=lambda: self._owned.may_act(entry.server),
                gate=Only(SECRETS, namespace=namespace, name=name),
            )
            await write.merge_patch(writer, SECRETS, name, body, namespace)
            log.info("cluster.version_labelled", server=entry.server, version=version)
        except NotFoundError:
            return
        except (KubeError, WriteFencedError, TimeoutError, msgspec.DecodeError) as error:
            log.warning("cluster.version_not_labelled", server=entry.server, error=str(error)[:200])

    async def _version(self, entry: Entry) -> str:
        if entry.connection is None:
            return await _asked(self._control)
        async with KubeClient(
            entry.connection, budget=self._control.budget, mint=self._clusters.mint
        ) as client:
            return await _asked(client)


async def _asked(client: KubeClient) -> str:
    """As `v1.33.2`: a label may not hold what distributions add behind a plus."""
    answer = await client.get_path("/version")
    return msgspec.json.decode(answer.body, type=ServerVersion).kube_version
