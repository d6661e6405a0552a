"""PagerDuty, by its events API (version 2): an event that triggers an alert."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, chosen, cut, digest, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

API = "https://events.pagerduty.com"
CLIENT = "ArgoCD"
MOST_SUMMARY = 1024
"""Characters of a summary."""
_SEVERITIES = ("critical", "error", "warning", "info")


class PagerdutyV2Options(Transport, frozen=True, kw_only=True, rename="camel"):
    """Integration keys by the name of a service."""

    service_keys: dict[str, Secret] = msgspec.field(default_factory=dict)


class PagerdutyV2Block(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for the event; without a key one message is one alert."""

    summary: str = ""
    severity: str = ""
    source: str = ""
    component: str = ""
    group: str = ""
    kind: str = msgspec.field(name="class", default="")
    url: str = ""
    dedup_key: str = ""


class PagerdutyV2:
    """Sends events."""

    def __init__(self, asker: Asker, options: PagerdutyV2Options, api: str = API) -> None:
        required("pagerdutyv2", serviceKeys=options.service_keys)
        self._asker = asker
        self._keys = options.service_keys
        self._url = f"{api}/v2/enqueue"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a service that has a key."""
        key = chosen("pagerdutyv2", "key", self._keys, recipient)
        if message.blocks.get("pagerdutyv2") is None:
            raise DeliveryError("the template says nothing for pagerdutyv2", may_pass=False)
        block = block_of("pagerdutyv2", PagerdutyV2Block, message.blocks["pagerdutyv2"])
        await self._asker.post(self._url, event(message, block, key, digest(dedupe, recipient)))


def event(message: Message, block: PagerdutyV2Block, key: str, dedupe: str) -> dict[str, Any]:
    """The event. Raises DeliveryError for what PagerDuty would not take."""
    if block.severity not in _SEVERITIES:
        words = f"pagerdutyv2.severity is none of {', '.join(_SEVERITIES)}"
        raise DeliveryError(words, may_pass=False)
    if not block.source:
        raise DeliveryError("the template's pagerdutyv2 needs the field source", may_pass=False)
    payload = {
        "summary": cut(block.summary or message.text, MOST_SUMMARY),
        "severity": block.severity,
        "source": block.source,
        "component": block.component,
        "group": block.group,
        "class": block.kind,
    }
    value = {
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": block.dedup_key or dedupe,
        "payload": {name: item for name, item in payload.items() if item},
        "client": CLIENT,
    }
    return {**value, "client_url": block.url} if block.url else value
