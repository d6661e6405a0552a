"""`admin cluster kubeconfig`: a cluster's Secret as a kubeconfig.

The invariant: the file is its owner's alone, as the Secret is.
"""

from base64 import b64encode
from typing import Any

import msgspec

from fairlead.cli.admin.clusters.declared import Declared, read
from fairlead.cli.admin.control_plane import at
from fairlead.cli.command import Invocation
from fairlead.cli.errors import CliError
from fairlead.cli.spec.places import write_text
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.connection import Connection, from_cluster_secret
from fairlead.kube.errors import KubeError

Entry = dict[str, Any]


def run(call: Invocation) -> None:
    """Write the kubeconfig of a cluster, named by its address or name."""
    named, where = call.exactly("CLUSTER", "FILE")
    clusters = at(call.values, read)
    found = next((each for each in clusters if named.rstrip("/") in (each.server, each.name)), None)
    if found is None:
        known = ", ".join(each.name for each in clusters)
        raise CliError(f'cluster "{named}" not found; there are: {known}')
    text = as_yaml(_kubeconfig(found, call.values.text("namespace") or "default"))
    write_text(where, text, is_secret=True)


def _kubeconfig(cluster: Declared, namespace: str) -> Entry:
    given = _config(cluster)
    if given.get("awsAuthConfig"):
        raise CliError(
            f"cluster {cluster.server} is logged in to at AWS, which a kubeconfig says in its own way"
        )
    program = given.pop("execProviderConfig", None)
    try:
        connection = from_cluster_secret(cluster.server, msgspec.json.encode(given))
    except KubeError as error:
        raise CliError(str(error)) from error
    name = cluster.server
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": _place(connection)}],
        "users": [{"name": name, "user": _program(program) if program else _user(connection)}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
        "current-context": name,
    }


def _config(cluster: Declared) -> Entry:
    try:
        given: Entry = msgspec.json.decode(cluster.config or b"{}", type=dict)
    except msgspec.DecodeError as error:
        raise CliError(f"cluster {cluster.server}: config of its Secret is not JSON") from error
    if not any(key in given for key in ("username", "bearerToken", "tlsClientConfig", "execProviderConfig")):
        raise CliError(
            f"cluster {cluster.server} is reached by the control plane's own account; no Secret has it"
        )
    return given


def _place(connection: Connection) -> Entry:
    return _said(
        {
            "server": connection.server,
            "certificate-authority-data": _encoded(connection.ca),
            "insecure-skip-tls-verify": connection.insecure,
            "tls-server-name": connection.server_name,
            "proxy-url": connection.proxy_url,
            "disable-compression": not connection.compress,
        }
    )


def _user(connection: Connection) -> Entry:
    return _said(
        {
            "token": connection.token,
            "username": connection.username,
            "password": connection.password,
            "client-certificate-data": _encoded(connection.client_cert),
            "client-key-data": _encoded(connection.client_key),
        }
    )


def _program(program: Entry) -> Entry:
    env = [{"name": name, "value": value} for name, value in (program.get("env") or {}).items()]
    told = {
        "apiVersion": program.get("apiVersion") or "client.authentication.k8s.io/v1",
        "command": program.get("command"),
        "args": program.get("args"),
        "env": env,
        "installHint": program.get("installHint"),
        "provideClusterInfo": program.get("provideClusterInfo"),
        "interactiveMode": "Never",
    }
    return {"exec": _said(told)}


def _said(entry: Entry) -> Entry:
    return {key: value for key, value in entry.items() if value}


def _encoded(content: bytes | None) -> str:
    return b64encode(content).decode() if content else ""
