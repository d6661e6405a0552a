"""argocd-cmd-params-cm as it is when a process starts.

Invariant: no process goes on with defaults because Kubernetes could not be asked: it waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
import structlog

from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.settings.parameters import CONFIG_MAP

log = structlog.get_logger(__name__)

CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
AGAIN = 1.0
"""Seconds until an API server that refuses or is away is asked again."""


class _ConfigMap(msgspec.Struct):
    data: dict[str, str] | None = None


async def parameters_at_start(client: KubeClient, namespace: str) -> dict[str, str]:
    """The ConfigMap's `data`, empty where there is none; waits for the API server as long as it takes."""
    while True:
        try:
            raw = await client.find(CONFIG_MAPS, CONFIG_MAP, namespace)
        except KubeError as error:
            log.warning("parameters.unreadable", error=error.message[:200])
            await asyncio.sleep(AGAIN)
        else:
            return (msgspec.json.decode(raw, type=_ConfigMap).data or {}) if raw is not None else {}


def tell_problems(problems: Iterable[str]) -> None:
    """Say aloud which values were refused; their defaults hold."""
    for problem in problems:
        log.warning("parameters.value.refused", problem=problem)
