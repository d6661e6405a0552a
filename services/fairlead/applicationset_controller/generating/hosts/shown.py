"""Who a set is at a host: the token, password or app that it names, and the certificates it believes.

Invariant: a value of a Secret goes into a header of one host and nowhere else; what the control plane signs
with is never taken for a token.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from fairlead.applicationset_controller.generating.errors import GeneratorError, SourceError
from fairlead.model.providers import BasicAuth, BearerToken, ConfigMapKeyRef, SecretRef

MOST_CERTIFICATES: Final = 1 << 20
"""Bytes of a file or key with certificates."""
OURS: Final = "argocd-secret"
_SIGNS: Final = re.compile(
    r"server\.secretkey|admin\..*|accounts\..*|tls\..*|webhook\..*|.*clientSecret.*", re.DOTALL
)
"""Keys of argocd-secret that are for the control plane itself."""


class Secrets(Protocol):
    """Where secrets and ConfigMaps are read; all raise SourceError."""

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str: ...

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]: ...

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]: ...


class Credentials:
    """What is read for one set, in its namespace."""

    def __init__(self, sources: Secrets, namespace: str, *, is_strict: bool) -> None:
        self._sources = sources
        self._namespace = namespace
        self._is_strict = is_strict

    async def token(self, reference: SecretRef | None) -> str:
        """The value that is referred to, "" for no reference."""
        if reference is None or not reference.secret_name:
            return ""
        if reference.secret_name == OURS and _SIGNS.fullmatch(reference.key):
            raise GeneratorError(
                f"key {reference.key} of Secret {OURS} is the control plane's own and no token for a host"
            )
        found = await self._sources.secret(
            self._namespace, reference.secret_name, reference.key, strict=self._is_strict
        )
        text = found.strip()
        if not text or not text.isprintable():
            raise SourceError(
                f"key {reference.key} of Secret {self._namespace}/{reference.secret_name} is no token: "
                "it is empty, or has characters that no header has"
            )
        return text

    async def basic_or_bearer(self, basic: BasicAuth | None, bearer: BearerToken | None) -> str:
        """The value of the Authorization header, "" for nobody; a user goes before a token."""
        if basic is not None:
            return basic_header(basic.username, await self.token(basic.password_ref))
        if bearer is not None:
            return bearer_header(await self.token(bearer.token_ref))
        return ""

    async def authorities(self, reference: ConfigMapKeyRef | None, root_ca: str) -> str:
        """Certificates that are believed beside the system's, PEM: the operator's file and those of a set."""
        texts = [await asyncio.to_thread(_file, root_ca)] if root_ca else []
        if reference is not None:
            found = await self._sources.config_map(self._namespace, reference.config_map_name)
            if reference.key not in found:
                raise SourceError(
                    f"ConfigMap {self._namespace}/{reference.config_map_name} has no key {reference.key}"
                )
            texts.append(found[reference.key])
        return "\n".join(texts)

    async def secret(self, name: str) -> tuple[str, Mapping[str, str]]:
        """All values of a Secret, and what words call it."""
        found = await self._sources.secret_data(self._namespace, name)
        return f"Secret {self._namespace}/{name}", found


def basic_header(user: str, password: str) -> str:
    """A name and a password as a header."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def bearer_header(token: str) -> str:
    """A token as a header, "" for none."""
    return f"Bearer {token}" if token else ""


def base_of(api: str, otherwise: str = "") -> str:
    """An API's address without the slash at its end. Raises GeneratorError for what is none."""
    text = (api.strip() or otherwise).rstrip("/")
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        is_address = False
    if not is_address:
        raise GeneratorError("api is no address that begins with https:// or http://")
    if parts.username or parts.password:
        raise GeneratorError("api holds a user or password: name a Secret instead")
    return text


def _file(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MOST_CERTIFICATES)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise SourceError(
            f"applicationsetcontroller.scm.root.ca.path: {path} cannot be read: {why}"
        ) from None
