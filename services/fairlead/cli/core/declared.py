"""Calls on clusters, repositories and credentials without a server: their Secrets.

The invariant: values of secrets go in here and come out nowhere, as with the API. Whether anything answers is
not tried: that is the controller's and the repository's server's to say.
"""

import base64
from collections.abc import Mapping
from typing import Any

from fairlead.cli.core.objects import SECRETS, Document, Objects
from fairlead.cli.errors import RefusedError
from fairlead.cli.spec.secrets import TYPE_LABEL, of_cluster, of_credentials, of_repository

INVALID, NOT_FOUND = 3, 5
LOCAL: Document = {"server": "https://kubernetes.default.svc", "name": "in-cluster"}
MANAGED_BY, OURS = "managed-by", "argocd.argoproj.io"
_STATE = {"status": "Unknown", "message": "no server was asked"}
_SHOWN = ("type", "name", "project", "username", "proxy", "noProxy")
_FLAGS = ("insecure", "insecureIgnoreHostKey", "enableLfs", "enableOCI")
Query = dict[str, str]


async def clusters(objects: Objects, _: list[str], __: Query, ___: Any) -> Document:
    """All clusters, the control plane's own among them."""
    found = [_cluster(secret) for secret in await objects.list_all(SECRETS, f"{TYPE_LABEL}=cluster")]
    if not any(each["server"] == LOCAL["server"] for each in found):
        found.append({**LOCAL, "info": {"connectionState": _STATE}})
    return {"items": sorted(found, key=lambda each: str(each["server"]))}


async def cluster(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """One cluster by address or name."""
    for found in (await clusters(objects, [], {}, None))["items"]:
        if words[1].rstrip("/") in (found["server"], found["name"]):
            return found  # type: ignore[no-any-return]  # a JSON object
    raise RefusedError(NOT_FOUND, f'cluster "{words[1]}" not found')


async def create_cluster(objects: Objects, _: list[str], query: Query, body: Any) -> Document:
    """A new cluster, or with `upsert` its replacement."""
    await _put(objects, of_cluster(body), query, "cluster")
    return {"server": body["server"], "name": body.get("name") or body["server"]}


async def delete_cluster(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """Disconnect a cluster."""
    found = await cluster(objects, words, {}, None)
    secrets = await objects.list_all(SECRETS, f"{TYPE_LABEL}=cluster")
    declaring = [each for each in secrets if _data(each).get("server", "").rstrip("/") == found["server"]]
    if not declaring:
        raise RefusedError(INVALID, f"no Secret declares cluster {found['name']}, so none can be taken away")
    for secret in declaring:
        await _drop(objects, secret)
    return {}


async def repositories(objects: Objects, _: list[str], __: Query, ___: Any) -> Document:
    """All repositories."""
    found = await objects.list_all(SECRETS, f"{TYPE_LABEL}=repository")
    return {"items": sorted(map(_repository, found), key=lambda each: str(each["repo"]))}


async def repository(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """One repository by its address, and its project where that is named."""
    return _repository(await _found(objects, "repository", words[1], query.get("appProject", "")))


async def create_repository(objects: Objects, _: list[str], query: Query, body: Any) -> Document:
    """A new repository, or with `upsert` its replacement."""
    await _put(objects, of_repository(body), query, "repository")
    return {"repo": body["repo"]}


async def delete_repository(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """Disconnect a repository."""
    await _drop(objects, await _found(objects, "repository", words[1], query.get("appProject", "")))
    return {}


async def credentials(objects: Objects, _: list[str], __: Query, ___: Any) -> Document:
    """All credentials, without their secrets."""
    items = []
    for secret in await objects.list_all(SECRETS, f"{TYPE_LABEL}=repo-creds"):
        data = _data(secret)
        shown = {key: data[key] for key in ("url", "username", "type", "proxy") if data.get(key)}
        items.append({"url": "", **shown})
    return {"items": sorted(items, key=lambda each: str(each["url"]))}


async def create_credentials(objects: Objects, _: list[str], query: Query, body: Any) -> Document:
    """New credentials, or with `upsert` their replacement."""
    await _put(objects, of_credentials(body), query, "repository credentials")
    return {"url": body["url"]}


async def delete_credentials(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """Forget credentials."""
    await _drop(objects, await _found(objects, "repo-creds", words[1], ""))
    return {}


async def unchecked(_: Objects, __: list[str], ___: Query, ____: Any) -> Document:
    """Whether a repository can be reached is found by its server."""
    return {}


async def _found(objects: Objects, kind: str, url: str, project: str) -> Document:
    for secret in await objects.list_all(SECRETS, f"{TYPE_LABEL}={kind}"):
        data = _data(secret)
        if data.get("url") == url and (not project or data.get("project", "") == project):
            return secret
    raise RefusedError(NOT_FOUND, f"repo '{url}' not found")


async def _put(objects: Objects, secret: Document, query: Query, what: str) -> None:
    """Make a Secret; one that is there is left when it is the same, and replaced only with `upsert`."""
    name = str(secret["metadata"]["name"])
    before = await objects.find(SECRETS, name)
    if before is None:
        await objects.create(SECRETS, secret)
        return
    kind = secret["metadata"]["labels"][TYPE_LABEL]
    if (before["metadata"].get("labels") or {}).get(TYPE_LABEL) != kind:
        raise RefusedError(INVALID, f"there is a Secret {name} that declares something else")
    if _data(before) == secret["stringData"]:
        return
    if query.get("upsert") != "true":
        words = f"existing {what} spec is different; use upsert flag to force update"
        raise RefusedError(INVALID, words)
    metadata = {**secret["metadata"], "resourceVersion": before["metadata"]["resourceVersion"]}
    await objects.update(SECRETS, {**secret, "metadata": metadata})


async def _drop(objects: Objects, secret: Document) -> None:
    """Delete what was made by a command or the API; what somebody else declared only ceases to count."""
    metadata = secret["metadata"]
    if (metadata.get("annotations") or {}).get(MANAGED_BY) == OURS:
        await objects.delete(SECRETS, str(metadata["name"]))
    else:
        await objects.patch(SECRETS, str(metadata["name"]), {"metadata": {"labels": {TYPE_LABEL: None}}})


def _cluster(secret: Document) -> Document:
    data = _data(secret)
    server = data.get("server", "").rstrip("/")
    namespaces = [part.strip() for part in data.get("namespaces", "").split(",") if part.strip()]
    shown: Document = {"server": server, "name": data.get("name") or server}
    more = {"namespaces": namespaces, "project": data.get("project", "")}
    return {**shown, **{k: v for k, v in more.items() if v}, "info": {"connectionState": _STATE}}


def _repository(secret: Document) -> Document:
    data = _data(secret)
    shown: Document = {key: data[key] for key in _SHOWN if data.get(key)}
    flags = {key: True for key in _FLAGS if data.get(key) == "true"}
    return {"repo": data.get("url", ""), **shown, **flags, "connectionState": _STATE}


def _data(secret: Document) -> Mapping[str, str]:
    found = secret.get("data") or {}
    return {key: base64.b64decode(value or "").decode(errors="replace") for key, value in found.items()}


ROUTES = {
    ("GET", "clusters"): clusters,
    ("GET", "clusters/*"): cluster,
    ("POST", "clusters"): create_cluster,
    ("DELETE", "clusters/*"): delete_cluster,
    ("GET", "repositories"): repositories,
    ("GET", "repositories/*"): repository,
    ("POST", "repositories"): create_repository,
    ("POST", "repositories/*/validate"): unchecked,
    ("DELETE", "repositories/*"): delete_repository,
    ("GET", "repocreds"): credentials,
    ("POST", "repocreds"): create_credentials,
    ("DELETE", "repocreds/*"): delete_credentials,
}
