"""Calls on sessions, accounts, settings, projects and the version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from fairlead.cli.client.applications import Document, decoded
from fairlead.cli.errors import RefusedError

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport


class UserInfo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who a session belongs to."""

    logged_in: bool = False
    username: str = ""
    iss: str = ""
    groups: tuple[str, ...] = ()


class Token(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An issued token; unix seconds, 0 for never."""

    id: str = ""
    issued_at: int = 0
    expires_at: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A local account."""

    name: str
    enabled: bool = False
    capabilities: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()


class Accounts:
    """The session and account services."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def log_in(self, username: str, password: str) -> str:
        """A new session's token."""
        try:
            answer = self._send("POST", "/api/v1/session", {"username": username, "password": password})
        except RefusedError as error:
            error.hint = ""
            raise
        return str(answer.get("token", ""))

    def log_out(self, token: str) -> None:
        """End a session on the server."""
        self._transport.end_session(token)

    def user_info(self) -> UserInfo:
        """Who we are to the server."""
        return msgspec.convert(self._send("GET", "/api/v1/session/userinfo"), UserInfo)

    def list_all(self) -> list[Account]:
        """All accounts that may be seen."""
        items = self._send("GET", "/api/v1/account").get("items") or []
        return msgspec.convert(items, list[Account])

    def get(self, name: str) -> Account:
        """One account."""
        return msgspec.convert(self._send("GET", f"/api/v1/account/{quote(name, safe='')}"), Account)

    def can_i(self, action: str, resource: str, subresource: str) -> str:
        """`yes` or `no`."""
        parts = "/".join(quote(part, safe="") for part in (resource, action, subresource))
        return str(self._send("GET", f"/api/v1/account/can-i/{parts}").get("value", "no"))

    def create_token(self, name: str, **more: Any) -> str:
        """A token for programs; `expiresIn` seconds and `id` may be given."""
        body = {"name": name, **{key: value for key, value in more.items() if value}}
        return str(self._send("POST", f"/api/v1/account/{quote(name, safe='')}/token", body).get("token", ""))

    def delete_token(self, name: str, token: str) -> None:
        """Take a token back, by its id."""
        self._send("DELETE", f"/api/v1/account/{quote(name, safe='')}/token/{quote(token, safe='')}")

    def update_password(self, name: str, current: str, new: str) -> None:
        """Set a password; `current` is the caller's own."""
        body = {"name": name, "currentPassword": current, "newPassword": new}
        self._send("PUT", "/api/v1/account/password", body)

    def _send(self, verb: str, path: str, body: object = None) -> Document:
        content = None if body is None else msgspec.json.encode(body)
        return decoded(self._transport.call(verb, path, content))


def version(transport: Transport) -> dict[str, Any]:
    """The server's version."""
    return decoded(transport.call("GET", "/api/version"))


def settings(transport: Transport) -> Document:
    """What the server says of itself to clients."""
    return decoded(transport.call("GET", "/api/v1/settings"))


def project(transport: Transport, name: str) -> Document:
    """One project."""
    return decoded(transport.call("GET", f"/api/v1/projects/{quote(name, safe='')}"))
