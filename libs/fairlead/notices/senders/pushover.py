"""Pushover, as an application of it."""

from __future__ import annotations

from fairlead.notices.senders.asking import Asker
from fairlead.notices.senders.fields import Transport, cut, required
from fairlead.notices.senders.sender import Message
from fairlead.secret import Secret

API = "https://api.pushover.net"
MOST_TEXT = 1024
"""Characters of a message."""


class PushoverOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """An application's token."""

    token: Secret = Secret("")


class Pushover:
    """Sends as one application."""

    def __init__(self, asker: Asker, options: PushoverOptions, api: str = API) -> None:
        required("pushover", token=options.token)
        self._asker = asker
        self._url = f"{api}/1/messages.json"
        self._token = options.token

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a user or group by its key."""
        del dedupe
        text = cut(message.text, MOST_TEXT)
        await self._asker.post(self._url, {"token": self._token.reveal(), "user": recipient, "message": text})
