"""Microsoft Teams, by an incoming webhook of a channel: the older cards of connectors."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker, as_json, encoded, explanation, refusal
from fairlead.notices.senders.fields import Transport, chosen, json_list, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

_BUSY = ("429", "throttl", "500", "502", "503", "504")
"""What Teams writes into an answer whose status says that all was fine."""


class TeamsOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """Webhooks by the name of a recipient."""

    recipient_urls: dict[str, Secret] = msgspec.field(default_factory=dict)


class TeamsBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for Teams: `facts`, `sections` and `potential_action` are JSON lists, `template`
    is the whole body."""

    template: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    theme_color: str = ""
    facts: str = ""
    sections: str = ""
    potential_action: str = ""


class Teams:
    """Sends to the webhooks of channels."""

    def __init__(self, asker: Asker, options: TeamsOptions) -> None:
        required("teams", recipientUrls=options.recipient_urls)
        self._asker = asker
        self._options = options

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a name among `recipientUrls`."""
        del dedupe
        url = chosen("teams", "webhook", self._options.recipient_urls, recipient)
        block = block_of("teams", TeamsBlock, message.blocks.get("teams"))
        body = block.template.encode() or encoded(card(message, block))
        reply = await self._asker.ask("POST", url, body=body, headers=as_json())
        if not reply.is_fine:
            raise refusal(reply)
        said = reply.body.decode("utf-8", "replace").strip()
        if said not in ("", "1"):
            words = explanation(reply) or said[:200]
            busy = any(word in said.lower() for word in _BUSY)
            raise DeliveryError(f"{reply.host} did not take the message: {words}", may_pass=busy)


def card(message: Message, block: TeamsBlock) -> dict[str, Any]:
    """The message card."""
    found: dict[str, Any] = {
        "@type": "MessageCard",
        "context": "https://schema.org/extensions",
        "title": block.title,
        "summary": block.summary,
        "text": block.text or message.text,
    }
    if block.theme_color:
        found["themeColor"] = block.theme_color
    if block.potential_action.strip():
        found["potentialAction"] = json_list("teams.potentialAction", block.potential_action)
    sections = json_list("teams.sections", block.sections) if block.sections.strip() else []
    if block.facts.strip():
        sections.append({"facts": json_list("teams.facts", block.facts)})
    if sections:
        found["sections"] = sections
    return found
