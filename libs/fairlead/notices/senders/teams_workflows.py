"""Microsoft Teams, by a workflow that awaits a webhook: adaptive cards, which replace those of connectors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from fairlead.notices.senders.asking import Asker, as_json, encoded, taken
from fairlead.notices.senders.fields import chosen, json_list, json_value, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.notices.senders.teams import TeamsBlock, TeamsOptions

_CARD = "application/vnd.microsoft.card.adaptive"


class WorkflowsOptions(TeamsOptions, frozen=True, kw_only=True, rename="camel"):
    """With `raw_card_payload` the card is the body, without what goes round it."""

    raw_card_payload: bool = False


class WorkflowsBlock(TeamsBlock, frozen=True, kw_only=True, rename="camel"):
    """As for Teams; `adaptive_card` is the whole card."""

    adaptive_card: str = ""


class TeamsWorkflows:
    """Sends to the workflows of channels."""

    def __init__(self, asker: Asker, options: WorkflowsOptions) -> None:
        required("teams-workflows", recipientUrls=options.recipient_urls)
        self._asker = asker
        self._options = options

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a name among `recipientUrls`."""
        del dedupe
        url = chosen("teams-workflows", "webhook", self._options.recipient_urls, recipient)
        if not _is_safe(url):
            words = f"the webhook of {recipient[:100]!r} is no address that begins with https://"
            raise DeliveryError(words, may_pass=False)
        block = block_of("teams-workflows", WorkflowsBlock, message.blocks.get("teams-workflows"))
        body = self._body(message, block)
        taken(await self._asker.ask("POST", url, body=body, headers=as_json()))

    def _body(self, message: Message, block: WorkflowsBlock) -> bytes:
        if block.template and not block.adaptive_card.strip():
            return block.template.encode()
        if block.adaptive_card.strip():
            card = json_value("teams-workflows.adaptiveCard", block.adaptive_card)
            if not isinstance(card, dict):
                raise DeliveryError("teams-workflows.adaptiveCard is no JSON object", may_pass=False)
        else:
            card = adaptive(message, block)
        if self._options.raw_card_payload:
            return encoded(card)
        envelope: dict[str, Any] = {"type": "message"}
        if block.summary:
            envelope["summary"] = block.summary
        return encoded({**envelope, "attachments": [{"contentType": _CARD, "content": card}]})


def adaptive(message: Message, block: WorkflowsBlock) -> dict[str, Any]:
    """The fields of an older card as an adaptive one."""
    body: list[dict[str, Any]] = []
    if block.title:
        title = {"type": "TextBlock", "text": block.title, "size": "Large", "weight": "Bolder", "wrap": True}
        body.append({**title, **({"color": block.theme_color} if block.theme_color else {})})
    if text := block.text or message.text:
        body.append({"type": "TextBlock", "text": text, "wrap": True})
    if block.facts.strip():
        body += _facts(json_list("teams-workflows.facts", block.facts))
    if block.sections.strip():
        for section in json_list("teams-workflows.sections", block.sections):
            facts = section.get("facts") if isinstance(section, dict) else None
            body += _facts(facts if isinstance(facts, list) else [])
    card: dict[str, Any] = {"type": "AdaptiveCard", "version": "1.4", "body": body}
    if block.potential_action.strip():
        actions = json_list("teams-workflows.potentialAction", block.potential_action)
        if opened := [found for action in actions if (found := _opening(action))]:
            card["actions"] = opened
    return card


def _facts(facts: list[Any]) -> list[dict[str, Any]]:
    found = [
        {"title": fact["name"], "value": _text(fact.get("value"))}
        for fact in facts
        if isinstance(fact, dict) and isinstance(fact.get("name"), str)
    ]
    return [{"type": "FactSet", "facts": found}] if found else []


def _opening(action: Any) -> dict[str, str] | None:
    """A button that opens an address; adaptive cards know no other of the older ones."""
    if not isinstance(action, dict) or action.get("@type") != "OpenUri":
        return None
    targets = action.get("targets")
    first = targets[0] if isinstance(targets, list) and targets else None
    url = first.get("uri") if isinstance(first, dict) else None
    if not isinstance(url, str) or not url:
        return None
    return {"type": "Action.OpenUrl", "title": _text(action.get("name")), "url": url}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else encoded(value).decode()


def _is_safe(url: str) -> bool:
    """Encrypted, or on this machine: the address is the password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme == "https" or (
        parts.scheme == "http" and (host == "localhost" or host.startswith("127."))
    )
