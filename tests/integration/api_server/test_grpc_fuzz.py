"""Whatever is sent to whichever RPC over gRPC, the caller's mistake is the caller's."""

import random
from typing import Any

import aiohttp
import pytest

from fairlead.api_server.methods.method import Method
from fairlead.api_server.methods.table import ROWS
from fairlead.bus import RemoteError
from fairlead.kube.rest import KubeClient
from fairlead.rpc import controller, repo
from tests import wire_messages as google
from tests.integration.api_server.conftest import Answer, Door
from tests.integration.api_server.test_fuzz import HOSTILE
from tests.transports import WEB, framed, frames

ROUNDS = 12
WAITS = {"/session.SessionService/Create", "/account.AccountService/UpdatePassword"}
"""Each is a guess at a password, which is counted."""
MILD = [text for text in HOSTILE if text not in ("normal", "hard")]
"""A refresh waits for a controller, a minute each time."""


class Dice:
    """Messages by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a seed is what makes a failure repeatable

    def scalar(self, kind: str) -> Any:
        dice = self._random
        match kind:
            case "string":
                return dice.choice(MILD).encode(errors="replace").decode()
            case "bytes":
                return dice.randbytes(dice.randrange(20))
            case "bool":
                return dice.random() < 0.5
            case "int32":
                return dice.choice([0, 1, -1, 2**31 - 1, -(2**31)])
            case "uint64":
                return dice.choice([0, 1, 2**64 - 1])
        return dice.choice([0, 1, -1, 2**63 - 1, -(2**63), 1_800_000_000])

    def message(self, name: str, depth: int = 0) -> Any:
        made = google.kind(name)()
        for _, field, label, kind, *_ in google.rows(name):
            if label != "required" and self._random.random() < (0.4 if depth < 3 else 0.9):
                continue
            is_scalar = kind not in google.names()
            if depth > 5 and not is_scalar and label != "required":
                continue
            count = self._random.randrange(3) if label == "repeated" else 1
            for _ in range(count):
                value = self.scalar(kind) if is_scalar else self.message(kind, depth + 1)
                if label == "repeated":
                    getattr(made, field).append(value)
                elif is_scalar:
                    setattr(made, field, value)
                else:
                    getattr(made, field).CopyFrom(value)
        return made

    def spoiled(self, data: bytes) -> bytes:
        """The bytes, sometimes with some of them others."""
        if self._random.random() < 0.7 or not data:
            return data
        at = self._random.randrange(len(data))
        return data[:at] + self._random.randbytes(3) + data[at + self._random.randrange(4) :]


@pytest.fixture
def others(scripted: dict[str, Answer]) -> None:
    """Everybody else refuses."""

    async def refuse(_: str, payload: bytes) -> bytes:
        raise RemoteError(("NotFound", "Unavailable", "Internal", "nonsense")[len(payload) % 4], "no \x1b[2J")

    verbs = (repo.DESCRIBE, repo.TEST, repo.GENERATE, controller.TREE, controller.MANAGED, controller.LIVE)
    scripted.update(dict.fromkeys(verbs, refuse))


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.described.kind == "unary" and row.rpc not in WAITS],
    ids=lambda r: r.rpc,
)
@pytest.mark.usefixtures("others")
async def test_an_rpc_takes_anything(
    row: Method, door: Door, kube: KubeClient, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {"Content-Type": WEB, "token": door.token}
    for seed in range(ROUNDS):
        dice = Dice(seed)
        data = dice.spoiled(dice.message(row.described.request).SerializePartialToString())
        async with door.http.post(
            door.url + row.rpc, data=framed(data), headers=headers, timeout=aiohttp.ClientTimeout(150)
        ) as answer:
            said = frames(await answer.read())
        shown = (seed, data.hex(), dict(answer.headers))
        assert answer.status == 200, shown
        assert said[-1][0] == 0x80, shown
        assert "internal error" not in answer.headers.get("Grpc-Message", ""), shown
    assert "api.operation.failed" not in "".join(capsys.readouterr())
    assert (await door.ask("GET", "/api/v1/applications"))[0] == 200
