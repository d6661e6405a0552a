"""One way to ask for changes, and what they leave behind, to be compared with that of another way.

The invariant: whoever asks has names of its own, which are taken out of what is compared, as are moments,
identities, digests and tokens.
"""

import asyncio
import base64
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote, urlencode

import msgspec

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import METHODS
from fairlead.kube.rest import KubeClient
from fairlead.wire.encode import encode
from tests import wire_messages as google
from tests.integration.api_server.conftest import NAMESPACE, Document, Door, Named, held
from tests.transports import Native, RefusedError, ask_web_message
from tests.wire_json import said

WAYS = ("grpc", "grpc-web", "rest")
DEADLINE = 120
DIGEST = re.compile(r"-\d{6,}$")
"""The end of a name that is made of what it is for."""
CHANCE = re.compile(
    r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}"  # a hash of bcrypt's
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?"  # a moment
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # an identity
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]+"  # a token
    r"|\b1[789]\d{8}\b"  # seconds since 1970
)
BY_CHANCE = ("uid", "resourceVersion", "generation", "managedFields", "creationTimestamp", "iat", "exp")
_marks = itertools.count(1)

Outcome = tuple[str, Any]
Objects = dict[Named, Document]


class Writer:
    """Asks one way for things that carry a mark of its own."""

    def __init__(self, way: str, door: Door, kube: KubeClient) -> None:
        self.way = way
        self.mark = f"mark{next(_marks):04d}"
        self.asked: list[Any] = []
        self._door = door
        self._kube = kube

    @property
    def password(self) -> str:
        """Admin's."""
        return self._door.password

    def request(self, rpc: str) -> str:
        """The name of an RPC's request."""
        return METHODS[rpc].described.request

    def plain(self, obj: Document) -> Document:
        """An object to be compared with those of others."""
        return dict(self.unmarked(without_chance(changed(None, obj))))

    async def known(self, path: str) -> None:
        """Wait until the server answers for something."""
        async with asyncio.timeout(DEADLINE):
            while (await self._door.ask("GET", path))[0] != 200:
                await asyncio.sleep(0.05)

    def marked(self, value: Any) -> Any:
        """The same with the mark in place of `%`."""
        return json.loads(json.dumps(value).replace("%", self.mark))

    def unmarked(self, value: Any) -> Any:
        """The other way, to be compared with those of others."""
        return json.loads(json.dumps(value, sort_keys=True).replace(self.mark, "%"))

    async def ask(self, rpc: str, sent: Any) -> Outcome:
        """The answer or the refusal, without the mark."""
        row = METHODS[rpc]
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await self._answer(row, sent)
        except RefusedError as refused:
            return "refusal", self.unmarked([refused.code, unquote(refused.words)])
        return "answer", self.unmarked(without_chance(said(row.described.response, answer)))

    async def _answer(self, row: Method, sent: Any) -> Any:
        if self.way == "grpc":
            async with Native(self._door.url.removeprefix("http://"), self._door.token) as client:
                return await client.send(row.rpc, sent)
        if self.way == "grpc-web":
            return await ask_web_message(self._door.http, self._door.url, row.rpc, sent, self._door.token)
        route = row.described.routes[0]
        path, body = rest_request(route.path, route.body, said(row.described.request, sent))
        status, told = await self._door.ask(route.verb, path, body)
        answer = msgspec.convert(told, Document)
        if status != 200:
            raise RefusedError(answer["code"], answer["message"])
        name = row.described.response
        return google.kind(name).FromString(encode(name, answer))

    async def left(self, before: Objects) -> tuple[Objects, Document]:
        """What the namespace holds, and what of it is other than before, by kind and name."""
        now = await held(self._kube)
        found = {}
        for key in now.keys() | before.keys():
            one, other = before.get(key), now.get(key)
            if one is None or other is None or one["metadata"]["resourceVersion"] != _version(other):
                found[f"{key[0].kind} {DIGEST.sub('-DIGEST', key[1])}"] = changed(one, other)
        return now, dict(self.unmarked(without_chance(found)))

    async def seen(self) -> None:
        """Wait until the server sees the Application with the mark as the cluster has it."""
        async with asyncio.timeout(DEADLINE):
            while True:
                there = await self._kube.find(APPLICATIONS, self.mark, NAMESPACE)
                expected = _version(msgspec.json.decode(there)) if there else ""
                status, told = await self._door.ask("GET", f"/api/v1/applications/{self.mark}")
                known = _version(msgspec.convert(told, Document)) if status == 200 else ""
                if known == expected:
                    return
                await asyncio.sleep(0.02)


def _version(obj: Document) -> str:
    return str(obj["metadata"]["resourceVersion"])


def changed(before: Document | None, now: Document | None) -> Document:
    """What is in an object now and was not so before."""
    if now is None:
        return {"deleted": True}
    kept = ("labels", "annotations", "finalizers", "ownerReferences")
    shown = {key: value for key, value in now.items() if key not in ("metadata", "kind", "apiVersion")}
    shown["metadata"] = {key: value for key, value in now["metadata"].items() if key in kept}
    if now.get("type"):  # of a Secret
        data = now.get("data") or {}
        shown["data"] = {key: base64.b64decode(value).decode() for key, value in data.items()}
    if before is None:
        return shown
    old = before.get("data") or {}
    raw = now.get("data") or {}
    data = {key: value for key, value in shown.get("data", {}).items() if old.get(key) != raw.get(key)}
    return {**shown, "data": {**data, **dict.fromkeys(old.keys() - raw.keys())}}


def without_chance(value: Any) -> Any:
    """The same without moments, identities, digests and tokens."""
    if isinstance(value, dict):
        return {key: without_chance(inner) for key, inner in value.items() if key not in BY_CHANCE}
    if isinstance(value, list):
        return [without_chance(inner) for inner in value]
    return CHANCE.sub("CHANCE", value) if isinstance(value, str) else value


def rest_request(path: str, body: str, fields: Document) -> tuple[str, Any]:
    """The path with its query, and the body, that say what a message says in JSON."""
    left = {key: value for key, value in fields.items() if key != body}

    def place(match: re.Match[str]) -> str:
        value: Any = fields
        for part in match[1].split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        if "." not in match[1]:
            left.pop(match[1], None)
        return quote(str(value), safe="")

    filled = re.sub(r"\{([\w.]+)(?:=\*\*)?\}", place, path)
    if body == "*":
        return filled, left
    query = list(flat(left))
    return (f"{filled}?{urlencode(query)}" if query else filled), fields.get(body)


def flat(fields: Document, outer: str = "") -> Iterator[tuple[str, str]]:
    """The keys and values of a query."""
    for key, value in fields.items():
        if isinstance(value, dict):
            yield from flat(value, f"{outer}{key}.")
        else:
            for item in value if isinstance(value, list) else [value]:
                yield f"{outer}{key}", str(item).lower() if isinstance(item, bool) else str(item)
