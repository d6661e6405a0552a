"""A pod's volumes as folders."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
AWAIT = 0.1
"""Seconds between two looks for a Secret that is still to be made, as the kubelet looks again."""

Object = dict[str, Any]


class Sources:
    """ConfigMaps and Secrets of a namespace, waited for."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._client = client
        self._namespace = namespace

    async def config_map(self, name: str) -> dict[str, bytes]:
        """The entries of a ConfigMap."""
        return {key: value.encode() for key, value in (await self._data(CONFIG_MAPS, name)).items()}

    async def secret(self, name: str) -> dict[str, bytes]:
        """The entries of a Secret."""
        return {key: base64.b64decode(value) for key, value in (await self._data(SECRETS, name)).items()}

    async def entry(self, name: str, key: str) -> str:
        """One entry of a Secret, once it is there."""
        while key not in (entries := await self.secret(name)):
            await asyncio.sleep(AWAIT)
        return entries[key].decode()

    async def _data(self, resource: Resource, name: str) -> Mapping[str, str]:
        while True:
            raw = await self._client.find(resource, name, self._namespace)
            if raw is not None:
                return dict(msgspec.json.decode(raw).get("data") or {})
            await asyncio.sleep(AWAIT)


async def fill(volume: Object, folder: Path, sources: Sources, rewrite: Callable[[str], str]) -> None:
    """Make a volume's files; what is a token's is left to the kubeconfig that stands for it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if "configMap" in volume:
        entries = await sources.config_map(volume["configMap"]["name"])
        _write(folder, _chosen(entries, volume["configMap"]), rewrite)
    elif "secret" in volume:
        source = volume["secret"]
        wanted = {item["key"] for item in source.get("items", ())}
        while wanted - (entries := await sources.secret(source["secretName"])).keys():
            await asyncio.sleep(AWAIT)
        _write(folder, _chosen(entries, source), rewrite)
    elif not {"emptyDir", "projected", "persistentVolumeClaim"} & volume.keys():
        raise ValueError(f"volume {volume} is of no kind that is known here")


def has_token(volume: Object) -> bool:
    """Whether a volume holds a token of the pod's service account."""
    return any("serviceAccountToken" in source for source in volume.get("projected", {}).get("sources", ()))


def _chosen(entries: Mapping[str, bytes], source: Object) -> dict[str, bytes]:
    items = source.get("items")
    if not items:
        return dict(entries)
    return {item["path"]: entries[item["key"]] for item in items}


def _write(folder: Path, entries: Mapping[str, bytes], rewrite: Callable[[str], str]) -> None:
    for name, value in entries.items():
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(rewrite(value.decode()))
