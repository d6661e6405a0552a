"""The token endpoints of GitHub, Google, Microsoft Entra, Azure's registries and AWS, over TLS.

They speak the real protocols and check what they are sent as those do: signatures with the public keys,
times, audiences, assertions. What they gave and what they were asked is written down.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from fairlead.local.pki import ensure_pki

APP = 1234
ACCOUNT = "robot@project.iam.gserviceaccount.com"
POD_TOKEN = "the-token-of-the-pod"
ROLE = "arn:aws:iam::123456789012:role/reader"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


class TokenEndpoints:
    """All of them on one port; `url` is the server's, `authority` vouches for it."""

    def __init__(self, folder: Path) -> None:
        self._pki = ensure_pki(folder)
        self.authority = self._pki.ca.certificate.read_text()
        self.key = private_key()
        self.installations = {"team": ("orgs", 11), "ada": ("users", 12)}
        self.asked: list[str] = []
        self.given: list[str] = []
        self.holds = 3600
        self.port = 0
        self.status = 0
        self.echo = False
        self.ending = ""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def google_key(self, **more: Any) -> str:
        """The JSON that Google gives the owner of a service account."""
        return msgspec.json.encode(
            {
                "type": "service_account",
                "client_email": ACCOUNT,
                "private_key": self.key,
                "private_key_id": "k1",
                "token_uri": f"{self.url}/google/token",
                **more,
            }
        ).decode()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[TokenEndpoints]:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self._pki.server.certificate, self._pki.server.key)
        application = web.Application(middlewares=[self._noting])
        application.router.add_get("/api/v3/{kind:orgs|users}/{owner}/installation", self._installation)
        application.router.add_post("/api/v3/app/installations/{id}/access_tokens", self._github)
        application.router.add_post("/google/token", self._google)
        application.router.add_post("/{tenant}/oauth2/v2.0/token", self._entra)
        application.router.add_post("/oauth2/exchange", self._registry)
        application.router.add_post("/sts/", self._sts)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.port = runner.addresses[0][1]
        yield self
        await runner.cleanup()

    @web.middleware
    async def _noting(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.echo:
            body = (await request.text()) + str(dict(request.headers))
            return web.json_response({"error": body, "error_description": body, "message": body}, status=400)
        if self.status:
            return web.json_response({}, status=self.status)
        answer: web.StreamResponse = await handler(request)
        return answer

    def _token(self, kind: str) -> str:
        self.given.append(f"{kind}-{len(self.given)}{self.ending}")
        return self.given[-1]

    def _public(self) -> RSAKey:
        return RSAKey.import_key(self.key)

    def _is_app(self, request: web.Request) -> bool:
        try:
            token = jwt.decode(
                request.headers["Authorization"].removeprefix("Bearer "), self._public(), ["RS256"]
            )
        except (JoseError, KeyError, ValueError):
            return False
        claims, now = token.claims, time.time()
        return claims["iss"] == str(APP) and claims["iat"] <= now < claims["exp"] <= now + 600

    async def _installation(self, request: web.Request) -> web.Response:
        if not self._is_app(request):
            return web.json_response({"message": "Bad credentials"}, status=401)
        kind, number = self.installations.get(request.match_info["owner"], ("", 0))
        if kind != request.match_info["kind"]:
            return web.json_response({"message": "Not Found"}, status=404)
        return web.json_response({"id": number, "app_id": APP})

    async def _github(self, request: web.Request) -> web.Response:
        if not self._is_app(request):
            return web.json_response({"message": "Bad credentials"}, status=401)
        if int(request.match_info["id"]) not in {number for _, number in self.installations.values()}:
            return web.json_response({"message": "Not Found"}, status=404)
        until = datetime.now(UTC) + timedelta(seconds=self.holds)
        expires = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        kind = f"ghs-{request.match_info['id']}"
        return web.json_response({"token": self._token(kind), "expires_at": expires}, status=201)

    async def _google(self, request: web.Request) -> web.Response:
        form = await request.post()
        try:
            head = jws.extract_compact(str(form["assertion"]).encode()).headers()
            claims = jwt.decode(str(form["assertion"]), self._public(), ["RS256"]).claims
        except (JoseError, KeyError, ValueError):
            return web.json_response({"error": "invalid_grant"}, status=400)
        is_right = (
            form.get("grant_type") == JWT_BEARER
            and head.get("kid") == "k1"
            and claims["iss"] == ACCOUNT
            and claims["aud"] == f"{self.url}/google/token"
            and "cloud-platform" in claims["scope"]
            and claims["exp"] - claims["iat"] <= 3600
        )
        if not is_right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"access_token": self._token("ya29"), "expires_in": self.holds, "token_type": "Bearer"}
        )

    async def _entra(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        by_secret = form.get("client_secret") == "the-secret"
        by_pod = (form.get("client_assertion_type"), form.get("client_assertion")) == (
            CLIENT_ASSERTION,
            POD_TOKEN,
        )
        if form.get("grant_type") != "client_credentials" or not (by_secret or by_pod):
            text = "AADSTS7000215: Invalid client secret provided."
            return web.json_response({"error": "invalid_client", "error_description": text}, status=401)
        kind = f"aad-{request.match_info['tenant']}-{form['client_id']}-{str(form['scope'])[:8]}"
        return web.json_response({"access_token": self._token(kind), "expires_in": self.holds})

    async def _registry(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        is_right = form.get("grant_type") == "access_token" and form.get("access_token") in self.given
        if not is_right or form.get("service") != f"127.0.0.1:{self.port}":
            return web.json_response({"errors": [{"code": "UNAUTHORIZED"}]}, status=401)
        return web.json_response({"refresh_token": self._token("acr")})

    async def _sts(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        is_right = (form.get("Action"), form.get("RoleArn"), form.get("WebIdentityToken")) == (
            "AssumeRoleWithWebIdentity",
            ROLE,
            POD_TOKEN,
        )
        if not is_right or request.headers.get("Accept") != "application/json":
            return web.json_response({"Error": {"Code": "InvalidIdentityToken"}}, status=400)
        keys = {
            "AccessKeyId": "ASIAEXAMPLEEXAMPLE12",
            "SecretAccessKey": self._token("secret"),
            "SessionToken": "session",
            "Expiration": time.time() + self.holds,
        }
        result = {"AssumeRoleWithWebIdentityResult": {"Credentials": keys}}
        return web.json_response({"AssumeRoleWithWebIdentityResponse": result})
