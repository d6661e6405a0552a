"""Telegram, as a bot of it."""

from __future__ import annotations

import re
from typing import Any

from fairlead.notices.senders.asking import Asker, Reply, as_json, encoded, refusal
from fairlead.notices.senders.fields import Transport, cut, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.secret import Secret

API = "https://api.telegram.org"
MOST_TEXT = 4096
"""Characters of a message."""
_CHAT = re.compile(r"(?P<chat>-\d{1,20})(?:\|(?P<thread>\d{1,18}))?")
_NAME = re.compile(r"@?(?P<name>\w{1,64})(?:\|(?P<thread>\d{1,18}))?", re.A)
_MARKUP = "can't parse entities"


class TelegramOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A bot's token."""

    token: Secret = Secret("")


class Telegram:
    """Sends as one bot."""

    def __init__(self, asker: Asker, options: TelegramOptions, api: str = API) -> None:
        required("telegram", token=options.token)
        self._asker = asker
        self._url = f"{api}/bot{options.token.reveal().strip()}/sendMessage"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To `-<chat id>`, with `|<thread>` if wanted, or a channel's name.

        A text that is no Markdown, as one `_` in a name makes it, is sent as it is.
        """
        del dedupe
        value = {**_place(recipient), "text": cut(message.text, MOST_TEXT)}
        reply = await self._post({**value, "parse_mode": "Markdown"})
        if reply.status == 400 and _MARKUP in str(reply.mapping().get("description")):
            reply = await self._post(value)
        if not reply.is_fine or reply.mapping().get("ok") is False:
            failure = refusal(reply)
            wait = reply.mapping().get("parameters") or {}
            after = wait.get("retry_after") if isinstance(wait, dict) else None
            after = float(after) if isinstance(after, int | float) else failure.after
            raise DeliveryError(failure.words, may_pass=failure.may_pass, after=after)

    async def _post(self, value: dict[str, Any]) -> Reply:
        return await self._asker.ask("POST", self._url, body=encoded(value), headers=as_json())


def _place(recipient: str) -> dict[str, Any]:
    if chat := _CHAT.fullmatch(recipient):
        place: dict[str, Any] = {"chat_id": int(chat["chat"])}
        return {**place, "message_thread_id": int(chat["thread"])} if chat["thread"] else place
    if name := _NAME.fullmatch(recipient):
        place = {"chat_id": f"@{name['name']}"}
        return {**place, "message_thread_id": int(name["thread"])} if name["thread"] else place
    words = (
        f"the recipient {recipient[:100]!r} is no chat such as -1000000000000 or -100|7, nor a channel's name"
    )
    raise DeliveryError(words, may_pass=False)
