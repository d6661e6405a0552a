"""Every RPC with bytes that are nearly its message: refused or answered, soon, and with nobody held up."""

import asyncio
import re

import grpc
import grpc.aio
import pytest

from fairlead.api_server.grpc.invoke import METHODS_OF_GRPC
from fairlead.api_server.methods.method import Method
from fairlead.bus import RemoteError
from fairlead.rpc import access, clusters, controller, logs, repo, resource
from tests.integration.api_server.conftest import Answer, Door
from tests.integration.api_server.test_floods import ATTEMPTS, HELD
from tests.lag import Lag
from tests.transports import Native
from tests.wire_noise import Noise

ROUNDS = 16
SECONDS = 90.0
SHORT = 1.0
"""Seconds for which a stream is listened to."""
GUESSED = {"/session.SessionService/Create", "/account.AccountService/UpdatePassword"}
"""Each whole message is a guess at a password, which is counted and takes long on purpose."""
OURS = {grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.DEADLINE_EXCEEDED}
"""What is never the caller's mistake."""
CLIENTS_OWN = "Internal error from Core"
"""What grpcio says itself when it goes on sending to a call that has ended."""
REFRESHED = re.compile(rb"normal|hard")
ROWS = [row for row in METHODS_OF_GRPC.values() if row.rpc not in GUESSED]


@pytest.fixture
def others(scripted: dict[str, Answer]) -> None:
    """Everybody else is there and refuses."""

    async def refuse(_: str, payload: bytes) -> bytes:
        raise RemoteError(("NotFound", "FailedPrecondition", "InvalidArgument")[len(payload) % 3], "no")

    found = [
        getattr(module, name)
        for module in (access, clusters, controller, logs, repo, resource)
        for name in dir(module)
        if name.isupper() and isinstance(getattr(module, name), str)
    ]
    scripted.update(dict.fromkeys(found, refuse))


async def status(client: Native, row: Method, sent: list[bytes]) -> grpc.StatusCode:
    """The status of a call with these messages; of a stream that goes on, OK."""
    kind = row.described.kind
    form = {
        "unary": client.channel.unary_unary,
        "server-stream": client.channel.unary_stream,
        "client-stream": client.channel.stream_unary,
        "bidi-stream": client.channel.stream_stream,
    }[kind]
    asking = form(row.rpc)
    whole = iter(sent) if kind in ("client-stream", "bidi-stream") else sent[0]
    call = asking(whole, metadata=client.metadata, timeout=SHORT if "stream" in kind else SECONDS)
    try:
        if kind in ("unary", "client-stream"):
            await call
        else:
            async for _ in call:
                pass
    except grpc.aio.AioRpcError as error:
        if error.details() == CLIENTS_OWN:
            return grpc.StatusCode.CANCELLED
        is_going_on = error.code() is grpc.StatusCode.DEADLINE_EXCEEDED and "stream" in kind
        return grpc.StatusCode.OK if is_going_on else error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rpc)
@pytest.mark.usefixtures("others")
async def test_bytes_that_are_nearly_a_message_are_the_callers_mistake(
    row: Method, door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds = ROUNDS if "stream" not in row.described.kind else 3
    async with Native(door.url.removeprefix("http://"), door.token) as client, Lag() as lag:
        for seed in range(rounds):
            noise = Noise(seed)
            sent = [REFRESHED.sub(b"x", noise.message(row.described.request)) for _ in range(3)]
            for _ in range(ATTEMPTS):
                lag.taken()
                found = await status(client, row, sent)
                assert found not in OURS, (seed, [data.hex() for data in sent])
                if (held := lag.taken()) < HELD:
                    break
            assert held < HELD, (seed, held)
    assert "api.operation.failed" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("rpc", sorted(GUESSED))
async def test_no_password_is_tried_of_what_is_no_message(rpc: str, door: Door) -> None:
    row = METHODS_OF_GRPC[rpc]
    async with Native(door.url.removeprefix("http://"), door.token) as client, asyncio.timeout(SECONDS):
        for seed in range(ROUNDS):
            noise = Noise(seed)
            sent = noise.with_false_sizes(row.described.request)
            assert await status(client, row, [sent]) is grpc.StatusCode.INVALID_ARGUMENT
