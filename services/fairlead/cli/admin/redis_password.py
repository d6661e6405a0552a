"""`admin redis-initial-password`: the password of Redis that was made at installation."""

import base64

import msgspec

from fairlead.cli.admin.control_plane import SECRETS, at
from fairlead.cli.command import Invocation
from fairlead.cli.errors import CliError
from fairlead.kube.rest import KubeClient

SECRET = "argocd-redis"  # noqa: S105 - a name


def run(call: Invocation) -> None:
    """Print it."""

    async def read(client: KubeClient, namespace: str) -> bytes | None:
        return await client.find(SECRETS, SECRET, namespace)

    raw = at(call.values, read)
    found = {} if raw is None else msgspec.json.decode(raw).get("data") or {}
    if "auth" not in found:
        raise CliError(f"there is no secret {SECRET} with a password; is Fairlead installed elsewhere (-n)?")
    print(base64.b64decode(found["auth"]).decode())
