"""The clusters that Secrets declare, and the applications that go to each."""

import base64
from collections.abc import Iterable
from typing import Any

import msgspec

from fairlead.cli.admin.backup import APPLICATIONS, everything
from fairlead.cli.admin.control_plane import SECRETS
from fairlead.kube.rest import KubeClient

SERVER, NAME = "https://kubernetes.default.svc", "in-cluster"
SELECTOR = "argocd.argoproj.io/secret-type=cluster"
Manifest = dict[str, Any]


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One cluster. Without a `secret` it is the one of the control plane, which needs none."""

    server: str
    name: str
    namespaces: tuple[str, ...] = ()
    shard: int | None = None
    secret: str = ""
    config: bytes = b""

    def __repr__(self) -> str:
        return f"Declared(server={self.server!r}, name={self.name!r})"

    def is_destination_of(self, app: Manifest) -> bool:
        """Whether an application goes there."""
        destination = (app.get("spec") or {}).get("destination") or {}
        server = str(destination.get("server") or "").rstrip("/")
        return server == self.server if server else destination.get("name") == self.name


async def read(client: KubeClient, namespace: str) -> list[Declared]:
    """All clusters by address; that of the control plane among them, declared or not."""
    raw = await client.list_all(SECRETS, namespace, label_selector=SELECTOR)
    found = {each.server: each for each in map(_declared, raw) if each.server}
    found.setdefault(SERVER, Declared(server=SERVER, name=NAME))
    return [found[server] for server in sorted(found)]


async def applications(client: KubeClient, namespace: str) -> list[Manifest]:
    """The applications of the control plane's own namespace."""
    return await everything(client, APPLICATIONS, namespace)


def used_namespaces(cluster: Declared, apps: Iterable[Manifest]) -> list[str]:
    """Namespaces that applications deploy to there: where their objects are, else where they are bound."""
    found: set[str] = set()
    for app in apps:
        if not cluster.is_destination_of(app):
            continue
        resources = (app.get("status") or {}).get("resources") or []
        deployed = {str(each["namespace"]) for each in resources if each.get("namespace")}
        bound = str(((app.get("spec") or {}).get("destination") or {}).get("namespace") or "")
        found |= deployed or ({bound} if not resources and bound else set())
    return sorted(found, key=lambda name: (len(name), name))


def _declared(raw: bytes) -> Declared:
    secret = msgspec.json.decode(raw, type=Manifest)
    data = {key: base64.b64decode(value or "") for key, value in (secret.get("data") or {}).items()}
    text = {key: value.decode(errors="replace").strip() for key, value in data.items() if key != "config"}
    server = text.get("server", "").rstrip("/")
    shard = text.get("shard", "")
    return Declared(
        server=server,
        name=text.get("name") or server,
        namespaces=tuple(part.strip() for part in text.get("namespaces", "").split(",") if part.strip()),
        shard=int(shard) if shard.isascii() and shard.isdecimal() else None,
        secret=str(secret["metadata"]["name"]),
        config=data.get("config", b""),
    )
