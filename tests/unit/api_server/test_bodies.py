"""Nobody fills this server's memory or keeps others out with bodies, on real connections."""

import asyncio
import hashlib
import hmac
import io
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.api_server.webhook.receive import Webhook
from fairlead.events.revision_check import RevisionCheck
from fairlead.process.body import Budget, BusyError, TooLargeError
from fairlead.secret import Secret

FOLLOWED = "git.example/team/config"
PUSH = b'{"ref": "refs/heads/main", "repository": {"html_url": "https://git.example/team/config"}}'
KEY = "correct horse"


class Events:
    """What is published."""

    def __init__(self) -> None:
        self.checks: list[RevisionCheck] = []

    async def publish(self, _: str, event: RevisionCheck) -> None:
        self.checks.append(event)


class Hooks:
    """A webhook's server, and what becomes of what it takes."""

    def __init__(self, url: str, port: int, events: Events, secrets: dict[str, str]) -> None:
        self.url, self.port, self.events, self.secrets = url, port, events, secrets

    async def send(self, body: bytes, **headers: str) -> tuple[int, str]:
        sent = {"X-GitHub-Event": "push", **{k.replace("_", "-"): v for k, v in headers.items()}}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.url, data=io.BytesIO(body), headers=sent) as answer,
        ):
            return answer.status, await answer.text()

    async def promise(self, size: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Begin a body of so many bytes and send one of them."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"POST / HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\nContent-Length: {size}\r\n\r\n{{"
        writer.write(head.encode())
        await writer.drain()
        return reader, writer


@pytest_asyncio.fixture(params=[False])
async def hooks(request: pytest.FixtureRequest) -> AsyncIterator[Hooks]:
    events, secrets = Events(), {}
    webhook = Webhook(
        events,
        lambda key: Secret(secrets.get(key, "")),
        lambda: 50,
        lambda repository: repository == FOLLOWED,
        is_local=request.param,
    )
    app = web.Application()
    app.router.add_route("*", "/", webhook.handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield Hooks(f"http://127.0.0.1:{port}/", port, events, secrets)
    await runner.cleanup()


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


async def test_slow_senders_that_promise_much_keep_nobody_out_and_are_cut(hooks: Hooks) -> None:
    hooks.secrets["webhook.github.secret"] = KEY
    slow = [await hooks.promise(50 << 20) for _ in range(8)]
    assert await hooks.send(PUSH, X_Hub_Signature_256=signed(PUSH)) == (200, "")
    assert [check.repository for check in hooks.events.checks] == [FOLLOWED]
    async with asyncio.timeout(60):
        for reader, writer in slow:
            assert b" 400 " in await reader.readline()
            writer.close()


async def test_a_sender_who_drips_is_cut_although_something_always_comes(hooks: Hooks) -> None:
    reader, writer = await hooks.promise(1 << 20)

    async def drip() -> None:
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.2)

    dripping = asyncio.create_task(drip())
    started = time.monotonic()
    async with asyncio.timeout(60):
        assert b" 400 " in await reader.readline()
    assert time.monotonic() - started > 4
    dripping.cancel()
    writer.close()


async def test_who_proves_nothing_may_send_little(hooks: Hooks) -> None:
    large = PUSH[:-1] + b', "x": "' + b"x" * (2 << 20) + b'"}'
    words = "Webhook processing failed: payload must be valid JSON under {} MB"
    assert await hooks.send(large) == (400, words.format(2))
    hooks.secrets["webhook.github.secret"] = KEY
    assert await hooks.send(large, X_Hub_Signature_256=signed(large)) == (200, "")
    assert (await hooks.send(b"x" * 100, X_Hub_Signature_256=signed(PUSH)))[0] == 400
    assert (await hooks.send(large))[0] == 400


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com",
        "https://git.example.com/",
        "://",
        "https://[::1",
        "https:///team/config",
        "team/config",
        "/srv/git/config",
        "https://git.example/team/config\x00",
        "https://git.example/" + "a" * 3000,
        "https://git.example/%1b%5b2J",
    ],
)
async def test_an_address_that_names_no_repository_is_refused(address: str, hooks: Hooks) -> None:

    body = json.dumps({"ref": "refs/heads/main", "repository": {"html_url": address}}).encode()
    assert await hooks.send(body) == (400, "Webhook processing failed")
    assert not hooks.events.checks


async def test_a_repository_that_no_application_names_is_ignored(hooks: Hooks) -> None:
    body = PUSH.replace(b"team/config", b"team/other")
    assert await hooks.send(body) == (200, "")
    assert not hooks.events.checks


async def test_refs_that_are_none_ask_for_all_refs(hooks: Hooks) -> None:
    body = PUSH.replace(b"refs/heads/main", b"refs/heads/" + b"a" * 5000)
    assert await hooks.send(body) == (200, "")
    assert hooks.events.checks[0].refs == ()


async def test_deep_json_is_refused(hooks: Hooks) -> None:
    body = PUSH[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert (await hooks.send(body))[0] == 400


async def test_unsigned_floods_are_answered_429_and_signed_pushes_still_come_through(hooks: Hooks) -> None:
    answers = [(await hooks.send(PUSH))[0] for _ in range(80)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert len(hooks.events.checks) < 60
    hooks.secrets["webhook.github.secret"] = KEY
    before = len(hooks.events.checks)
    assert await hooks.send(PUSH, X_Hub_Signature_256=signed(PUSH)) == (200, "")
    assert len(hooks.events.checks) == before + 1


PLAIN = b'{"repoURL": "https://git.example/team/config.git"}'


async def plain(hooks: Hooks, **headers: str) -> tuple[int, str]:
    sent = {"Content-Type": "application/json", **headers}
    async with aiohttp.ClientSession() as http, http.post(hooks.url, data=PLAIN, headers=sent) as answer:
        return answer.status, await answer.text()


async def test_the_plain_form_is_no_open_door_beside_a_providers_secret(hooks: Hooks) -> None:
    hooks.secrets["webhook.github.secret"] = KEY
    words = "Webhook processing failed: the plain form needs webhook.plain.secret in argocd-secret"
    assert await plain(hooks) == (400, words)
    assert not hooks.events.checks
    hooks.secrets["webhook.plain.secret"] = KEY
    assert (await plain(hooks))[0] == 400
    assert await plain(hooks, Authorization=f"Bearer {KEY}") == (200, "")


@pytest.mark.parametrize("hooks", [True], indirect=True)
async def test_on_this_machine_alone_the_plain_form_needs_no_secret_until_one_is_set(hooks: Hooks) -> None:
    assert set(await asyncio.gather(*(plain(hooks) for _ in range(100)))) == {(200, "")}
    hooks.secrets["webhook.plain.secret"] = KEY
    assert (await plain(hooks))[0] == 400


def test_a_few_large_bodies_leave_room_for_small_ones_and_everything_is_given_back() -> None:
    budget = Budget(4 << 20, 2 << 20)
    whole = budget.left
    budget.take(0, 3 << 20)
    with pytest.raises(BusyError):
        budget.take(0, 2 << 20)
    budget.take(0, 1 << 20)
    budget.give(3 << 20)
    budget.give(1 << 20)
    assert budget.left == whole
    assert str(TooLargeError(8 << 10)) == "the body is larger than 8 KB"
