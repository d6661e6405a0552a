"""PagerDuty, by its REST API: an incident of a service."""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker, as_json, encoded, refusal
from fairlead.notices.senders.fields import Transport, digest, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

API = "https://api.pagerduty.com"
_ACCEPT = "application/vnd.pagerduty+json;version=2"
_KNOWN = "matching dedup key"
"""In the answer for an incident that is open already."""


class PagerdutyOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A token, the mail address of whose it is, and the service when a subscription names none."""

    token: Secret = Secret("")
    sender: str = msgspec.field(name="from", default="")
    service_id: str = ""
    escalation_policy_id: Any = None


class PagerdutyBlock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a template says for the incident."""

    title: str = ""
    body: str = ""
    urgency: str = ""
    priority_id: str = ""


class Pagerduty:
    """Opens incidents."""

    def __init__(self, asker: Asker, options: PagerdutyOptions, api: str = API) -> None:
        required("pagerduty", token=options.token, **{"from": options.sender})
        self._asker = asker
        self._options = options
        self._url = f"{api}/incidents"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """About a service by its id."""
        service = recipient or self._options.service_id
        if not service:
            raise DeliveryError("the recipient names no service, nor does serviceId", may_pass=False)
        block = block_of("pagerduty", PagerdutyBlock, message.blocks.get("pagerduty"))
        headers = as_json(
            {
                "Accept": _ACCEPT,
                "Authorization": f"Token token={self._options.token.reveal()}",
                "From": self._options.sender,
            }
        )
        value = incident(message, block, service, digest(dedupe, recipient))
        reply = await self._asker.ask("POST", self._url, body=encoded(value), headers=headers)
        is_known = reply.status == 400 and _KNOWN in reply.body.decode("utf-8", "replace")
        if not reply.is_fine and not is_known:
            raise refusal(reply)


def incident(message: Message, block: PagerdutyBlock, service: str, key: str) -> dict[str, Any]:
    """The incident; the message stands where the template says nothing."""
    value: dict[str, Any] = {
        "type": "incident",
        "title": block.title or message.text.strip().partition("\n")[0],
        "service": {"id": service, "type": "service_reference"},
        "incident_key": key,
    }
    if block.priority_id:
        value["priority"] = {"id": block.priority_id, "type": "priority_reference"}
    if block.urgency:
        value["urgency"] = block.urgency
    if details := block.body or message.text:
        value["body"] = {"type": "incident_body", "details": details}
    return {"incident": value}
