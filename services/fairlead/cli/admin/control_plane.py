"""Which control plane a command asks with the cluster's own credentials."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from fairlead.cli import messages
from fairlead.cli.command import Values
from fairlead.cli.errors import CliError, SettingsError
from fairlead.cli.kubernetes import kubernetes, namespace_of
from fairlead.cli.local.data_dir import data_dir
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.transport import NEAR_BY, Bounds
from fairlead.local.suite import SuiteState, read_state
from fairlead.model.duration import parse_duration

Result = TypeVar("Result")

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
_TEXTS = {
    "server": "server",
    "token": "token",
    "username": "username",
    "password": "password",
    "server_name": "tls-server-name",
    "proxy_url": "proxy-url",
    "impersonate_user": "as",
}
_FILES = {"ca": "certificate-authority", "client_cert": "client-certificate", "client_key": "client-key"}
"""Flags of kubectl, by the field of a connection that they are about."""
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)


def control_plane(values: Values) -> tuple[Connection, str]:
    """The cluster of --kubeconfig, else of KUBECONFIG, else of the suite on this machine; what is named wins.

    A --data-dir names its suite.
    """
    messages.quiet_libraries()
    named, context, state = kubeconfig_of(values)
    connection = kubernetes(named, context, cluster=values.text("cluster"), user=values.text("user"))
    if state is not None:
        return overridden(values, connection), values.text("namespace") or state.namespace
    return overridden(values, connection), values.text("namespace") or namespace_of(connection)


def kubeconfig_of(values: Values) -> tuple[str, str, SuiteState | None]:
    """The kubeconfig and its context that `control_plane` asks by, "" for the usual ones, and whose suite on
    this machine that is."""
    context = values.text("kube-context") or values.text("context")
    file = values.text("kubeconfig") or (
        "" if values.is_given("data-dir") else os.environ.get("KUBECONFIG", "")
    )
    state = None if file else read_state(data_dir(values))
    if state is None:
        return values.text("kubeconfig"), context, None
    return str(state.kubeconfig), context or state.kube_context, state


def overridden(values: Values, connection: Connection) -> Connection:
    """The connection with what the flags say in place of the kubeconfig. Raises SettingsError."""
    if values.text("as-uid"):
        raise SettingsError("--as-uid is unavailable: give --as, and --as-group for its groups")
    changed: dict[str, Any] = {field: value for field, flag in _TEXTS.items() if (value := values.text(flag))}
    if "://" not in changed.get("server", "://"):
        changed["server"] = f"https://{changed['server']}"
    changed |= {field: _content(file) for field, flag in _FILES.items() if (file := values.text(flag))}
    if values.text("token"):
        changed |= {"token_file": None, "plugin": None}
    if values.switch("insecure-skip-tls-verify"):
        changed |= {"insecure": True}
    if values.switch("disable-compression"):
        changed |= {"compress": False}
    if values.many("as-group"):
        changed |= {"impersonate_groups": tuple(values.many("as-group"))}
    try:
        return msgspec.structs.replace(connection, **changed)
    except KubeError as error:
        raise SettingsError(f"no cluster to ask: {error}") from error


def at(values: Values, step: Callable[[KubeClient, str], Awaitable[Result]]) -> Result:
    """Do something with the cluster and the namespace. Raises CliError."""
    connection, namespace = control_plane(values)
    bounds = _bounds(values.text("request-timeout"))

    async def done() -> Result:
        async with KubeClient(connection, bounds=bounds) as client:
            return await step(client, namespace)

    try:
        return asyncio.run(done())
    except KubeError as error:
        raise CliError(f"the cluster {connection.server}: {error}") from error


def _bounds(text: str) -> Bounds:
    seconds = parse_duration(text)
    if seconds <= 0:
        return NEAR_BY
    return msgspec.structs.replace(NEAR_BY, request_seconds=seconds, page_seconds=seconds)


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error
