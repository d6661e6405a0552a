"""What goes wrong at a service becomes words: whether it may pass, when to come again, and no secret."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.matching.networks import Networks
from fairlead.notices.senders import DeliveryError, Message, OptionError, Senders
from fairlead.notices.senders import guarded as guard
from fairlead.outbound import Outbound
from tests.fakes.receivers import ACCESS, SECRET, TOKEN, Answer, answers, breaks, echoes, hangs
from tests.fakes.tls_front import over_tls
from tests.integration.notices.senders.conftest import LOOPBACK, Stage
from tests.integration.notices.senders.test_requests import ROWS, Row, at

ONE_EACH = tuple({row.kind: row for row in ROWS if row.kind != "webhook"}.values())
SECRETS = (TOKEN, SECRET, ACCESS, "unused", "dTpw")


def path_of(stage: Stage, row: Row) -> str:
    return row.line.partition(" ")[2]


async def failed(stage: Stage, row: Row, answer: Answer) -> DeliveryError:
    stage.services.always[path_of(stage, row)] = answer
    return await stage.failure(
        row.kind, at(row.options, stage), row.recipient, text=row.text, block=row.block
    )


@pytest.mark.parametrize("row", ONE_EACH, ids=lambda row: row.kind)
async def test_no_service_makes_words_that_hold_a_secret(stage: Stage, row: Row) -> None:
    error = await failed(stage, row, echoes)
    for secret in SECRETS:
        assert secret not in str(error)
        assert secret not in repr(error.__context__)
    assert "PRIVATE KEY" not in error.words
    assert error.words.startswith(f"{row.kind}: ")
    assert not error.may_pass
    assert error.__cause__ is None


@pytest.mark.parametrize("row", ONE_EACH, ids=lambda row: row.kind)
async def test_a_service_that_is_busy_is_asked_again_when_it_says(stage: Stage, row: Row) -> None:
    error = await failed(stage, row, answers(429, {}, retry_after="7"))
    if row.kind != "alertmanager":
        assert (error.may_pass, error.after) == (True, 7.0)
    assert "429" in error.words
    error = await failed(stage, row, answers(503, "down"))
    assert error.may_pass
    error = await failed(stage, row, answers(404, {"message": "there is no such thing"}))
    assert not error.may_pass
    assert "404" in error.words
    error = await failed(stage, row, breaks)
    assert error.may_pass
    assert "could not reach" in error.words


@pytest.mark.parametrize("row", ONE_EACH, ids=lambda row: row.kind)
async def test_a_redirect_carries_nothing_to_anybody(stage: Stage, row: Row) -> None:
    error = await failed(stage, row, answers(307, location=f"{stage.services.url}/hook/elsewhere"))
    assert not error.may_pass
    assert "redirects (307) to 127.0.0.1" in error.words
    assert "/hook/elsewhere" not in "".join(stage.services.lines())


async def test_a_service_that_hangs_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LONGEST", 0.3)
    stage.services.always["/hook"] = hangs
    error = await stage.failure("webhook", {"url": f"{stage.services.url}/hook"})
    assert error.may_pass
    assert "no end after" in error.words


async def test_an_alert_is_sent_when_one_member_has_it(stage: Stage) -> None:
    host = stage.services.url.rpartition("/")[2]
    options = {"targets": ["127.0.0.1:9", host], "apiPath": "alertmanager"}
    await stage.send("alertmanager", options, block={"labels": {"a": "b"}})
    assert stage.services.lines() == ["POST /alertmanager"]
    error = await stage.failure("alertmanager", {"targets": ["127.0.0.1:9"]}, block={"labels": {"a": "b"}})
    assert error.may_pass


async def test_certificates_are_checked_unless_the_options_say_otherwise(stage: Stage) -> None:
    outbound = Outbound(LOOPBACK)
    senders = Senders(outbound)
    async with over_tls(stage.services.port, stage.pki) as port:
        options: dict[str, Any] = {"url": f"https://127.0.0.1:{port}/hook", "retryMax": 1, "retryWaitMin": 1}
        await stage.send("webhook", options)
        with pytest.raises(DeliveryError, match="its certificate is not accepted"):
            await senders.sender_of("webhook", options).send(Message(text="x"), "", dedupe="d")
        insecure = {**options, "insecureSkipVerify": True}
        await senders.sender_of("webhook", insecure).send(Message(text="x"), "", dedupe="d")
    await outbound.close()
    await senders.close()


async def test_an_address_that_is_closed_is_not_asked(stage: Stage) -> None:
    outbound = Outbound(Networks())
    senders = Senders(outbound)
    message = Message(text="x", blocks={"alertmanager": {"labels": {"a": "b"}}})
    for kind, options in (
        ("webhook", {"url": f"{stage.services.url}/hook"}),
        ("webhook", {"url": "http://169.254.169.254/latest/meta-data"}),
        ("slack", {"token": TOKEN, "apiURL": stage.services.url}),
        ("alertmanager", {}),
        ("email", {"host": "localhost", "port": 25, "from": "a@example.com"}),
        ("nats", {"url": "nats://127.0.0.1:4222"}),
    ):
        with pytest.raises(DeliveryError, match="from where nothing is fetched") as caught:
            await senders.sender_of(kind, options).send(message, "a@example.com", dedupe="d")
        assert not caught.value.may_pass
    assert stage.services.asked == []
    await outbound.close()
    await senders.close()


async def test_the_identity_of_the_process_is_lent_to_nobody_else(stage: Stage) -> None:
    for kind, options in (
        ("awssqs", {"queue": "q", "region": "eu-west-1"}),
        ("gcppubsub", {"project": "my-project", "keyFile": "/var/run/secrets/key.json"}),
        ("gcppubsub", {"project": "my-project"}),
    ):
        with pytest.raises(OptionError, match=r"needs the fields|has to be a key itself"):
            stage.sender(kind, options, own=False)
    await stage.send("gcppubsub", {"project": "my-project", "topic": "main"})
    assert stage.services.lines()[0].startswith("GET /computeMetadata/v1/")


async def test_texts_that_a_secret_put_into_options_are_masked_too(stage: Stage) -> None:
    stage.services.always["/hook/by-a-secret"] = echoes
    options = {"url": f"{stage.services.url}/hook/by-a-secret", "retryMax": 1}
    error = await stage.failure("webhook", options, text="hello", hidden=["hello"])
    assert "hello" not in error.words
    assert "by-a-secret" not in error.words
