"""Slack, by its Web API: chat.postMessage, and chat.update for messages that are kept up to date.

Messages with one `groupingKey` make a thread in each channel. Its first message is known while the process
lives; afterwards, and when somebody deleted it, a new thread is begun.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from fairlead.notices.senders.asking import Asker, as_json, bearer, encoded, refusal
from fairlead.notices.senders.fields import Transport, base_address, json_list, required
from fairlead.notices.senders.remembered import MOST_THREADS, Remembered, Steps
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

API = "https://slack.com/api"

_EMOJI = re.compile(r":.+:")
_MAY_PASS = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)

_GONE = frozenset({"message_not_found", "thread_not_found", "cant_update_message"})
"""The thread's first message is not there any more, or not ours."""


_CHANGED = ("text", "attachments", "blocks")
"""What an update changes."""


class SlackOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """`channels` and `signing_secret` are of the bot that the original once had."""

    token: Secret = Secret("")
    username: str = ""
    icon: str = ""
    channels: Any = None
    signing_secret: Secret = Secret("")
    api_url: str = msgspec.field(name="apiURL", default="")
    disable_unfurl: bool = False


class SlackBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for Slack; `attachments` and `blocks` are JSON."""

    username: str = ""
    icon: str = ""
    attachments: str = ""
    blocks: str = ""
    grouping_key: str = ""
    notify_broadcast: bool = False
    delivery_policy: str = ""


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """The first message of a thread: the channel's id, and the message's time, which is its id there."""

    channel: str
    ts: str


Threads = Remembered[tuple[str, str, str], Thread]


def threads() -> Threads:
    """For all Slack services of a process, by token, recipient and grouping key."""
    return Remembered(MOST_THREADS)


class _SlackError(DeliveryError):
    """With Slack's own word for what went wrong."""

    def __init__(self, word: str, words: str, *, may_pass: bool, after: float | None) -> None:
        super().__init__(words, may_pass=may_pass, after=after)
        self.word = word


class Slack:
    """Sends with one token."""

    def __init__(self, asker: Asker, options: SlackOptions, threads: Threads, steps: Steps) -> None:
        required("slack", token=options.token)
        self._asker = asker
        self._options = options
        self._api = base_address("slack", "apiURL", options.api_url, API)
        self._threads = threads
        self._steps = steps

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a channel by its name or id, or a person by their id."""
        block = block_of("slack", SlackBlock, message.blocks.get("slack"))
        content = self._content(message, block)
        if not block.grouping_key:
            await self._call("chat.postMessage", {"channel": recipient, **content})
            return
        key = (self._options.token.reveal(), recipient, block.grouping_key)
        thread = self._threads.get(key)
        done = self._steps.of(dedupe, *key)
        try:
            if thread is not None:
                await self._follow_up(thread, block, content, done)
                return
        except _SlackError as error:
            if error.word not in _GONE:
                raise
            self._threads.forget(key)
        if "thread" not in done:
            self._threads.put(key, await self._begin(recipient, content))
            done.add("thread")

    async def _begin(self, recipient: str, content: dict[str, Any]) -> Thread:
        found = await self._call("chat.postMessage", {"channel": recipient, **content})
        return Thread(channel=str(found.get("channel") or recipient), ts=str(found.get("ts") or ""))

    async def _follow_up(
        self, thread: Thread, block: SlackBlock, content: dict[str, Any], done: set[str]
    ) -> None:
        """Into the thread, over its first message, or both; a part that is done is not done again."""
        if {"thread", "updated"} & done:
            return
        if block.delivery_policy != "Update" and "posted" not in done:
            reply = {"channel": thread.channel, **content, "thread_ts": thread.ts}
            reply |= {"reply_broadcast": True} if block.notify_broadcast else {}
            await self._call("chat.postMessage", reply)
            done.add("posted")
        if block.delivery_policy in ("Update", "PostAndUpdate"):
            changed: dict[str, Any] = {"channel": thread.channel, "ts": thread.ts}
            changed |= {name: content[name] for name in _CHANGED if name in content}
            await self._call("chat.update", changed)
            done.add("updated")

    def _content(self, message: Message, block: SlackBlock) -> dict[str, Any]:
        content: dict[str, Any] = {"text": message.text}
        if username := block.username or self._options.username:
            content["username"] = username
        content |= _icon(block.icon or self._options.icon)
        if block.attachments.strip():
            content["attachments"] = json_list("slack.attachments", block.attachments)
        if block.blocks.strip():
            content["blocks"] = json_list("slack.blocks", block.blocks)
        if self._options.disable_unfurl:
            content |= {"unfurl_links": False, "unfurl_media": False}
        return content

    async def _call(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = as_json(bearer(self._options.token.reveal()))
        headers["Content-Type"] = "application/json; charset=utf-8"
        reply = await self._asker.ask("POST", f"{self._api}/{method}", body=encoded(body), headers=headers)
        found = reply.mapping()
        if reply.is_fine and found.get("ok") is True:
            return found
        word = str(found.get("error") or "")[:60]
        told = refusal(reply, word)
        if not reply.is_fine:
            raise _SlackError(word, told.words, may_pass=told.may_pass, after=told.after)
        if not word:
            raise DeliveryError(f"{reply.host} gave no answer that can be read", may_pass=True)
        raise _SlackError(word, _explained(word, body), may_pass=word in _MAY_PASS, after=None)


def _explained(word: str, body: dict[str, Any]) -> str:
    channel = str(body.get("channel"))[:80]
    if word == "channel_not_found":
        return f"channel_not_found: there is no channel {channel!r}, or the app may not see it"
    if word == "not_in_channel":
        return f"not_in_channel: invite the app to the channel {channel!r}"
    return word


def _icon(icon: str) -> dict[str, str]:
    """An emoji between colons, or a picture's address; anything else is left out."""
    if not icon:
        return {}
    if _EMOJI.fullmatch(icon):
        return {"icon_emoji": icon}
    try:
        is_address = urlsplit(icon).scheme in ("http", "https")
    except ValueError:
        is_address = False
    return {"icon_url": icon} if is_address else {}
