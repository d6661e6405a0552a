"""`admin app|proj|cluster|repo generate-spec`: what the other commands would create, as a file for Git."""

from fairlead.cli.app import create as app_create
from fairlead.cli.client import Document
from fairlead.cli.cluster import add as cluster_add
from fairlead.cli.cluster.account import NAME, Account, kubeconfig_of
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.proj import create as proj_create
from fairlead.cli.repo import add as repo_add
from fairlead.cli.spec.places import write_text
from fairlead.cli.spec.secrets import of_cluster, of_repository
from fairlead.cli.view import document
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig

PLACEHOLDER = "bearer-token"
"""What stands for a token that is to be put in by hand, as the original has it."""
GROUP = "argoproj.io/v1alpha1"


def application(call: Invocation) -> None:
    """An Application."""
    found = app_create.described(call)
    if len(found) > 1:
        raise UsageError("failed to generate spec, more than one application is not supported")
    _write(call, {"apiVersion": GROUP, "kind": "Application", **found[0]})


def project(call: Invocation) -> None:
    """An AppProject."""
    _write(call, {"apiVersion": GROUP, "kind": "AppProject", **proj_create.described(call)})


def cluster(call: Invocation) -> None:
    """The Secret of a cluster; with a token that is given as its way in, or that of an account there."""
    values, context = call.values, call.one("context")
    try:
        connection = from_kubeconfig(kubeconfig_of(values), context)
    except KubeError as error:
        raise SettingsError(f"Context {context} does not exist in kubeconfig: {error}") from error
    way = cluster_add.other_way(values) or {"bearerToken": _token(values, connection)}
    _show(call, of_cluster(cluster_add.described(values, connection, values.text("name") or context, way)))


def _token(values: Values, connection: Connection) -> str:
    if not values.switch("generate-bearer-token"):
        return values.text("bearer-token") or PLACEHOLDER
    name = values.text("service-account") or NAME
    return Account(connection, name=name, namespace=values.text("system-namespace")).token()


def repository(call: Invocation) -> None:
    """The Secret of a repository."""
    _show(call, of_repository(repo_add.described(call)))


def _write(call: Invocation, found: Document) -> None:
    """Print it, or with --inline write it in place of the file it was made of."""
    if not call.values.switch("inline"):
        _show(call, found)
        return
    where = call.values.text("file")
    if not where or where == "-" or "://" in where:
        raise UsageError("--inline needs a file on this machine, given by --file")
    is_json = call.values.text("output") == "json"
    write_text(where, f"{document.as_json(found)}\n" if is_json else as_yaml(found))


def _show(call: Invocation, found: Document) -> None:
    document.show(found, call.values.text("output"))
