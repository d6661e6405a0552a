"""An identity provider that speaks OpenID Connect: discovery, keys, the code flow with PKCE, user info.

It lets everybody in as `person`, without asking, or nobody while it `refuses`. Keys can be changed; what it
was asked is remembered.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlencode

import msgspec
from aiohttp import web
from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT, SECRET = "fairlead", "the client's secret/+"


class IdentityProvider:
    """One issuer with one client."""

    def __init__(self, *, prefix: str = "") -> None:
        self.issuer = ""
        self.address = ""
        self.client, self.secret = CLIENT, SECRET
        self._prefix = prefix
        self.person: dict[str, Any] = {"sub": "u-1", "email": "ada@example.org", "groups": ["team"]}
        self.asked: list[str] = []
        self.cookies: list[str] = []
        self.info: dict[str, Any] = {}
        self.refuses: dict[str, str] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._refresh_tokens: set[str] = set()
        self.keys: list[RSAKey] = []
        self.change_keys()

    def change_keys(self) -> None:
        """Sign with a new key and know no other."""
        self.keys = [RSAKey.generate_key(2048, parameters={"kid": secrets.token_hex(4), "use": "sig"})]

    def token(self, **more: Any) -> str:
        """An ID token; a claim of None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client,
            "iat": now,
            "exp": now + 600,
            **self.person,
            **more,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[0]
        header = {"alg": "RS256", "kid": key.kid}
        return jws.serialize_compact(header, msgspec.json.encode(kept), key, algorithms=["RS256"])

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[IdentityProvider]:
        """Serve on a port of the loopback while the block runs."""
        app = web.Application()
        app.router.add_get(self._prefix + "/.well-known/openid-configuration", self._described)
        app.router.add_get(self._prefix + "/keys", self._keys)
        app.router.add_get(self._prefix + "/authorize", self._authorize)
        app.router.add_post(self._prefix + "/token", self._token)
        app.router.add_get(self._prefix + "/userinfo", self._userinfo)
        app.router.add_get(self._prefix + "/out", self._out)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        self.issuer = self.address + self._prefix
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _described(self, _: web.Request) -> web.Response:
        self.asked.append("description")
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "scopes_supported": ["openid", "profile", "email", "groups"],
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self.cookies.append(request.headers.get("Cookie", ""))
        assert query["client_id"] == self.client and query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self._codes[code] = query
        back = urlencode({**(self.refuses or {"code": code}), "state": query["state"]})
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{back}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        given = base64.b64decode(request.headers.get("Authorization", "Basic Og==")[len("Basic ") :]).decode()
        login, _, password = given.partition(":")
        is_client = (unquote(login), unquote(password)) == (self.client, self.secret)
        if form["grant_type"] == "refresh_token":
            return self._refreshed(str(form["refresh_token"]), is_client=is_client)
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        is_same = asked is not None and asked["redirect_uri"] == form["redirect_uri"]
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or not is_client or not is_same or asked["code_challenge"] != proof:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return self._given(nonce=asked["nonce"])

    def _refreshed(self, token: str, *, is_client: bool) -> web.Response:
        """Each refresh token counts once (RFC 9700, 4.14)."""
        self.asked.append("refresh")
        if not is_client or token not in self._refresh_tokens or self.refuses:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self._refresh_tokens.remove(token)
        return self._given()

    def _given(self, **more: str) -> web.Response:
        refresh = secrets.token_urlsafe(8)
        self._refresh_tokens.add(refresh)
        tokens = {"id_token": self.token(**more), "access_token": "access", "refresh_token": refresh}
        return web.json_response(tokens)

    async def _out(self, request: web.Request) -> web.Response:
        """Log out, and go back."""
        self.asked.append("out")
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def _userinfo(self, request: web.Request) -> web.Response:
        self.asked.append("userinfo")
        if request.headers.get("Authorization") != "Bearer access":
            return web.Response(status=401)
        return web.json_response({"sub": self.person["sub"], **self.info})
