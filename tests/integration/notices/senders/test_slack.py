"""Slack: threads by a grouping key, messages kept up to date, Slack's own words for what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.receivers import TOKEN, answers
from tests.integration.notices.senders.conftest import Stage

POST, UPDATE = "POST /slack/api/chat.postMessage", "POST /slack/api/chat.update"


class Channel:
    """Sends to one channel of a key that is only this test's."""

    def __init__(self, stage: Stage, key: str, **block: Any) -> None:
        self.stage = stage
        self.options = {"token": TOKEN, "apiURL": f"{stage.services.url}/slack/api"}
        self.block = {"groupingKey": key, **block}
        self.sent = 0

    async def say(self, text: str, dedupe: str = "", **block: Any) -> None:
        self.sent += 1
        await self.stage.send(
            "slack",
            self.options,
            "news",
            text=text,
            block={**self.block, **block},
            dedupe=dedupe or f"{self.block['groupingKey']}-{self.sent}",
        )

    def told(self) -> list[tuple[str, str | None, str | None]]:
        """Of each request the method, and the message it is about."""
        return [
            (one.path.rpartition("/")[2], one.json.get("thread_ts"), one.json.get("ts"))
            for one in self.stage.services.asked
        ]


async def test_messages_of_one_key_are_one_thread_of_the_channel(stage: Stage) -> None:
    channel = Channel(stage, "thread")
    await channel.say("first", notifyBroadcast=True)
    await channel.say("second", notifyBroadcast=True)
    await channel.say("third")
    await Channel(stage, "another").say("apart")
    root = f"17000000{stage.services.messages - 3}.0001"
    assert channel.told() == [
        ("chat.postMessage", None, None),
        ("chat.postMessage", root, None),
        ("chat.postMessage", root, None),
        ("chat.postMessage", None, None),
    ]
    broadcasts = [one.json.get("reply_broadcast") for one in stage.services.asked]
    assert broadcasts == [None, True, None, None]


async def test_the_first_message_is_kept_up_to_date_where_the_policy_says(stage: Stage) -> None:
    channel = Channel(stage, "update", deliveryPolicy="Update")
    await channel.say("first", attachments="[]")
    await channel.say("second")
    root = f"17000000{stage.services.messages}.0001"
    assert channel.told() == [("chat.postMessage", None, None), ("chat.update", None, root)]
    assert stage.services.asked[-1].json == {"channel": "C024BE91L", "ts": root, "text": "second"}
    await channel.say("third", deliveryPolicy="PostAndUpdate")
    assert channel.told()[2:] == [("chat.postMessage", root, None), ("chat.update", None, root)]


async def test_a_reply_that_was_posted_is_not_posted_again_when_the_update_is_tried_again(
    stage: Stage,
) -> None:
    channel = Channel(stage, "half", deliveryPolicy="PostAndUpdate")
    await channel.say("first")
    stage.services.faults["/slack/api/chat.update"] = [answers(500)]
    with pytest.raises(Exception, match="status 500"):
        await channel.say("second", dedupe="d")
    await channel.say("second", dedupe="d")
    assert stage.services.lines() == [POST, POST, UPDATE, UPDATE]


@pytest.mark.parametrize("policy", ["Post", "Update"])
async def test_a_thread_whose_first_message_is_gone_is_begun_anew(stage: Stage, policy: str) -> None:
    channel = Channel(stage, f"gone-{policy}", deliveryPolicy=policy)
    await channel.say("first")
    stage.services.gone.add(f"17000000{stage.services.messages}.0001")
    await channel.say("second")
    await channel.say("third")
    assert len(stage.services.asked) == 4
    new = f"17000000{stage.services.messages - (policy == 'Post')}.0001"
    assert channel.told()[-1] == (
        ("chat.postMessage", new, None) if policy == "Post" else ("chat.update", None, new)
    )


async def test_slacks_words_are_explained(stage: Stage) -> None:
    options = {"token": TOKEN, "apiURL": f"{stage.services.url}/slack/api"}
    error = await stage.failure("slack", options, "nowhere")
    assert "there is no channel 'nowhere'" in error.words
    assert not error.may_pass
    error = await stage.failure("slack", {**options, "token": "xoxb-wrong-token"}, "news")
    assert error.words == "slack: invalid_auth"
    path = "/slack/api/chat.postMessage"
    stage.services.faults[path] = [
        answers(200, {"ok": False, "error": "service_unavailable"}),
        answers(200, "<html>"),
        answers(429, {"ok": False, "error": "ratelimited"}, Retry_After="30"),
    ]
    for after in (None, None, 30.0):
        error = await stage.failure("slack", options, "news")
        assert (error.may_pass, error.after) == (True, after)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"attachments": "[{"}, "slack.attachments is no JSON"),
        ({"blocks": '{"a": 1}'}, "slack.blocks is no JSON list"),
        ({"blocks": "[" * 5000}, "slack.blocks is no JSON"),
        ("text", "is no mapping of fields"),
        ({"notifyBroadcast": "perhaps"}, "notifyBroadcast has to be bool"),
        ({"username": ["a"]}, "username has to be str"),
    ],
)
async def test_nonsense_in_a_template_is_told_and_not_sent(stage: Stage, block: Any, words: str) -> None:
    options = {"token": TOKEN, "apiURL": f"{stage.services.url}/slack/api"}
    error = await stage.failure("slack", options, "news", block=block)
    assert words in error.words
    assert not error.may_pass
    assert stage.services.asked == []
