"""Rocket.Chat, as a user of it who logs in and stays so until that is refused."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from fairlead.notices.senders.asking import Asker, as_json, encoded, explanation, refusal
from fairlead.notices.senders.fields import Transport, base_address, json_list, required
from fairlead.notices.senders.sender import DeliveryError, Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret

_EMOJI = re.compile(r":.+:")


class RocketChatOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A server, a user of it, and how the user is shown."""

    email: str = ""
    password: Secret = Secret("")
    server_url: str = ""
    alias: str = ""
    icon: str = ""
    avatar: str = ""


class RocketChatBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says: attachments as Slack has them, in JSON."""

    attachments: str = ""


class RocketChat:
    """Sends as one user."""

    def __init__(self, asker: Asker, options: RocketChatOptions) -> None:
        required("rocketchat", email=options.email, password=options.password)
        self._asker = asker
        self._options = options
        self._api = f"{base_address('rocketchat', 'serverUrl', options.server_url)}/api/v1"
        self._session: dict[str, str] = {}

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To `#channel` or `@user`; anything else is a room's id."""
        del dedupe
        body = encoded(self._content(message, recipient))
        for again in (True, False):
            session = self._session or await self._log_in()
            reply = await self._asker.ask(
                "POST", f"{self._api}/chat.postMessage", body=body, headers=as_json(session)
            )
            if reply.status == 401 and again:
                self._session = {}
                continue
            if not reply.is_fine:
                raise refusal(reply)
            if reply.mapping().get("success") is not True:
                words = f"{reply.host} did not take the message: {explanation(reply)}"
                raise DeliveryError(words, may_pass=False)
            return

    async def _log_in(self) -> dict[str, str]:
        value = {"user": self._options.email, "password": self._options.password.reveal()}
        reply = await self._asker.post(f"{self._api}/login", value)
        data = reply.mapping().get("data")
        token, user = (data.get("authToken"), data.get("userId")) if isinstance(data, dict) else (None, None)
        if not isinstance(token, str) or not isinstance(user, str):
            raise DeliveryError(f"{reply.host} gave no token for the user", may_pass=True)
        self._session = {"X-Auth-Token": token, "X-User-Id": user}
        return self._session

    def _content(self, message: Message, recipient: str) -> dict[str, Any]:
        options = self._options
        block = block_of("rocketchat", RocketChatBlock, message.blocks.get("rocketchat"))
        where = "channel" if recipient[:1] in ("#", "@") else "roomId"
        found: dict[str, Any] = {where: recipient, "text": message.text}
        if options.alias:
            found["alias"] = options.alias
        if _EMOJI.fullmatch(options.icon):
            found["emoji"] = options.icon
        if options.avatar.startswith(("https://", "http://")):
            found["avatar"] = options.avatar
        if block.attachments.strip():
            found["attachments"] = json_list("rocketchat.attachments", block.attachments)
        return found
