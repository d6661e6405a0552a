"""The services that notifications go to, on one port: each below the path of its name, as it answers.

They check what those check (tokens, signatures, what a request must have), keep what those keep (threads,
deployments, comments), and write down each request. `faults` are put before them by path.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tests.fakes.token_endpoints import private_key

TOKEN = "the-token-of-the-service"
ACCESS, SECRET = "AKIAEXAMPLE0", "the-secret-key-of-aws"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Asked(msgspec.Struct):
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


def answers(status: int = 200, body: object = b"", **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes | str):
            data = body.encode() if isinstance(body, str) else body
            return web.Response(status=status, body=data, headers=named)
        return web.json_response(body, status=status, headers=named)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3600)
    raise AssertionError


async def breaks(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def echoes(request: web.Request) -> web.StreamResponse:
    """All that it was sent comes back in what it says of its refusal."""
    told = f"{request.url} {dict(request.headers)} {await request.text()}"
    return web.json_response(
        {"message": told, "error": told, "errors": [told], "description": told}, status=400
    )


class Receivers:
    """All services; `url` is the server's."""

    def __init__(self) -> None:
        self.port = 0
        self.key = private_key()
        self.asked: list[Asked] = []
        self.faults: dict[str, list[Answer]] = {}
        self.always: dict[str, Answer] = {}
        self.deployments: list[dict[str, Any]] = []
        self.comments: dict[int, list[dict[str, Any]]] = {7: []}
        self.given: list[str] = []
        self.messages = 0
        self.gone: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    def forget(self) -> None:
        self.asked.clear()
        self.faults.clear()
        self.always.clear()
        self.deployments.clear()
        self.comments = {7: []}
        self.gone.clear()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Receivers]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append(
            Asked(request.method, request.path, dict(request.query), dict(request.headers), body)
        )
        if waiting := self.faults.get(request.path):
            return await waiting.pop(0)(request)
        if request.path in self.always:
            return await self.always[request.path](request)
        service = request.path.split("/")[1].replace("-", "_")
        handler = getattr(self, f"_{service}", None)
        return await handler(request, body) if handler else web.Response(status=404)

    def _is(self, request: web.Request, header: str, value: str) -> bool:
        return request.headers.get(header) == value

    async def _hook(self, request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(text="taken")

    async def _slack(self, request: web.Request, body: bytes) -> web.StreamResponse:  # noqa: PLR0911
        if not self._is(request, "Authorization", f"Bearer {TOKEN}"):
            return web.json_response({"ok": False, "error": "invalid_auth"})
        sent = json.loads(body)
        if sent["channel"] in ("nowhere", "#nowhere"):
            return web.json_response({"ok": False, "error": "channel_not_found"})
        if request.path.endswith("chat.update"):
            if sent["channel"][0] != "C":
                return web.json_response({"ok": False, "error": "channel_not_found"})
            if sent["ts"] in self.gone:
                return web.json_response({"ok": False, "error": "message_not_found"})
            return web.json_response({"ok": True, "channel": sent["channel"], "ts": sent["ts"]})
        if sent.get("thread_ts") in self.gone:
            return web.json_response({"ok": False, "error": "thread_not_found"})
        self.messages += 1
        return web.json_response({"ok": True, "channel": "C024BE91L", "ts": f"17000000{self.messages}.0001"})

    async def _teams(self, request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(text="1" if json.loads(body).get("text") else "Summary or Text is required.")

    async def _workflows(self, request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=202)

    async def _googlechat(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if request.query.get("key") != TOKEN:
            error = {"code": 403, "message": "The caller does not have permission", "status": "DENIED"}
            return web.json_response({"error": error}, status=403)
        return web.json_response({"name": "spaces/A/messages/B"})

    async def _mattermost(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "Authorization", f"Bearer {TOKEN}"):
            return web.json_response({"id": "api.context.session_expired", "message": "Session"}, status=401)
        return web.json_response({"id": "post"}, status=201)

    async def _rocketchat(self, request: web.Request, body: bytes) -> web.StreamResponse:
        sent = json.loads(body)
        if request.path.endswith("/login"):
            if sent != {"user": "bot@example.com", "password": TOKEN}:
                return web.json_response({"status": "error", "message": "Unauthorized"}, status=401)
            self.given.append(f"rocket-{len(self.given)}")
            data = {"authToken": self.given[-1], "userId": "u1"}
            return web.json_response({"status": "success", "data": data})
        if request.headers.get("X-Auth-Token", "") not in self.given:
            return web.json_response({"status": "error", "message": "You must log in"}, status=401)
        return web.json_response({"success": True})

    async def _telegram(self, request: web.Request, body: bytes) -> web.StreamResponse:
        sent = json.loads(body)
        if request.path != f"/telegram/bot{TOKEN}/sendMessage":
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        if sent.get("parse_mode") == "Markdown" and sent["text"].count("_") % 2:
            text = "Bad Request: can't parse entities: Can't find end of the entity"
            return web.json_response({"ok": False, "error_code": 400, "description": text}, status=400)
        return web.json_response({"ok": True, "result": {"message_id": 1}})

    async def _webex(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "Authorization", f"Bearer {TOKEN}"):
            return web.json_response({"message": "The request requires a valid access token"}, status=401)
        return web.json_response({"id": "message"})

    async def _pushover(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if json.loads(body).get("token") != TOKEN:
            return web.json_response({"status": 0, "errors": ["application token is invalid"]}, status=400)
        return web.json_response({"status": 1, "request": "r"})

    async def _opsgenie(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "Authorization", f"GenieKey {TOKEN}"):
            return web.json_response({"message": "Could not authenticate"}, status=403)
        return web.json_response({"result": "Request will be processed"}, status=202)

    async def _pagerduty(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "Authorization", f"Token token={TOKEN}"):
            return web.json_response({"error": {"message": "Unauthorized"}}, status=401)
        return web.json_response({"incident": {"id": "I"}}, status=201)

    async def _pagerdutyv2(self, request: web.Request, body: bytes) -> web.StreamResponse:
        sent = json.loads(body)
        if sent.get("routing_key") != TOKEN:
            return web.json_response(
                {"status": "invalid event", "message": "Event object is invalid"}, status=400
            )
        return web.json_response({"status": "success", "dedup_key": sent["dedup_key"]}, status=202)

    async def _alertmanager(self, request: web.Request, body: bytes) -> web.StreamResponse:
        alerts = json.loads(body)
        is_fine = all(alert["labels"] and datetime.fromisoformat(alert["startsAt"]) for alert in alerts)
        return web.Response(status=200 if is_fine else 400)

    async def _grafana(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "Authorization", f"Bearer {TOKEN}"):
            return web.json_response({"message": "Invalid API key"}, status=401)
        return web.json_response({"message": "Annotation added", "id": 1})

    async def _newrelic(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not self._is(request, "X-Api-Key", TOKEN):
            return web.json_response({"error": {"title": "The API key is invalid"}}, status=401)
        return web.json_response({"deployment": {"id": 1}}, status=201)

    async def _pubsub(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.given:
            return web.json_response({"error": {"code": 401, "message": "invalid"}}, status=401)
        return web.json_response({"messageIds": ["1"]})

    async def _computeMetadata(self, request: web.Request, body: bytes) -> web.StreamResponse:  # noqa: N802
        if not self._is(request, "Metadata-Flavor", "Google"):
            return web.Response(status=403)
        return self._google_token()

    async def _google(self, request: web.Request, body: bytes) -> web.StreamResponse:
        form = dict(parse_qsl(body.decode()))
        try:
            token = jwt.decode(form["assertion"], RSAKey.import_key(self.key), ["RS256"])
        except (JoseError, KeyError, ValueError):
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert token.claims["aud"] == f"{self.url}/google/token"
        return self._google_token()

    def _google_token(self) -> web.StreamResponse:
        self.given.append(f"google-{len(self.given)}")
        return web.json_response({"access_token": self.given[-1], "expires_in": 3600})

    def google_key(self) -> str:
        return json.dumps(
            {
                "type": "service_account",
                "client_email": "robot@project.iam.gserviceaccount.com",
                "private_key": self.key,
                "token_uri": f"{self.url}/google/token",
            }
        )

    async def _sqs(self, request: web.Request, body: bytes) -> web.StreamResponse:
        if not _is_signed(request, body):
            return _aws_error("SignatureDoesNotMatch", "The request signature does not match", 403)
        sent, action = json.loads(body), request.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
        if action == "GetQueueUrl":
            if sent["QueueName"] == "missing":
                return _aws_error("QueueDoesNotExist", "The specified queue does not exist.", 400)
            account = sent.get("QueueOwnerAWSAccountId", "000000000000")
            return web.json_response({"QueueUrl": f"https://sqs.example/{account}/{sent['QueueName']}"})
        return web.json_response({"MessageId": "m"})

    async def _github(self, request: web.Request, body: bytes) -> web.StreamResponse:
        path = request.path.removeprefix("/github/api/v3")
        if path == "/app/installations/11/access_tokens":
            return self._installation(request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.given:
            return web.json_response({"message": "Bad credentials"}, status=401)
        sent = json.loads(body) if body else {}
        what = path.removeprefix("/repos/team/web/")
        return self._of_repository(request, what, sent)

    def _installation(self, request: web.Request) -> web.StreamResponse:
        try:
            shown = request.headers["Authorization"].removeprefix("Bearer ")
            claims = jwt.decode(shown, RSAKey.import_key(self.key), ["RS256"]).claims
        except (JoseError, KeyError, ValueError):
            return web.json_response({"message": "Bad credentials"}, status=401)
        assert claims["iss"] == "1234"
        assert claims["iat"] <= time.time() < claims["exp"]
        self.given.append(f"ghs-{len(self.given)}")
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return web.json_response({"token": self.given[-1], "expires_at": until}, status=201)

    def _of_repository(  # noqa: PLR0911
        self, request: web.Request, what: str, sent: Any
    ) -> web.StreamResponse:
        line = f"{request.method} {what}"
        if line == "GET deployments":
            wanted = {name: request.query[name] for name in ("ref", "environment") if name in request.query}
            found = [one for one in self.deployments if wanted.items() <= one.items()]
            return web.json_response(found)
        if line == "POST deployments":
            self.deployments.append({**sent, "id": 40 + len(self.deployments)})
            return web.json_response(self.deployments[-1], status=201)
        if what.startswith("commits/") and what.endswith("/pulls"):
            return web.json_response([{"number": number} for number in self.comments])
        if what.startswith("issues/") and what.endswith("/comments"):
            return self._comments(request, int(what.split("/")[1]), sent)
        if line.startswith("PATCH issues/comments/"):
            for comment in (one for of_number in self.comments.values() for one in of_number):
                if comment["id"] == int(what.rpartition("/")[2]):
                    comment["body"] = sent["body"]
                    return web.json_response(comment)
            return web.json_response({"message": "Not Found"}, status=404)
        if line == "POST dispatches":
            return web.Response(status=204)
        if what.startswith(("statuses/", "deployments/")) or what == "check-runs":
            return web.json_response({"id": 1}, status=201)
        return web.json_response({"message": "Not Found"}, status=404)

    def _comments(self, request: web.Request, number: int, sent: Any) -> web.StreamResponse:
        if request.method == "POST":
            comment = {"id": 100 * number + len(self.comments[number]), "body": sent["body"]}
            self.comments[number].append(comment)
            return web.json_response(comment, status=201)
        size, page = int(request.query["per_page"]), int(request.query.get("page", "1"))
        found = self.comments[number][size * (page - 1) : size * page]
        more = len(self.comments[number]) > size * page
        following = f"{self.url}{request.path}?per_page={size}&page={page + 1}"
        headers = {"Link": f'<{following}>; rel="next", <{following}>; rel="last"'} if more else {}
        return web.json_response(found, headers=headers)


def _aws_error(kind: str, words: str, status: int) -> web.StreamResponse:
    return web.json_response({"__type": f"com.amazonaws.sqs#{kind}", "message": words}, status=status)


def _is_signed(request: web.Request, body: bytes) -> bool:
    """Whether the signature is of this request: the description of AWS, read a second time."""
    told = dict(
        part.strip().split("=", 1) for part in request.headers["Authorization"].split(" ", 1)[1].split(",")
    )
    names = told["SignedHeaders"].split(";")
    if not {"host", "x-amz-date", "x-amz-target", "content-type"} <= set(names):
        return False
    access, *scope = told["Credential"].split("/")
    lines = [request.method, request.path, request.query_string]
    lines += [f"{name}:{request.headers[name].strip()}" for name in names]
    canonical = "\n".join([*lines, "", ";".join(names), hashlib.sha256(body).hexdigest()])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], "/".join(scope), hashed])
    key = b"AWS4" + SECRET.encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return access == ACCESS and hmac.compare_digest(expected, told["Signature"])
