"""`admin app|proj|cluster|repo generate-spec`: what the other commands would create, as a file for Git."""

from fairlead.cli.app import create as app_create
from fairlead.cli.client import Document
from fairlead.cli.cluster import add as cluster_add
from fairlead.cli.cluster.account import kubeconfig_of
from fairlead.cli.command import Invocation
from fairlead.cli.errors import SettingsError
from fairlead.cli.proj import create as proj_create
from fairlead.cli.repo import add as repo_add
from fairlead.cli.spec.secrets import of_cluster, of_repository
from fairlead.cli.view import document
from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig

GROUP = "argoproj.io/v1alpha1"


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
    _show(call, of_cluster(cluster_add.described(values, connection, values.text("name") or context, way)))


def repository(call: Invocation) -> None:
    """The Secret of a repository."""
    _show(call, of_repository(repo_add.described(call)))


def _show(call: Invocation, found: Document) -> None:
    document.show(found, call.values.text("output"))
