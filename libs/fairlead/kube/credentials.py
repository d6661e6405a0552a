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
from fairlead.kube.minting import Identity, Mint

FILE_CHECK_SECONDS = 10.0
PLUGIN_TOKEN_SECONDS = 300.0
PLUGIN_TIMEOUT_SECONDS = 60.0
MINT_MARGIN = 30.0
"""Seconds before their end at which minted credentials are made anew."""
MINT_PAUSE = 10.0
"""Seconds between two attempts to mint."""


class Credentials:
    """Makes `Authorization` and `Impersonate-*` for one connection; `refresh()` after a 401.

    Views of one connection share what was read or minted: give `beside`, the credentials they stand beside.
    """

    def __init__(
        self, connection: Connection, *, mint: Mint | None = None, beside: "Credentials | None" = None
    ) -> None:
        self._connection = connection
        self._bearer: _Bearer = _Bearer(connection, mint) if beside is None else beside._bearer
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

    @property
    def pair(self) -> tuple[bytes, bytes] | None:
        """A client certificate and its key that were minted, once headers were made."""
        return self._bearer.pair

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
    """A fixed token, one from a file that rotates, or one that is minted or printed by a plugin."""

    def __init__(self, connection: Connection, mint: Mint | None) -> None:
        self.pair: tuple[bytes, bytes] | None = None
        self._connection = connection
        self._mint = mint
        self._fixed = connection.token
        self._file = Path(connection.token_file) if connection.token_file else None
        self._is_renewed = bool(self._file or connection.plugin or connection.identity)
        self._read: str | None = None
        self._until = self._renewed = 0.0
        self._failure: ConnectionConfigError | None = None
        self._lock = asyncio.Lock()

    async def token(self) -> str | None:
        if not self._is_renewed:
            return self._fixed
        if time.monotonic() >= self._until:
            async with self._lock:
                if time.monotonic() >= self._until:
                    await self._renew()
        if self._failure is not None:
            raise self._failure
        return self._read

    def forget(self) -> bool:
        """What is minted is not minted again at once: a cluster that refuses it would have programs run
        without end."""
        is_fresh = self._connection.identity is not None and time.monotonic() - self._renewed < MINT_PAUSE
        if self._is_renewed and not is_fresh:
            self._until = 0.0
        return self._is_renewed and not is_fresh

    async def _renew(self) -> None:
        connection = self._connection
        if self._file is not None:
            self._read = _read_token(self._file)
            self._until = time.monotonic() + FILE_CHECK_SECONDS
        elif connection.plugin is not None:
            self._read = await _ask_plugin(connection.plugin)
            self._until = time.monotonic() + PLUGIN_TOKEN_SECONDS
        elif connection.identity is not None:
            await self._mint_anew(connection.identity)

    async def _mint_anew(self, identity: Identity) -> None:
        """A failure holds for a while too, so that many requests do not cause as many tries."""
        self._failure = None
        if self._mint is None:
            text = f"cluster {self._connection.server}: its credentials are not made here"
            raise ConnectionConfigError(text)
        try:
            minted = await self._mint(identity, self._connection)
        except ConnectionConfigError as error:
            self._failure, self._renewed = error, time.monotonic()
            self._until = self._renewed + MINT_PAUSE
            return
        self._read = minted.token or None
        self.pair = (minted.cert, minted.key) if minted.cert and minted.key else None
        self._renewed = time.monotonic()
        self._until = self._renewed + max(MINT_PAUSE, minted.seconds - MINT_MARGIN)


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
