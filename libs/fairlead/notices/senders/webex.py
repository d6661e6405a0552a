"""Webex, as a bot of it."""

from __future__ import annotations

import msgspec

from fairlead.notices.senders.asking import Asker, bearer
from fairlead.notices.senders.fields import Transport, base_address, required
from fairlead.notices.senders.sender import Message
from fairlead.secret import Secret

API = "https://webexapis.com"


class WebexOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A bot's token."""

    token: Secret = Secret("")
    api_url: str = msgspec.field(name="apiURL", default="")


class Webex:
    """Sends as one bot."""

    def __init__(self, asker: Asker, options: WebexOptions) -> None:
        required("webex", token=options.token)
        self._asker = asker
        self._url = f"{base_address('webex', 'apiURL', options.api_url, API)}/v1/messages"
        self._token = options.token

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a person by mail address, or a room by its id."""
        del dedupe
        where = "toPersonEmail" if _is_mail(recipient) else "roomId"
        value = {where: recipient, "markdown": message.text}
        await self._asker.post(self._url, value, bearer(self._token.reveal()))


def _is_mail(recipient: str) -> bool:
    name, _, domain = recipient.rpartition("@")
    return bool(name) and "." in domain and not any(letter.isspace() for letter in recipient)
