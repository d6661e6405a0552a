"""The account that Fairlead has on a cluster: made with the rights of a kubeconfig, and taken away with them.

The invariant: names are Argo CD's, so that an account made by either command is found by the other.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from fairlead.cli import messages
from fairlead.cli.command import Values
from fairlead.cli.errors import CliError, SettingsError, reason_of
from fairlead.cli.kubernetes import kubeconfig_file
from fairlead.kube.connection import Connection
from fairlead.kube.errors import AlreadyExistsError, KubeError, NotFoundError
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

NAME = "argocd-manager"
ALL_VERBS = ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},)
URLS = ({"nonResourceURLs": ["*"], "verbs": ["*"]},)
TOKEN_SECONDS = 30.0
"""How long the cluster may take to make the token."""
_RBAC = "rbac.authorization.k8s.io"


def _kind(kind: str, plural: str, *, group: str = "", namespaced: bool = True) -> Resource:
    return Resource(group=group, version="v1", plural=plural, kind=kind, namespaced=namespaced)


NAMESPACES = _kind("Namespace", "namespaces", namespaced=False)
ACCOUNTS = _kind("ServiceAccount", "serviceaccounts")
SECRETS = _kind("Secret", "secrets")
ROLES = _kind("Role", "roles", group=_RBAC)
BINDINGS = _kind("RoleBinding", "rolebindings", group=_RBAC)
CLUSTER_ROLES = _kind("ClusterRole", "clusterroles", group=_RBAC, namespaced=False)
CLUSTER_BINDINGS = _kind("ClusterRoleBinding", "clusterrolebindings", group=_RBAC, namespaced=False)


class Account:
    """A service account `name` in `namespace`, and its rights: everywhere, or in `namespaces` only."""

    def __init__(
        self,
        connection: Connection,
        *,
        name: str = NAME,
        namespace: str = "kube-system",
        namespaces: tuple[str, ...] = (),
    ) -> None:
        self.connection = connection
        self.name = name
        self.namespace = namespace
        self.namespaces = namespaces

    @classmethod
    def of_server(cls, values: Values, server: str) -> "Account | None":
        """The account on a cluster that the kubeconfig knows by this address, else None."""
        file = kubeconfig_of(values)
        for context in contexts(file) if file.exists() else ():
            try:
                connection = from_kubeconfig(file, context)
            except KubeError:
                continue
            if connection.server.rstrip("/") == server.rstrip("/"):
                return cls(connection)
        return None

    def create(self) -> str:
        """Make it, with its rights, and return its token. Raises CliError."""
        return str(self._run(self._create))

    def token(self) -> str:
        """The token of an account that exists. Raises CliError."""
        return str(self._run(self._token))

    def withdraw(self) -> None:
        """Take it and its rights away. Raises CliError."""
        self._run(self._withdraw)

    def _run(self, step: Callable[[KubeClient], Awaitable[Any]]) -> Any:
        messages.quiet_libraries()

        async def done() -> Any:
            async with KubeClient(self.connection) as client:
                return await step(client)

        try:
            return asyncio.run(done())
        except TimeoutError as error:
            raise CliError(
                f"cluster {self.connection.server} made no token in {TOKEN_SECONDS:g} s"
            ) from error
        except KubeError as error:
            raise CliError(f"cluster {self.connection.server}: {error}") from error

    async def _create(self, client: KubeClient) -> str:
        await _ensure(client, ACCOUNTS, {}, self.name, self.namespace)
        subject = {"kind": "ServiceAccount", "name": self.name, "namespace": self.namespace}
        if self.namespaces:
            for namespace in self.namespaces:
                role = f"{self.name}-role"
                await _ensure(client, ROLES, {"rules": list(ALL_VERBS)}, role, namespace)
                bound = {"roleRef": _ref("Role", role), "subjects": [subject]}
                await _ensure(client, BINDINGS, bound, f"{self.name}-role-binding", namespace)
        else:
            role = f"{self.name}-role"
            rules = {"rules": [*ALL_VERBS, *URLS]}
            await _ensure(client, CLUSTER_ROLES, rules, role)
            bound = {"roleRef": _ref("ClusterRole", role), "subjects": [subject]}
            await _ensure(client, CLUSTER_BINDINGS, bound, f"{self.name}-role-binding")
        return await self._token(client)

    async def _token(self, client: KubeClient) -> str:
        name = f"{self.name}-long-lived-token"
        annotations = {"kubernetes.io/service-account.name": self.name}
        body = {"type": "kubernetes.io/service-account-token", "metadata": {"annotations": annotations}}
        await _ensure(client, SECRETS, body, name, self.namespace)
        async with asyncio.timeout(TOKEN_SECONDS):
            while True:
                secret = msgspec.json.decode(await client.get(SECRETS, name, self.namespace))
                token = (secret.get("data") or {}).get("token")
                if token:
                    return base64.b64decode(token).decode()
                await asyncio.sleep(0.2)

    async def _withdraw(self, client: KubeClient) -> None:
        role, binding = f"{self.name}-role", f"{self.name}-role-binding"
        await _drop(client, CLUSTER_BINDINGS, binding)
        await _drop(client, CLUSTER_ROLES, role)
        await _drop(client, SECRETS, f"{self.name}-long-lived-token", self.namespace)
        await _drop(client, ACCOUNTS, self.name, self.namespace)


def kubeconfig_of(values: Values) -> Path:
    """The kubeconfig of --kubeconfig, of KUBECONFIG, or the one at home."""
    return Path(values.text("kubeconfig") or kubeconfig_file())


def contexts(file: Path) -> list[str]:
    """Names of a kubeconfig's contexts. Raises SettingsError."""
    import yaml

    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        return [str(entry["name"]) for entry in found.get("contexts") or []]
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(f"cannot read the kubeconfig {file}: {reason_of(error)}") from error


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"apiGroup": _RBAC, "kind": kind, "name": name}


async def _ensure(
    client: KubeClient, resource: Resource, body: dict[str, Any], name: str, namespace: str | None = None
) -> None:
    """Create an object, or bring what is there to the same content."""
    metadata = {**body.get("metadata", {}), "name": name}
    obj = {**body, "apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
    try:
        await client.create(resource, msgspec.json.encode(obj), namespace)
    except AlreadyExistsError:
        changed = {key: value for key, value in body.items() if key in ("rules", "subjects")}
        if changed:
            await client.merge_patch(resource, name, msgspec.json.encode(changed), namespace)


async def _drop(client: KubeClient, resource: Resource, name: str, namespace: str | None = None) -> None:
    try:
        await client.delete(resource, name, namespace)
    except NotFoundError:
        return
