"""A registry of OCI artifacts: the distribution project's own, with what it keeps in memory.

Why: charts and artifacts are pulled from the real thing, in demos and tests. Invariant: it forgets everything
when it stops; a password or a token is needed for everything where one was set.
"""

from pathlib import Path
from typing import Any

import bcrypt
import msgspec

from fairlead.local.builds import REGISTRY, binary, built
from fairlead.local.pki import KeyPair
from fairlead.local.ports import LOOPBACK
from fairlead.local.server import Server

BCRYPT_ROUNDS = 4
"""As few as there are: nobody guesses at a registry of one machine."""


class TokenAuthority(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives the tokens that a registry asks for: where, in which name, with which public keys (JWKS)."""

    realm: str
    service: str
    issuer: str
    keys: Path


class RegistryServer(Server):
    """Serves over http, or over https with a certificate; to everybody, one user, or holders of tokens."""

    name = "registry"

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        username: str = "",
        password: str = "",
        certificate: KeyPair | None = None,
        authority: TokenAuthority | None = None,
    ) -> None:
        super().__init__(data_dir, port=port)
        self.username = username
        self.password = password
        self._certificate = certificate
        self._authority = authority

    @property
    def host(self) -> str:
        """What stands after `oci://`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def url(self) -> str:
        """Where its interface is."""
        return f"{'https' if self._certificate else 'http'}://{self.host}"

    def argv(self) -> list[str | Path]:
        """The command to run."""
        return [binary(REGISTRY), self.configuration_file]

    async def _start(self) -> None:
        await built(REGISTRY)
        await super()._start()

    def configuration(self) -> str:
        """In the registry's own form; JSON is YAML, too."""
        http: dict[str, Any] = {"addr": self.host, "secret": "of-one-process"}
        if self._certificate is not None:
            pair = self._certificate
            http["tls"] = {"certificate": str(pair.certificate), "key": str(pair.key)}
        whole: dict[str, Any] = {
            "version": "0.1",
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"inmemory": {}, "delete": {"enabled": True}},
            "http": http,
        }
        if access := self._access():
            whole["auth"] = access
        return msgspec.json.encode(whole).decode()

    def _access(self) -> dict[str, Any]:
        if self._authority is not None:
            known = self._authority
            return {
                "token": {
                    "realm": known.realm,
                    "service": known.service,
                    "issuer": known.issuer,
                    "jwks": str(known.keys),
                }
            }
        if not self.password:
            return {}
        digest = bcrypt.hashpw(self.password.encode(), bcrypt.gensalt(BCRYPT_ROUNDS)).decode()
        users = self.data_dir / "users"
        users.touch(mode=0o600)
        users.write_text(f"{self.username}:{digest}\n")
        return {"htpasswd": {"realm": "registry", "path": str(users)}}
