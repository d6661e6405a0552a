"""An identity in the cluster for each service that talks to it: a kubeconfig with its account's token.

Tokens are renewed at half of their life in a file beside the kubeconfig, which the services read again.
"""

import asyncio
import base64
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.local.suite.install import SERVICE_ACCOUNTS
from fairlead.local.suite.secrets import write_private

log = structlog.get_logger(__name__)

ACCOUNTS: Mapping[str, str] = {
    "app-controller": "argocd-application-controller",
    "api-server": "argocd-server",
    "applicationset-controller": "argocd-applicationset-controller",
    "notifications": "argocd-notifications-controller",
    "preview": "argocd-preview-controller",
}
TOKEN_SECONDS = 7 * 86400
"""Life asked for; a cluster may grant less."""
RETRY_SECONDS = 30.0
_CONTEXT = "fairlead"


class Identities:
    """The services' kubeconfigs in a folder, and their renewal."""

    def __init__(self, client: KubeClient, folder: Path, namespace: str) -> None:
        self._client = client
        self._folder = folder
        self._namespace = namespace
        self._renew_at = 0.0

    def kubeconfig(self, service: str) -> Path:
        """The kubeconfig of a service."""
        return self._folder / f"{service}.kubeconfig"

    async def issue(self) -> None:
        """Write all kubeconfigs and their tokens."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        expiries = [
            await issue_identity(self._client, self._folder, self._namespace, account, service)
            for service, account in ACCOUNTS.items()
        ]
        self._renew_at = time.time() + (min(expiries) - time.time()) / 2

    async def keep_fresh(self) -> None:
        """Renew for ever."""
        while True:
            await asyncio.sleep(max(self._renew_at - time.time(), RETRY_SECONDS))
            try:
                await self.issue()
            except KubeError as error:
                log.warning("suite.token.not_renewed", error=str(error))


class Borrowed(Identities):
    """The owner's own kubeconfig for everybody: accounts would have to be written."""

    def __init__(self, client: KubeClient, kubeconfig: Path, namespace: str) -> None:
        super().__init__(client, kubeconfig.parent, namespace)
        self._kubeconfig = kubeconfig

    def kubeconfig(self, service: str) -> Path:
        """The same for each."""
        return self._kubeconfig

    async def issue(self) -> None:
        """There is nothing to issue."""

    async def keep_fresh(self) -> None:
        """Nor to renew."""


async def issue_identity(client: KubeClient, folder: Path, namespace: str, account: str, name: str) -> float:
    """Write `<name>.kubeconfig` with a new token of a service account; when that ends, in Unix seconds.

    Raises KubeError.
    """
    token, expiry = await _token(client, namespace, account)
    file = folder / f"{name}.token"
    write_private(file, token.encode())
    write_private(folder / f"{name}.kubeconfig", _kubeconfig(client.connection, file, namespace))
    return expiry


async def _token(client: KubeClient, namespace: str, account: str) -> tuple[str, float]:
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": TOKEN_SECONDS},
    }
    answer = await client.create(SERVICE_ACCOUNTS, request, namespace, name=account, subresource="token")
    status = msgspec.json.decode(answer)["status"]
    return status["token"], datetime.fromisoformat(status["expirationTimestamp"]).timestamp()


def _kubeconfig(connection: Connection, token_file: Path, namespace: str) -> bytes:
    cluster: dict[str, object] = {"server": connection.server}
    if connection.ca:
        cluster["certificate-authority-data"] = base64.b64encode(connection.ca).decode()
    if connection.insecure:
        cluster["insecure-skip-tls-verify"] = True
    if connection.server_name:
        cluster["tls-server-name"] = connection.server_name
    context = {"cluster": _CONTEXT, "user": _CONTEXT, "namespace": namespace}
    return msgspec.json.encode(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": _CONTEXT, "cluster": cluster}],
            "users": [{"name": _CONTEXT, "user": {"tokenFile": token_file.name}}],
            "contexts": [{"name": _CONTEXT, "context": context}],
            "current-context": _CONTEXT,
        }
    )
