"""`admin app|proj|cluster|repo generate-spec`: what the other commands would create, as a file for Git."""

from typing import Any

import msgspec

from fairlead.cli.app import create as app_create
from fairlead.cli.client import Document
from fairlead.cli.cluster import add as cluster_add
from fairlead.cli.cluster.account import kubeconfig_of
from fairlead.cli.command import Invocation
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.proj import create as proj_create
from fairlead.cli.spec.access import access
from fairlead.cli.view import document
from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig

GROUP = "argoproj.io/v1alpha1"
FNV_PRIME, FNV_START = 0x01000193, 0x811C9DC5


def application(call: Invocation) -> None:
    """An Application."""
    for found in app_create.described(call):
        _show(call, {"apiVersion": GROUP, "kind": "Application", **found})


def project(call: Invocation) -> None:
    """An AppProject."""
    _show(call, {"apiVersion": GROUP, "kind": "AppProject", **proj_create.described(call)})


def cluster(call: Invocation) -> None:
    """The Secret of a cluster; with `--bearer-token` as its way in."""
    values, context = call.values, call.one("context")
    try:
        connection = from_kubeconfig(kubeconfig_of(values), context)
    except KubeError as error:
        raise SettingsError(f"Context {context} does not exist in kubeconfig: {error}") from error
    way = cluster_add.other_way(values) or {"bearerToken": values.text("bearer-token")}
    found = cluster_add.described(values, connection, values.text("name") or context, way)
    data = {
        "name": found["name"],
        "server": found["server"],
        "config": msgspec.json.encode(found["config"]).decode(),
    }
    if found.get("namespaces"):
        data["namespaces"] = ",".join(found["namespaces"])
    for key in ("clusterResources", "project", "shard"):
        if key in found:
            data[key] = _word(found[key])
    name = f"cluster-{_host(found['server'])}-{fnv(found['server'])}"
    _show(call, _secret(name, "cluster", data, found.get("labels") or {}, found.get("annotations") or {}))


def repository(call: Invocation) -> None:
    """The Secret of a repository."""
    values, url = call.values, call.one("repository")
    if values.text("type") == "helm" and not values.text("name"):
        raise UsageError("Must specify --name for repos of type 'helm'")
    more = {"name": values.text("name"), "project": values.text("project")}
    data = {"url": url, **access(url, values), **{key: value for key, value in more.items() if value}}
    words = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in data.items()
    }
    _show(call, _secret(f"repo-{fnv(url)}", "repository", words, {}, {}))


def fnv(text: str) -> int:
    """FNV-1a of 32 bits, by which names of such Secrets are made."""
    found = FNV_START
    for byte in text.encode():
        found = ((found ^ byte) * FNV_PRIME) & 0xFFFFFFFF
    return found


def _secret(
    name: str, kind: str, data: dict[str, str], labels: Document, annotations: Document
) -> dict[str, Any]:
    metadata: Document = {
        "name": name,
        "labels": {**labels, "argocd.argoproj.io/secret-type": kind},
        "annotations": {**annotations, "managed-by": "argocd.argoproj.io"},
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _host(server: str) -> str:
    return server.partition("://")[2].partition("/")[0].partition(":")[0].lower()


def _show(call: Invocation, found: Document) -> None:
    document.show(found, call.values.text("output"))
