"""Whatever is sent to whichever row, the caller's mistake is the caller's: no traceback, no broken server."""

import asyncio
import random
import resource
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
import pytest

from fairlead.bus import RemoteError
from fairlead.events.envelope import encode
from fairlead.kube.rest import KubeClient
from fairlead.rpc import controller, repo
from fairlead.rpc.rendered import RenderedSet
from tests.integration.api_server.conftest import Answer, Door, application
from tests.rows import ROUTES, STREAMS, Row

ROUNDS = 30
HOSTILE = [
    "",
    "\x00",
    "\ud800",
    "..",
    "../../etc/passwd",
    "a/b",
    "%2e%2e",
    "\x1b]0;x\x07",
    "\u202e",
    "a" * 5000,
    "https://[::1",
    "://",
    "git@host:a",
    "default",
    "fuzzed",
    "*",
    "!*",
    "in-cluster",
    "https://kubernetes.default.svc",
    "-1",
    "99999999999999999999999999",
    "NaN",
    "true",
    "null",
    "{}",
    "[]",
    '[{"op":"add","path":"/spec/x","value":1}]',
    '[{"op":"copy","from":"","path":"/spec/a"}]',
    '{"spec":{"project":null}}',
    "json",
    "merge",
    "normal",
    "hard",
    "foreground",
]

SPEC: dict[str, Any] = {
    "project": "default",
    "sources": [
        {
            "repoURL": "https://git.example/team/config.git",
            "path": "apps/x",
            "targetRevision": "main",
            "ref": "r",
            "helm": {
                "parameters": [{"name": "a", "value": "b"}],
                "valuesObject": {"a": None},
                "valueFiles": ["v"],
            },
            "kustomize": {"images": ["a=b:c"], "patches": [{"target": {"kind": "Deployment"}, "patch": "x"}]},
            "directory": {"recurse": True, "jsonnet": {"tlas": [{"name": "a", "value": "b", "code": True}]}},
        }
    ],
    "source": {"repoURL": "https://git.example/team/config.git", "path": "apps/x", "chart": ""},
    "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    "syncPolicy": {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": ["CreateNamespace=true"],
        "retry": {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
        "managedNamespaceMetadata": {"labels": {"a": "b"}},
    },
    "ignoreDifferences": [{"group": "apps", "kind": "Deployment", "jsonPointers": ["/spec"], "name": "x"}],
    "info": [{"name": "a", "value": "b"}],
    "revisionHistoryLimit": 3,
}


class Dice:
    """Values by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a seed is what makes a failure repeatable

    def text(self) -> str:
        if self._random.random() < 0.8:
            return self._random.choice(HOSTILE)
        return "".join(self._random.choices(string.printable + "é\U0001f600", k=self._random.randrange(30)))

    def value(self, depth: int = 0) -> Any:
        roll = self._random.randrange(10 if depth < 5 else 6)
        scalars: list[Callable[[], Any]] = [
            lambda: None,
            lambda: self._random.random() < 0.5,
            lambda: self._random.choice([0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30]),
            lambda: self._random.choice([0.5, -1e308, 1e-308]),
            self.text,
            self.text,
        ]
        if roll < 6:
            return scalars[roll]()
        if roll < 8:
            return [self.value(depth + 1) for _ in range(self._random.randrange(4))]
        return {self.key(): self.value(depth + 1) for _ in range(self._random.randrange(5))}

    def key(self) -> str:
        known = ["metadata", "name", "spec", "source", "sources", "repoURL", "path", "project", "destination"]
        more = ["server", "namespace", "helm", "values", "syncPolicy", "automated", "labels", "annotations"]
        return self._random.choice([*known, *more, "finalizers", "retry", "limit", "status", "operation"])

    def request(self, kind: type[msgspec.Struct]) -> dict[str, Any]:
        """Fields of a request, most of them of the right type, some left out."""
        fields = msgspec.structs.fields(kind)
        return {
            f.encode_name: self.typed(f.encode_name, f.type) for f in fields if self._random.random() < 0.7
        }

    def typed(self, name: str, kind: Any) -> Any:
        if self._random.random() < 0.08:
            return self.value()
        if name in ("name", "applicationName"):
            return "fuzzed"
        if name in ("project", "appNamespace"):
            return ""
        if name in ("application", "spec"):
            return self.mutated(SPEC if name == "spec" else {"metadata": {"name": "fuzzed"}, "spec": SPEC})
        if name == "patch":
            return self.patch()
        simple: dict[Any, Callable[[], Any]] = {
            str: self.text,
            bool: lambda: self._random.random() < 0.5,
            int: lambda: self._random.choice([0, 1, 2, -1, 2**31, 2**63 - 1]),
            tuple[str, ...]: lambda: [self.text() for _ in range(self._random.randrange(4))],
            tuple[int, ...]: lambda: [
                self._random.randrange(-1, 4) for _ in range(self._random.randrange(3))
            ],
        }
        return simple[kind]() if kind in simple else self.value()

    def mutated(self, value: Any) -> Any:
        """The value with some of its parts replaced, left out or repeated."""
        if self._random.random() < 0.06:
            return self.value()
        if isinstance(value, dict):
            kept = {key: self.mutated(item) for key, item in value.items() if self._random.random() > 0.04}
            return kept | ({self.key(): self.value()} if self._random.random() < 0.05 else {})
        if isinstance(value, list):
            items = [self.mutated(item) for item in value]
            return items * self._random.choice([1, 1, 1, 2])
        return value

    def patch(self) -> str:
        verbs = ["add", "remove", "replace", "move", "copy", "test", "dance"]
        places = [
            "",
            "/spec",
            "/spec/source/path",
            "/metadata/name",
            "/status",
            "/x",
            "/spec/sources/0",
            "x",
            "/-",
        ]
        operations = [
            {
                "op": self._random.choice(verbs),
                "path": self._random.choice(places),
                "from": self._random.choice(places),
                "value": self.value(),
            }
            for _ in range(self._random.randrange(4))
        ]
        chosen = self._random.choice([operations, self.mutated({"spec": SPEC}), self.value()])
        return msgspec.json.encode(_encodable(chosen)).decode()

    def query(self, kind: type[msgspec.Struct]) -> str:
        names = [field.encode_name for field in msgspec.structs.fields(kind)] + ["fields", "validate"]
        names = [name for name in names if name != "refresh"]  # it waits for a controller, a minute each time
        chosen = self._random.sample(names, self._random.randint(0, min(3, len(names))))
        chosen = chosen if self._random.random() < 0.3 else []
        return urlencode([(name, self.text()[:500]) for name in chosen], errors="surrogatepass")

    def path(self, path: str) -> str:
        parts = []
        for part in path.split("/"):
            is_named = part.startswith("{") and self._random.random() < 0.7
            shown = self.text()[:300] if part.startswith("{") and not is_named else "fuzzed"
            parts.append(
                quote(shown or "x", safe="", errors="surrogatepass") if part.startswith("{") else part
            )
        return "/".join(parts)

    def body(self, route: Row) -> bytes:
        fields = {f.encode_name: f.type for f in msgspec.structs.fields(route.request)}
        is_spread = route.body == "*"
        value = self.request(route.request) if is_spread else self.typed(route.body, fields[route.body])
        text = msgspec.json.encode(_encodable(value))
        if self._random.random() < 0.15:
            at = self._random.randrange(len(text) + 1)
            text = text[:at] + bytes([self._random.randrange(256)]) + text[at:]
        return text


def _encodable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return value


@pytest.fixture
def others(scripted: dict[str, Answer]) -> None:
    """Repositories and renders are in order; everything else is refused, with one code or another."""
    codes = ("NotFound", "Unavailable", "Internal", "FailedPrecondition", "nonsense")

    async def refuse(_: str, payload: bytes) -> bytes:
        raise RemoteError(codes[len(payload) % len(codes)], "no \x1b[2J such thing")

    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision="0" * 40))

    async def generate(_: str, __: bytes) -> bytes:
        return encode(
            repo.GeneratedManifests(digest=RenderedSet(documents=()).digest, sources=(), documents=())
        )

    scripted.update({repo.TEST: test, repo.GENERATE: generate})
    verbs = (repo.DESCRIBE, controller.TREE, controller.MANAGED, controller.LIVE)
    scripted.update(dict.fromkeys(verbs, refuse))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.verb} {route.path}")
@pytest.mark.usefixtures("others")
async def test_a_row_takes_anything(
    route: Row, door: Door, kube: KubeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    if route.path.endswith(("/session", "/account/password")) and route.body:
        pytest.skip("each is a guess at a password, which is counted; what it takes is a few texts")
    await _fuzzed_application(door, kube)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "application/json"}
    for seed in range(ROUNDS):
        dice = Dice(seed)
        url = f"{door.url}{dice.path(route.path)}?{dice.query(route.request)}"
        data = dice.body(route) if route.body else None
        async with (
            asyncio.timeout(120),
            door.http.request(
                route.verb, _verbatim(url), headers=headers, data=data, allow_redirects=False
            ) as answer,
        ):
            text = await answer.read()
        said = (seed, url, data, answer.status, text[:500])
        assert answer.status != 500 or b"internal error" not in text, said
        assert answer.status < 600, said
    assert "api.operation.failed" not in "".join(capsys.readouterr())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 << 10
    assert (await door.ask("GET", "/api/v1/applications"))[0] == 200


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.path)
@pytest.mark.usefixtures("others")
async def test_a_stream_takes_anything(
    stream: Row, door: Door, kube: KubeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    await _fuzzed_application(door, kube)
    headers = {"Authorization": f"Bearer {door.token}"}
    for seed in range(ROUNDS):
        dice = Dice(seed)
        url = f"{door.url}{dice.path(stream.path)}?{dice.query(stream.request)}"
        async with (
            aiohttp.ClientSession() as http,
            asyncio.timeout(120),
            http.get(_verbatim(url), headers=headers) as answer,
        ):
            assert answer.status in (200, 400, 403, 404, 500, 503), (seed, url, answer.status)
            if answer.status != 200:
                assert b"internal error" not in await answer.read()
    assert "api.operation.failed" not in "".join(capsys.readouterr())


async def _fuzzed_application(door: Door, kube: KubeClient) -> None:
    if (await door.ask("GET", "/api/v1/applications/fuzzed"))[0] == 200:
        return
    await application(kube, "fuzzed")
    async with asyncio.timeout(60):
        while (await door.ask("GET", "/api/v1/applications/fuzzed"))[0] != 200:
            await asyncio.sleep(0.05)


def _verbatim(url: str) -> Any:
    from yarl import URL

    return URL(url, encoded=True)
