"""Clusters, repositories and credentials as the Secrets that declare them (contract 12.2 to 12.4).

The invariant: names are those that the API gives, so that each is found by the other.
"""

from typing import Any

import msgspec

Document = dict[str, Any]
TYPE_LABEL = "argocd.argoproj.io/secret-type"
FNV_PRIME, FNV_START = 0x01000193, 0x811C9DC5


def of_cluster(cluster: Document) -> Document:
    """The Secret of a cluster as the API takes it."""
    data = {
        "name": cluster.get("name") or cluster["server"],
        "server": cluster["server"],
        "config": msgspec.json.encode(cluster.get("config") or {}).decode(),
    }
    if cluster.get("namespaces"):
        data["namespaces"] = ",".join(cluster["namespaces"])
    for key in ("clusterResources", "project", "shard"):
        if key in cluster:
            data[key] = _word(cluster[key])
    server = str(cluster["server"])
    name = f"cluster-{_host(server)}-{fnv(server)}"
    return _secret(name, "cluster", data, cluster.get("labels") or {}, cluster.get("annotations") or {})


def of_repository(repo: Document) -> Document:
    """The Secret of a repository as the API takes it."""
    url, project = str(repo["repo"]), str(repo.get("project") or "")
    rest = {key: value for key, value in repo.items() if key not in ("repo", "url")}
    data = {"url": url, **{key: _word(value) for key, value in rest.items() if value}}
    return _secret(f"repo-{fnv(url + project)}", "repository", data, {}, {})


def of_credentials(creds: Document) -> Document:
    """The Secret of credentials for repositories whose addresses begin alike."""
    data = {key: _word(value) for key, value in creds.items() if value}
    return _secret(f"creds-{fnv(str(creds['url']))}", "repo-creds", data, {}, {})


def fnv(text: str) -> int:
    """FNV-1a of 32 bits, by which names of such Secrets are made."""
    found = FNV_START
    for byte in text.encode():
        found = ((found ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return found


def _secret(name: str, kind: str, data: dict[str, str], labels: Document, annotations: Document) -> Document:
    metadata: Document = {
        "name": name,
        "labels": {**labels, TYPE_LABEL: kind},
        "annotations": {**annotations, "managed-by": "argocd.argoproj.io"},
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _host(server: str) -> str:
    """The host of an address as a part of a name: lower case, without port, `-` for the colons of IPv6."""
    place = server.partition("://")[2].partition("/")[0].lower()
    if place.startswith("["):
        return place[1:].partition("]")[0].replace(":", "-")
    return place.partition(":")[0]
