"""`cluster add`: an account for Fairlead on a cluster that a kubeconfig knows, and the cluster registered.

The invariant: nothing of the user's own credentials is sent to the server; what it gets is the account that
was made here, the cluster's address, and how to trust its certificate.
"""

from base64 import b64encode
from typing import Any

from fairlead.cli import messages, prompt
from fairlead.cli.client import Document
from fairlead.cli.cluster.account import NAME, Account, contexts, kubeconfig_of
from fairlead.cli.command import Invocation, Values
from fairlead.cli.connection import connect
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.spec.source import pair
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig

IN_CLUSTER = "https://kubernetes.default.svc"
_EXEC_FLAGS = ("exec-command", "exec-command-args", "exec-command-env", "exec-command-api-version")


def run(call: Invocation) -> None:
    """Make the account unless there is another way in, then register the cluster."""
    values = call.values
    file = kubeconfig_of(values)
    if not call.arguments:
        known = "\n".join(f"  {name}" for name in contexts(file)) if file.exists() else "  (none)"
        raise UsageError(f"Choose a context name from:\n{known}")
    context = call.one("context")
    try:
        connection = from_kubeconfig(file, context)
    except KubeError as error:
        raise SettingsError(f"Context {context} does not exist in kubeconfig: {error}") from error
    name = values.text("name") or context
    config = other_way(values)
    if config is None:
        config = {"bearerToken": _token(values, connection, context)}
    cluster = described(values, connection, name, config)
    with connect(values) as client:
        client.connections.create_cluster(cluster, upsert=values.switch("upsert"))
    print(f"Cluster '{cluster['server']}' added")


def _token(values: Values, connection: Connection, context: str) -> str:
    if values.text("service-account"):
        name = values.text("service-account")
        return Account(connection, name=name, namespace=values.text("system-namespace")).token()
    namespaces = tuple(values.many("namespace"))
    account = Account(connection, namespace=values.text("system-namespace"), namespaces=namespaces)
    scope = f"in the namespaces {', '.join(namespaces)}" if namespaces else "cluster level privileges"
    question = (
        f"This will create a service account `{NAME}` on the cluster referenced by context `{context}` with "
        f"full {scope}. Do you want to continue [y/N]? "
    )
    if not values.switch("yes") and not prompt.may(values, question):
        raise SettingsError("cancelled: no account was made")
    token = account.create()
    where = f'in namespace "{account.namespace}"'
    messages.info(f'ServiceAccount "{account.name}" created {where}')
    return token


def other_way(values: Values) -> Document | None:
    """How the server logs in by itself, where the flags say so."""
    if values.text("aws-cluster-name"):
        aws = {
            "clusterName": values.text("aws-cluster-name"),
            "roleARN": values.text("aws-role-arn"),
            "profile": values.text("aws-profile"),
        }
        return {"awsAuthConfig": {key: value for key, value in aws.items() if value}}
    if values.text("exec-command"):
        program: dict[str, Any] = {
            "command": values.text("exec-command"),
            "args": values.many("exec-command-args"),
            "env": dict(pair(written, "NAME=VALUE") for written in values.many("exec-command-env")),
            "apiVersion": values.text("exec-command-api-version"),
            "installHint": values.text("exec-command-install-hint"),
        }
        return {"execProviderConfig": {key: value for key, value in program.items() if value}}
    if values.any_given(_EXEC_FLAGS):
        raise UsageError("the flags of a program are for --exec-command")
    return None


def described(values: Values, connection: Connection, name: str, config: Document) -> Document:
    """The cluster as it is registered, `config` being the way in."""
    tls: Document = {"insecure": connection.insecure}
    if connection.server_name:
        tls["serverName"] = connection.server_name
    if connection.ca and not connection.insecure:
        tls["caData"] = b64encode(connection.ca).decode()
    server = values.text("cluster-endpoint-url") or connection.server
    if values.switch("in-cluster") or values.text("cluster-endpoint") == "kube-public":
        server = IN_CLUSTER
    more: Document = {"tlsClientConfig": tls}
    if values.switch("disable-compression"):
        more["disableCompression"] = True
    proxy = values.text("proxy-url") or connection.proxy_url
    if proxy:
        more["proxyUrl"] = proxy
    cluster: Document = {"server": server, "name": name, "config": {**config, **more}}
    optional: Document = {
        "namespaces": values.many("namespace"),
        "clusterResources": values.switch("cluster-resources"),
        "project": values.text("project"),
        "labels": dict(pair(written, "NAME=VALUE") for written in values.many("label")),
        "annotations": dict(pair(written, "NAME=VALUE") for written in values.many("annotation")),
    }
    if values.number("shard") >= 0:
        optional["shard"] = values.number("shard")
    kept = {key: value for key, value in optional.items() if value or key == "shard"}
    return {**cluster, **kept}
