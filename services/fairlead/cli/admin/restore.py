"""`admin import`: what a backup holds, into a cluster.

The invariant: nothing is deleted without `--prune`, and with it only what an export would have held.
"""

from typing import Any

import msgspec

from fairlead.cli import messages
from fairlead.cli.admin.backup import KINDS, Manifest, exported, homes, is_home, kept
from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

Key = tuple[str, str, str]
_WHERE = (
    "its namespace is none of --application-namespaces and --applicationset-namespaces, nor of those in "
    "argocd-cmd-params-cm"
)
_TRACKING = (
    ("annotations", "argocd.argoproj.io/tracking-id"),
    ("labels", "app.kubernetes.io/instance"),
)
"""By what an object that an application manages is known as its."""
UNPRUNED = ("ConfigMap",)
"""Kinds that `--prune` leaves: without its settings a control plane does not start."""


def run(call: Invocation) -> None:
    """Create what is missing, update what is different, and with `--prune` delete what the backup lacks."""
    where = call.one("file, or - for the input")
    found = [document for document in parsed(read_text(where), where) if document]
    for document in found:
        if not isinstance(document, dict) or document.get("kind") not in KINDS:
            raise SettingsError(f"{where}: there is something that no export holds")
    values = call.values

    async def write(client: KubeClient, namespace: str) -> None:
        others = await homes(client, namespace, values)
        have = [item async for item in exported(client, namespace, others)]
        left = {_key(item, namespace): item for item in have}
        for document in found:
            home = str(document["metadata"].get("namespace") or namespace)
            if home != namespace and not is_home(home, others.of(document["kind"])):
                messages.warning(
                    f"{document['kind']} {home}/{document['metadata']['name']} is left out: {_WHERE}"
                )
                continue
            await _bring(client, document, namespace, left.pop(_key(document, namespace), None), values)
        for key, item in left.items():
            if key[0] not in UNPRUNED and item["metadata"]["name"] != "argocd-secret":
                await _drop(client, key, values)

    at(values, write)


async def _bring(
    client: KubeClient, document: Manifest, namespace: str, before: Manifest | None, values: Values
) -> None:
    resource = KINDS[document["kind"]]
    metadata = document["metadata"]
    name, home = str(metadata["name"]), str(metadata.get("namespace") or namespace)
    wanted = {**document, "metadata": {**metadata, "namespace": home}}
    if values.switch("stop-operation"):
        wanted.pop("operation", None)
    if before is None:
        if not values.switch("dry-run"):
            await client.create(resource, msgspec.json.encode(wanted), home)
        _say(resource, name, home, "created", values)
        return
    if values.switch("ignore-tracking"):
        _keep_tracking(wanted["metadata"], before["metadata"])
    if kept(wanted, resource, namespace) == before:
        if values.switch("verbose"):
            _say(resource, name, home, "unchanged", values)
        return
    if not values.switch("dry-run"):
        live: dict[str, Any] = msgspec.json.decode(await client.get(resource, name, home))
        version = live["metadata"]["resourceVersion"]
        body = {**live, **wanted, "metadata": {**wanted["metadata"], "resourceVersion": version}}
        await client.update(resource, name, msgspec.json.encode(body), home)
    _say(resource, name, home, "updated", values)


def _keep_tracking(wanted: dict[str, Any], before: dict[str, Any]) -> None:
    """Let an object that an application manages go on being that one's."""
    for field, key in _TRACKING:
        known = (before.get(field) or {}).get(key)
        if known is not None:
            wanted[field] = {**(wanted.get(field) or {}), key: known}


async def _drop(client: KubeClient, key: Key, values: Values) -> None:
    kind, home, name = key
    resource = KINDS[kind]
    if not values.switch("prune"):
        if values.switch("verbose"):
            _say(resource, name, home, "needs pruning", values)
        return
    if not values.switch("dry-run"):
        await client.delete(resource, name, home)
    _say(resource, name, home, "pruned", values)


def _say(resource: Resource, name: str, home: str, word: str, values: Values) -> None:
    suffix = " (dry run)" if values.switch("dry-run") else ""
    print(f"{resource.group}/{resource.kind} {name} in namespace {home} {word}{suffix}")


def _key(item: Manifest, namespace: str) -> Key:
    metadata = item["metadata"]
    return str(item["kind"]), str(metadata.get("namespace") or namespace), str(metadata["name"])
