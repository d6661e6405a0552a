"""Which control plane a command asks with the cluster's own credentials."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from fairlead.cli.command import Values
from fairlead.cli.errors import CliError, SettingsError
from fairlead.cli.local.data_dir import data_dir
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.suite import read_state

Result = TypeVar("Result")

SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
CONFIG_MAPS = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=True)


def control_plane(values: Values) -> tuple[Connection, str]:
    """The cluster of --kubeconfig, else of KUBECONFIG, else of the suite on this machine; what is named wins.

    A --data-dir names its suite.
    """
    namespace = values.text("namespace")
    named = values.text("kubeconfig") or os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    file, context = values.text("kubeconfig"), values.text("kube-context")
    file = file or ("" if values.is_given("data-dir") else named)
    state = None if file else read_state(data_dir(values))
    if state is not None:
        file, context = state.kubeconfig, context or state.kube_context
        namespace = namespace or state.namespace
    file = file or str(Path.home() / ".kube" / "config")
    try:
        return from_kubeconfig(file, context or None), namespace or "argocd"
    except KubeError as error:
        raise SettingsError(f"no cluster to ask: {error}; give --kubeconfig") from error


def at(values: Values, step: Callable[[KubeClient, str], Awaitable[Result]]) -> Result:
    """Do something with the cluster and the namespace. Raises CliError."""
    connection, namespace = control_plane(values)

    async def done() -> Result:
        async with KubeClient(connection) as client:
            return await step(client, namespace)

    try:
        return asyncio.run(done())
    except KubeError as error:
        raise CliError(f"the cluster {connection.server}: {error}") from error
