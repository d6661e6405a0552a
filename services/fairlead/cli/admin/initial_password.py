"""`admin initial-password`: the password of `admin` that was made at installation, read from the cluster."""

import asyncio
import base64

import msgspec

from fairlead.cli.admin.control_plane import SECRETS, control_plane
from fairlead.cli.command import Invocation
from fairlead.cli.errors import CliError
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.rest import KubeClient

SECRET = "argocd-initial-admin-secret"  # noqa: S105 - a name


class _Secret(msgspec.Struct, frozen=True):
    data: dict[str, str] = {}


def run(call: Invocation) -> None:
    """Print the password and what to do with it."""
    connection, namespace = control_plane(call.values)
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
