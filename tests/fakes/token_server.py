"""Who gives the tokens that a registry asks for, as the distribution specification has it."""

import base64
import hmac
import json
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey

from fairlead.local.ports import LOOPBACK, choose_port

SERVICE = "registry"
SECONDS = 300


class Given(msgspec.Struct, frozen=True):
    """For what a token was given."""

    scope: str
    service: str


class TokenServer:
    """Gives a token to its one user; `keys` is the file of its public key."""

    def __init__(self, folder: Path, *, username: str, password: str) -> None:
        self.port = choose_port(0)
        self.given: list[Given] = []
        self.keys = folder / "jwks.json"
        self._key = ECKey.generate_key("P-256", {"kid": "one"})
        self.keys.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))
        self._needed = f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/token"

    def token(self, repository: str, *actions: str) -> str:
        now = int(time.time())
        claims = {
            "iss": "tests",
            "sub": "ann",
            "aud": SERVICE,
            "exp": now + SECONDS,
            "nbf": now - 60,
            "iat": now,
            "access": [{"type": "repository", "name": repository, "actions": list(actions)}],
        }
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, self._key)

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/token", self._handle)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.port, reuse_address=True).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        if not hmac.compare_digest(request.headers.get("Authorization", ""), self._needed):
            return web.Response(status=401)
        scope = request.query.get("scope", "repository::")
        self.given.append(Given(scope, request.query["service"]))
        _, repository, actions = scope.split(":")
        return web.json_response(
            {"token": self.token(repository, *actions.split(",")), "expires_in": SECONDS}
        )
