"""The identity headers of each request: tokens that rotate, passwords, credential plugins, impersonation.

Invariant: a header is made for every request anew, so a rotated token is used without a restart.
"""

import asyncio
import base64
import time
from pathlib import Path

from multidict import CIMultiDict

from fairlead.kube.connection import Connection, Plugin
from fairlead.kube.errors import ConnectionConfigError

FILE_CHECK_SECONDS = 10.0
PLUGIN_TOKEN_SECONDS = 300.0
PLUGIN_TIMEOUT_SECONDS = 60.0


class Credentials:
    """Makes `Authorization` and `Impersonate-*` for one connection; `refresh()` after a 401."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bearer = _Bearer(connection)
        self._fixed = _impersonation(connection)
        if connection.username is not None:
            pair = f"{connection.username}:{connection.password or ''}".encode()
            self._fixed["Authorization"] = "Basic " + base64.b64encode(pair).decode()

    async def headers(self) -> CIMultiDict[str]:
        """Fresh headers for one request; the caller may add to them."""
        token = await self._bearer.token()
        headers = self._fixed.copy()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def refresh(self) -> bool:
        """Forget what was read; whether asking again can make a difference."""
        return self._bearer.forget()


def _impersonation(connection: Connection) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    if connection.impersonate_user is not None:
        headers["Impersonate-User"] = connection.impersonate_user
    if connection.impersonate_groups and connection.impersonate_user is None:
        raise ConnectionConfigError("cannot impersonate groups without a user")
    for group in connection.impersonate_groups:
        headers.add("Impersonate-Group", group)
    return headers


class _Bearer:
    """A fixed token, one from a file that rotates, or one that a credential plugin prints."""

    def __init__(self, connection: Connection) -> None:
        self._fixed = connection.token
        self._file = Path(connection.token_file) if connection.token_file else None
        self._plugin = connection.plugin
        self._read: str | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str | None:
        if self._file is None and self._plugin is None:
            return self._fixed
        if time.monotonic() < self._until:
            return self._read
        async with self._lock:
            if time.monotonic() >= self._until:
                await self._renew()
        return self._read

    def forget(self) -> bool:
        self._until = 0.0
        return self._file is not None or self._plugin is not None

    async def _renew(self) -> None:
        if self._file is not None:
            self._read = _read_token(self._file)
            self._until = time.monotonic() + FILE_CHECK_SECONDS
        elif self._plugin is not None:
            self._read = await _ask_plugin(self._plugin)
            self._until = time.monotonic() + PLUGIN_TOKEN_SECONDS


def _read_token(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise ConnectionConfigError(f"token file {file}: {error.strerror}") from None


async def _ask_plugin(plugin: Plugin) -> str | None:
    """Runs the kubeconfig's own credential plugin through kubernetes_asyncio, imported only here (83 MB)."""
    from kubernetes_asyncio.client import Configuration  # noqa: PLC0415
    from kubernetes_asyncio.config import ConfigException, load_kube_config  # noqa: PLC0415

    settings = Configuration()
    try:
        async with asyncio.timeout(PLUGIN_TIMEOUT_SECONDS):
            await load_kube_config(
                config_file=plugin.kubeconfig, context=plugin.context, client_configuration=settings
            )
    except (ConfigException, OSError, TimeoutError) as error:
        raise ConnectionConfigError(
            f"kubeconfig {plugin.kubeconfig}: credential plugin failed: {error}"
        ) from None
    value = settings.api_key.get("BearerToken")
    return value.removeprefix("Bearer ") if isinstance(value, str) else None
