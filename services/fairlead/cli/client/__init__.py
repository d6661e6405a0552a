"""Every call to the API server, typed. Nothing else in the command knows how they travel.

The invariant: a call returns what the server said, or raises a CliError that says what to do.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Self

from fairlead.cli.client import accounts
from fairlead.cli.client.accounts import Account, Accounts, UserInfo
from fairlead.cli.client.application_sets import ApplicationSets
from fairlead.cli.client.applications import Applications, AppRef, Document, WatchEvent
from fairlead.cli.client.connections import Connections
from fairlead.cli.client.projects import Projects
from fairlead.cli.client.server import Server
from fairlead.cli.client.silence import SilenceError

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport

__all__ = [
    "Account",
    "AppRef",
    "Applications",
    "Client",
    "Document",
    "Server",
    "SilenceError",
    "UserInfo",
    "WatchEvent",
]


def transport_of(server: Server) -> Transport:
    """The way to a server: straight, through Kubernetes, or to Kubernetes in its place."""
    if server.forwarded is not None:
        from fairlead.cli.core.forward import ForwardedTransport

        return ForwardedTransport(server)
    if not server.is_core:
        from fairlead.cli.client.transport import Transport

        return Transport(server)
    from fairlead.cli.core.transport import CoreTransport

    return CoreTransport(server)


class Client:
    """One server and one session; leaving its `with` block closes the connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._transport = transport_of(server)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    def wait_until(self, deadline: float | None) -> None:
        """Let no answer be waited for behind this moment of `time.monotonic`."""
        self._transport.deadline = deadline

    @cached_property
    def applications(self) -> Applications:
        """The application service."""
        return Applications(self._transport)

    @cached_property
    def accounts(self) -> Accounts:
        """The session and account services."""
        return Accounts(self._transport)

    def version(self) -> Document:
        """The server's version, its keys capitalised."""
        return accounts.version(self._transport)

    def settings(self) -> Document:
        """What the server says of itself to clients."""
        return accounts.settings(self._transport)

    @cached_property
    def projects(self) -> Projects:
        """The project service."""
        return Projects(self._transport)

    @cached_property
    def connections(self) -> Connections:
        """The services of repositories, clusters, certificates and keys."""
        return Connections(self._transport)

    @cached_property
    def application_sets(self) -> ApplicationSets:
        """The application set service."""
        return ApplicationSets(self._transport)

    def project(self, name: str) -> Document:
        """One project."""
        return accounts.project(self._transport, name)
