"""New Relic: a deployment of an application."""

from __future__ import annotations

import re

import msgspec

from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, base_address, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

API = "https://api.newrelic.com"
_APPLICATION = re.compile(r"[\w-]{1,64}", re.A)


class NewrelicOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A user's key."""

    api_key: Secret = Secret("")
    api_url: str = msgspec.field(name="apiURL", default="")


class NewrelicBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says for the deployment; the description is the message when there is none."""

    revision: str = ""
    changelog: str = ""
    description: str = ""
    user: str = ""


class Newrelic:
    """Records deployments."""

    def __init__(self, asker: Asker, options: NewrelicOptions) -> None:
        required("newrelic", apiKey=options.api_key)
        self._asker = asker
        self._api = base_address("newrelic", "apiURL", options.api_url, API)
        self._key = options.api_key

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """Of an application by its id."""
        del dedupe
        if not _APPLICATION.fullmatch(recipient):
            words = f"the recipient {recipient[:100]!r} is no id of an application"
            raise DeliveryError(words, may_pass=False)
        if message.blocks.get("newrelic") is None:
            raise DeliveryError("the template says nothing for newrelic", may_pass=False)
        block = block_of("newrelic", NewrelicBlock, message.blocks["newrelic"])
        more = {
            "changelog": block.changelog,
            "description": block.description or message.text,
            "user": block.user,
        }
        deployment = {"revision": block.revision, **{name: text for name, text in more.items() if text}}
        url = f"{self._api}/v2/applications/{recipient}/deployments.json"
        await self._asker.post(url, {"deployment": deployment}, {"X-Api-Key": self._key.reveal()})
