"""Queues and topics of clouds, a NATS of somebody's, and services that log in: who we are there."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fairlead.local.nats_server import NatsServer
from fairlead.notices.senders import Endpoints, Message, OptionError, Senders, Surroundings
from fairlead.notices.senders.fields import digest
from tests.fakes.receivers import ACCESS, SECRET, TOKEN, answers
from tests.integration.notices.senders.conftest import Stage


def key_pair() -> tuple[str, str]:
    """The seed of a user's nkey and its public form, as `nk -gen user` writes them."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()

    def written(content: bytes) -> str:
        return (
            base64.b32encode(content + binascii.crc_hqx(content, 0).to_bytes(2, "little"))
            .rstrip(b"=")
            .decode()
        )

    seed, user = 18 << 3, 20 << 3
    prefix = bytes([seed | user >> 5, (user & 31) << 3])
    return written(prefix + key.private_bytes_raw()), written(bytes([user]) + public)


SEED, PUBLIC = key_pair()


def sqs(stage: Stage, **more: Any) -> dict[str, Any]:
    return {"queue": "main", "region": "eu-west-1", "endpointUrl": f"{stage.services.url}/sqs", **more}


async def test_a_queue_is_looked_up_once_and_its_errors_are_told(stage: Stage) -> None:
    sender = stage.sender("awssqs", sqs(stage, key=ACCESS, secret=SECRET))
    for _ in range(2):
        await sender.send(Message(text="x"), "", dedupe="d")
    actions = [one.headers["X-Amz-Target"].rpartition(".")[2] for one in stage.services.asked]
    assert actions == ["GetQueueUrl", "SendMessage", "SendMessage"]
    given = sqs(stage, key=ACCESS, secret=SECRET)
    error = await stage.failure("awssqs", given, "missing")
    assert "QueueDoesNotExist: The specified queue does not exist." in error.words
    assert not error.may_pass
    error = await stage.failure("awssqs", given, "some.fifo")
    assert "needs awssqs.messageGroupId" in error.words
    error = await stage.failure("awssqs", given, "https://sqs.example/1/q")
    assert "no name of a queue" in error.words
    throttled = {"__type": "com.amazonaws.sqs#ThrottlingException", "message": "Rate exceeded"}
    stage.services.faults["/sqs/"] = [answers(400, throttled)]
    assert (await stage.failure("awssqs", given)).may_pass
    error = await stage.failure("awssqs", sqs(stage, key=ACCESS, secret="a-wrong-secret"))
    assert ("SignatureDoesNotMatch" in error.words, error.may_pass) == (True, False)


async def test_the_process_own_keys_and_region_are_the_operators(stage: Stage, tmp_path: Path) -> None:
    given: dict[str, Any] = {"queue": "main", "endpointUrl": f"{stage.services.url}/sqs"}
    environment = {
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    surroundings = Surroundings.read(environment.get)
    assert SECRET not in repr(surroundings)
    senders = Senders(stage.outbound, surroundings)
    await senders.sender_of("awssqs", given).send(Message(text="x"), "", dedupe="d")
    with pytest.raises(OptionError, match="region is none"):
        senders.sender_of("awssqs", given, own=False)
    with pytest.raises(OptionError, match="there is only one"):
        senders.sender_of("awssqs", sqs(stage, key=ACCESS))
    error = await stage.failure("awssqs", sqs(stage))
    assert "neither key and secret, nor AWS_ACCESS_KEY_ID, nor a role of the pod" in error.words
    await senders.close()


async def test_a_topic_is_published_to_with_the_key_of_an_account(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(stage.services.google_key())
    given = {"project": "my-project", "topic": "main", "keyFile": str(file)}
    await stage.send("gcppubsub", given, "other-topic")
    assert stage.services.lines()[-1] == "POST /pubsub/v1/projects/my-project/topics/other-topic:publish"
    surroundings = Surroundings(
        google_key_file=str(file), endpoints=Endpoints(pubsub=f"{stage.services.url}/pubsub")
    )
    senders = Senders(stage.outbound, surroundings)
    pod = {"project": "my-project", "topic": "main"}
    await senders.sender_of("gcppubsub", pod).send(Message(text="x"), "", dedupe="d")
    await senders.close()
    for more, words in (
        ({"keyFile": str(tmp_path / "none.json")}, "keyFile cannot be read: No such file"),
        ({"keyFile": '{"type": "service_account"}'}, "keyFile is not the key of a service account"),
        ({"keyFile": json.dumps({**json.loads(file.read_text()), "private_key": "x"})}, "private key in PEM"),
    ):
        error = await stage.failure("gcppubsub", {**given, **more})
        assert words in error.words
        assert str(tmp_path) not in error.words
    error = await stage.failure("gcppubsub", given, "../../other")
    assert "no name of a topic" in error.words


async def test_who_is_logged_out_logs_in_again(stage: Stage) -> None:
    given = {
        "serverUrl": f"{stage.services.url}/rocketchat",
        "email": "bot@example.com",
        "password": TOKEN,
    }
    sender = stage.sender("rocketchat", given)
    await sender.send(Message(text="x"), "#c", dedupe="1")
    stage.services.given[:] = [one for one in stage.services.given if not one.startswith("rocket")]
    await sender.send(Message(text="x"), "#c", dedupe="2")
    paths = [line.rpartition("/")[2] for line in stage.services.lines()]
    assert paths == ["login", "chat.postMessage", "chat.postMessage", "login", "chat.postMessage"]
    error = await stage.failure("rocketchat", {**given, "password": "a-wrong-password"}, "#c")
    assert ("Unauthorized" in error.words, error.may_pass) == (True, False)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def guarded_nats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    """With a user by password and one by nkey, who may publish on their own subjects alone."""
    folder = tmp_path_factory.mktemp("nats-of-others")
    users = f"""
        {{user: bot, password: {TOKEN}, permissions: {{publish: ["news.>"], subscribe: [">"]}}}},
        {{nkey: {PUBLIC}, permissions: {{publish: ["news.>"]}}}}
    """
    async with NatsServer(folder, users=f"authorization {{ users: [{users}] }}") as running:
        yield running


async def test_a_message_is_on_its_subject_with_headers_and_an_id(
    guarded_nats: NatsServer, stage: Stage
) -> None:
    url = guarded_nats.url
    client = await nats.connect(url, user="bot", password=TOKEN)
    waiting = await client.subscribe("news.>")
    await client.flush()
    given = {"url": url, "headers": {"X-A": 1}}
    await stage.send("nats", {**given, "username": "bot", "password": TOKEN}, "news.web", text="hello")
    await stage.send("nats", {**given, "nkey": SEED}, "news.db", text="by key")
    with_user = url.replace("://", f"://bot:{TOKEN}@")
    await stage.send("nats", {"url": f"nats://127.0.0.1:9,{with_user}"}, "news.third")
    async with asyncio.timeout(30):
        found = [await waiting.next_msg(20) for _ in range(3)]
    assert [(one.subject, one.data) for one in found] == [
        ("news.web", b"hello"),
        ("news.db", b"by key"),
        ("news.third", b"hello"),
    ]
    assert found[0].headers == {"X-A": "1", "Nats-Msg-Id": digest("once", "news.web")}
    await client.close()


async def test_what_nats_refuses_is_told(guarded_nats: NatsServer, stage: Stage) -> None:
    url = guarded_nats.url
    who = {"username": "bot", "password": TOKEN}
    for options, recipient, words in (
        ({**who}, "other.web", "permissions violation"),
        ({**who, "password": "a-wrong-password"}, "news.web", "Authorization Violation"),
        ({}, "news.web", "Authorization Violation"),
        ({"nkey": "SUnonsense"}, "news.web", "the nkey is no seed"),
        ({**who}, "news.>", "is no subject"),
        ({**who}, "news. web", "is no subject"),
        ({**who}, "", "is no subject"),
        ({**who, "url": url.replace("nats://", "tls://")}, "news.web", "offers no encryption"),
    ):
        error = await stage.failure("nats", {"url": url, **options}, recipient)
        assert words in error.words
        assert not error.may_pass
        assert TOKEN not in error.words
        assert "a-wrong-password" not in error.words
    error = await stage.failure("nats", {"url": "nats://127.0.0.1:9"}, "news.web")
    assert error.may_pass
    for wrong in ({"url": "http://x"}, {"url": ""}, {"url": url, "headers": {"a b": "c"}}):
        with pytest.raises(OptionError, match="service nats: "):
            stage.sender("nats", wrong)
