"""Which credentials belong to which repository: the labelled Secrets of the control plane's namespace.

Invariant: only Secrets are read, only those labelled as repositories or credential templates, and their
contents go nowhere but into `fairlead.git`.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import structlog

from fairlead.git.credentials import REPOSITORY, SECRET_TYPE_LABEL, TEMPLATE, CredentialBook, entry_of

if TYPE_CHECKING:
    from fairlead.kube.connection import Connection
    from fairlead.kube.watch_events import Event

log = structlog.get_logger(__name__)

SELECTOR = f"{SECRET_TYPE_LABEL} in ({REPOSITORY},{TEMPLATE})"


class Repositories(CredentialBook):
    """The book of credentials, kept up to date; `on_change` is told after each change."""

    def __init__(self) -> None:
        super().__init__()
        self.on_change: Callable[[], None] = lambda: None
        self._listed: set[str] = set()
        self._synced = asyncio.Event()

    @property
    def is_synced(self) -> bool:
        """Whether all Secrets were read once."""
        return self._synced.is_set()

    async def wait_synced(self) -> None:
        """Return once all Secrets were read."""
        await self._synced.wait()

    def assume_none(self) -> None:
        """There is no Kubernetes: the book stays empty."""
        self._synced.set()

    async def watch(self, connection: "Connection", namespace: str) -> None:
        """Follow the Secrets for ever."""
        from fairlead.kube.list_watch import Reflector  # noqa: PLC0415 - not with --no-kube
        from fairlead.kube.resource import Resource  # noqa: PLC0415
        from fairlead.kube.rest import KubeClient  # noqa: PLC0415

        secrets = Resource(group="", version="v1", plural="secrets", kind="Secret", namespaced=True)
        async with KubeClient(connection) as client:
            await Reflector(
                client,
                secrets,
                self.take,
                gate=asyncio.Semaphore(1),
                namespace=namespace,
                label_selector=SELECTOR,
            ).run()

    def take(self, event: "Event") -> None:
        """One event of the watch."""
        match type(event).__name__:
            case "Added" | "Modified":
                self._read(event.raw)  # type: ignore[union-attr]
            case "Deleted":
                self._drop({event.head.metadata.name})  # type: ignore[union-attr]
            case "Relisting":
                self._listed = set()
            case "Synced":
                self._drop(self.names() - self._listed)
                self._synced.set()

    def _read(self, raw: bytes) -> None:
        secret = msgspec.json.decode(raw, type=_Secret)
        self._listed.add(secret.metadata.name)
        entry = entry_of(secret.metadata.labels.get(SECRET_TYPE_LABEL, ""), _decoded(secret))
        if self.put(secret.metadata.name, entry):
            log.info("repository.credentials.changed", secret=secret.metadata.name)
            if self.is_synced:
                self.on_change()

    def _drop(self, names: set[str]) -> None:
        changed = [self.put(name, None) for name in names]
        if any(changed) and self.is_synced:
            self.on_change()


class _Metadata(msgspec.Struct, frozen=True):
    name: str
    labels: dict[str, str] = {}


class _Secret(msgspec.Struct, frozen=True):
    metadata: _Metadata
    data: dict[str, str] | None = None


def _decoded(secret: _Secret) -> dict[str, str]:
    found = {}
    for name, value in (secret.data or {}).items():
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            log.warning("repository.secret.unreadable", secret=secret.metadata.name, field=name)
    return found
