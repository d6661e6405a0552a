"""Google Chat, by an incoming webhook of a space."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, chosen, digest, required, yaml_list
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

_REPLY = "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"


class GoogleChatOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """Webhooks by the name of a recipient."""

    webhooks: dict[str, Secret] = msgspec.field(default_factory=dict)


class GoogleChatBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says: cards are lists in YAML or JSON and stand in place of the message."""

    cards: str = ""
    cards_v2: str = msgspec.field(name="cardsV2", default="")
    thread_key: str = ""


class GoogleChat:
    """Sends to the webhooks of spaces."""

    def __init__(self, asker: Asker, options: GoogleChatOptions) -> None:
        required("googlechat", webhooks=options.webhooks)
        self._asker = asker
        self._options = options

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a name among `webhooks`."""
        url = chosen("googlechat", "webhook", self._options.webhooks, recipient)
        block = block_of("googlechat", GoogleChatBlock, message.blocks.get("googlechat"))
        key = digest(dedupe, recipient)
        query = {"requestId": f"fairlead-{key}"}
        if block.thread_key:
            query |= {"threadKey": block.thread_key, "messageReplyOption": _REPLY}
        reply = await self._asker.post(_with_query(url, query), content(message, block, key))
        error = reply.mapping().get("error")
        if isinstance(error, dict):
            words = f"{reply.host} did not take the message: {str(error.get('message'))[:200]}"
            raise DeliveryError(words, may_pass=error.get("code") in (429, 500, 503))


def content(message: Message, block: GoogleChatBlock, key: str) -> dict[str, Any]:
    """Cards, or else the text."""
    found: dict[str, Any] = {}
    if block.cards_v2.strip():
        cards = yaml_list("googlechat.cardsV2", block.cards_v2)
        found["cardsV2"] = [{"cardId": f"{key}-{at}", "card": card} for at, card in enumerate(cards)]
    if block.cards.strip():
        found["cards"] = yaml_list("googlechat.cards", block.cards)
    return found or {"text": message.text}


def _with_query(url: str, more: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *more.items()]
    return parts._replace(query=urlencode(query)).geturl()
