"""Opsgenie: an alert for a team. One alias is one alert, so that trying again makes no second."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, base_address, chosen, cut, digest, required, texts
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

API = "api.opsgenie.com"
SOURCE = "Argo CD"
MOST_MESSAGE = 130
"""Characters that Opsgenie takes for an alert's message."""
_PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


class OpsgenieOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """Keys of integrations by team."""

    api_url: str = ""
    api_keys: dict[str, Secret] = msgspec.field(default_factory=dict)


class OpsgenieBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for the alert."""

    description: str = ""
    priority: str = ""
    alias: str = ""
    note: str = ""
    actions: list[str] = []
    tags: list[str] = []
    details: dict[str, Any] = {}
    entity: str = ""
    visible_to: list[dict[str, str]] = []
    user: str = ""


class Opsgenie:
    """Sends alerts to teams."""

    def __init__(self, asker: Asker, options: OpsgenieOptions) -> None:
        required("opsgenie", apiKeys=options.api_keys)
        address = options.api_url.strip() or API
        address = address if "://" in address else f"https://{address}"
        self._asker = asker
        self._url = f"{base_address('opsgenie', 'apiUrl', address)}/v2/alerts"
        self._keys = options.api_keys

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a team that has a key."""
        key = chosen("opsgenie", "key", self._keys, recipient)
        found = message.blocks.get("opsgenie")
        block = block_of("opsgenie", OpsgenieBlock, found)
        if found is not None and not block.description:
            raise DeliveryError("the template's opsgenie needs the field description", may_pass=False)
        value = alert(message, block, recipient, digest(dedupe, recipient))
        await self._asker.post(self._url, value, {"Authorization": f"GenieKey {key}"})


def alert(message: Message, block: OpsgenieBlock, team: str, key: str) -> dict[str, Any]:
    """The alert."""
    if block.priority and block.priority not in _PRIORITIES:
        words = f"opsgenie.priority is none of {', '.join(_PRIORITIES)}"
        raise DeliveryError(words, may_pass=False)
    value: dict[str, Any] = {
        "message": cut(message.text.strip(), MOST_MESSAGE),
        "alias": block.alias or key,
        "description": block.description,
        "responders": [{"type": "team", "id": team}],
        "visibleTo": block.visible_to,
        "actions": block.actions,
        "tags": block.tags,
        "details": texts("opsgenie.details", block.details),
        "entity": block.entity,
        "source": SOURCE,
        "priority": block.priority,
        "user": block.user,
        "note": block.note,
    }
    return {name: item for name, item in value.items() if item or name == "message"}
