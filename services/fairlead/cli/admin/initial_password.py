"""`admin initial-password`: the password of `admin` that was made at installation, read from the cluster."""

import asyncio
import base64
import os
from pathlib import Path

import msgspec

from fairlead.cli.command import Command, Invocation, Values, text
from fairlead.cli.errors import CliError, SettingsError
from fairlead.cli.local.data_dir import DATA_DIR, data_dir
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.suite import read_state

SECRET = "argocd-initial-admin-secret"  # noqa: S105 - a name
SECRETS = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] = {}


def run(call: Invocation) -> None:
    """Print the password and what to do with it."""
    connection, namespace = _where(call.values)
    try:
        secret = msgspec.json.decode(asyncio.run(_read(connection, namespace)), type=_Secret)
    except NotFoundError as error:
        raise CliError(
            f"there is no secret {SECRET} in namespace {namespace}: the password was changed and the secret "
            "deleted, or Fairlead is installed elsewhere (--namespace, --kubeconfig, --data-dir)"
        ) from error
    except KubeError as error:
        raise CliError(f"cannot read the secret {SECRET} in namespace {namespace}: {error}") from error
    print(base64.b64decode(secret.data.get("password", "")).decode())
    print("\n This password must be only used for first time login. We strongly recommend you update")
    print(f" the password using `{call.program} account update-password`.")


async def _read(connection: Connection, namespace: str) -> bytes:
    async with KubeClient(connection) as client:
        return await client.get(SECRETS, SECRET, namespace)


def _where(values: Values) -> tuple[Connection, str]:
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


COMMAND = Command(
    usage="",
    about="Print the password of admin that was made at installation: from the cluster of --kubeconfig or "
    "KUBECONFIG, else from the suite that runs on this machine.",
    run=run,
    is_local=True,
    flags=(
        text(
            "namespace", "Namespace of the control plane; argocd unless the suite says otherwise.", short="n"
        ),
        text("kubeconfig", "Cluster to ask."),
        text("kube-context", "Context of the kubeconfig."),
        DATA_DIR,
    ),
    examples=("admin initial-password", "admin initial-password -n argocd --kubeconfig ~/.kube/config"),
)
