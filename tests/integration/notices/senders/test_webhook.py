"""Webhooks: what is tried again and how long is waited, redirects, methods and paths."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from aiohttp import web

from fairlead.notices.senders import DeliveryError, Message, OptionError, asking
from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.shapes import options_of
from fairlead.notices.senders.webhook import Webhook, WebhookOptions
from tests.fakes.receivers import answers, breaks
from tests.integration.notices.senders.conftest import Stage

POST = {"webhook": {"hook": {"method": "POST", "body": "x"}}}


class Hook:
    """One webhook that does not sleep."""

    def __init__(self, stage: Stage, path: str = "/hook", **options: Any) -> None:
        self.slept: list[float] = []
        given = {"url": f"{stage.services.url}{path}", **options}
        read = options_of("webhook", WebhookOptions, given)
        self.webhook = Webhook(Asker(stage.outbound), read, "hook", self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def send(self, blocks: Any = None) -> None:
        await self.webhook.send(Message(text="m", blocks=blocks or POST), "", dedupe="d")


async def test_what_may_pass_is_tried_again_after_growing_waits(stage: Stage) -> None:
    hook = Hook(stage)
    stage.services.faults["/hook"] = [answers(500), answers(429), breaks]
    await hook.send()
    assert hook.slept == [1.0, 2.0, 4.0]
    hook = Hook(stage, retryMax=1, retryWaitMin=2_000_000_000, retryWaitMax=3_000_000_000)
    stage.services.faults["/hook"] = [answers(500), answers(502)]
    with pytest.raises(DeliveryError, match="status 502") as caught:
        await hook.send()
    assert caught.value.may_pass
    assert hook.slept == [2.0]
    keys = {one.headers["Idempotency-Key"] for one in stage.services.asked}
    assert len(keys) == 1


async def test_what_is_sent_is_the_message_unless_the_block_has_a_body(stage: Stage) -> None:
    hook = Hook(stage)
    for block in ({"method": "POST"}, {"method": "POST", "body": "x"}):
        await hook.send({"webhook": {"hook": block}})
    assert [one.body for one in stage.services.asked] == [b"m", b"x"]
    assert not any("Content-Type" in one.headers for one in stage.services.asked)


async def test_a_wait_that_is_asked_for_is_kept_or_handed_on(stage: Stage) -> None:
    hook = Hook(stage)
    stage.services.faults["/hook"] = [answers(503, Retry_After="9"), answers(429, Retry_After="900")]
    with pytest.raises(DeliveryError) as caught:
        await hook.send()
    assert hook.slept == [9.0]
    assert caught.value.after == 900.0


async def test_what_is_wrong_stays_wrong(stage: Stage) -> None:
    hook = Hook(stage)
    stage.services.always["/hook"] = answers(400, {"message": "no such field"})
    with pytest.raises(DeliveryError, match="400: no such field") as caught:
        await hook.send()
    assert not caught.value.may_pass
    assert len(stage.services.asked) == 1


async def test_a_redirect_after_the_work_is_done_is_fine_and_one_before_is_not(stage: Stage) -> None:
    other = "http://other.example/hook"
    for status, place, is_taken in (
        (303, "/elsewhere", True),
        (302, "/hook/result", True),
        (302, other, False),
        (302, "/hook", False),
        (301, "/hook/result", False),
        (308, "/hook/result", False),
    ):
        stage.services.always["/hook"] = answers(status, Location=place)
        if is_taken:
            await Hook(stage).send()
            continue
        with pytest.raises(DeliveryError, match="configure the address itself"):
            await Hook(stage).send()
    assert {one.path for one in stage.services.asked} == {"/hook"}
    stage.services.always["/hook"] = answers(302, Location="/hook/result")
    await Hook(stage).send({"webhook": {"hook": {}}})
    assert stage.services.lines()[-1] == "GET /hook/result"


async def test_a_body_that_nobody_needs_does_not_fail_what_was_taken(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "BODY", 0.3)

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"x")
                await asyncio.sleep(0.02)
        return response

    async def cut_off(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        assert request.transport is not None
        request.transport.abort()
        return response

    for answer in (answers(200, b"x" * 1_000_000), endless, cut_off):
        stage.services.always["/hook"] = answer
        hook = Hook(stage)
        await hook.send()
        assert hook.slept == []


async def test_only_the_block_of_its_name_is_a_webhooks(stage: Stage) -> None:
    await Hook(stage).send({"webhook": {"another": {"method": "POST"}}})
    assert stage.services.lines() == ["GET /hook"]
    with pytest.raises(DeliveryError, match="method is none of"):
        await Hook(stage).send({"webhook": {"hook": {"method": "BREW"}}})
    with pytest.raises(DeliveryError, match="characters that no address has"):
        await Hook(stage).send({"webhook": {"hook": {"path": "a\r\nHost: evil"}}})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs the field url"),
        ({"url": "ftp://x"}, "url is no address"),
        ({"url": "https://"}, "url is no address"),
        ({"url": ["https://x.example"]}, "url"),
        ({"url": "https://x.example", "headers": [{"value": "x"}]}, "headers[0] needs the field name"),
        ({"url": "https://x.example", "headers": [{"name": "a\nb", "value": "x"}]}, "no header has"),
        ({"url": "https://x.example", "headers": {"a": "b"}}, "headers has to be array"),
        ({"url": "https://x.example", "basicAuth": "u:p"}, "basicAuth has to be object"),
        ({"url": "https://x.example", "retryWaitMin": "soon"}, "nanoseconds"),
        ({"url": "https://x.example", "retryWaitMax": -1}, "nanoseconds"),
        ({"url": "https://x.example", "retryMax": "many"}, "retryMax has to be int"),
    ],
)
def test_nonsense_in_the_options_is_refused_in_words(
    stage: Stage, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(OptionError) as caught:
        stage.sender("webhook", options)
    assert words in caught.value.words
    assert caught.value.words.startswith("service webhook: ")
