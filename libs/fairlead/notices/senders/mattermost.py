"""Mattermost, as a bot of it."""

from __future__ import annotations

import msgspec

from fairlead.notices.senders.asking import Asker, bearer
from fairlead.notices.senders.fields import Transport, base_address, json_list, required
from fairlead.notices.senders.sender import Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret


class MattermostOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A server and a bot's token."""

    api_url: str = msgspec.field(name="apiURL", default="")
    token: Secret = Secret("")


class MattermostBlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a template says: attachments as Slack has them, in JSON."""

    attachments: str = ""


class Mattermost:
    """Sends to one server."""

    def __init__(self, asker: Asker, options: MattermostOptions) -> None:
        required("mattermost", token=options.token)
        self._asker = asker
        self._url = f"{base_address('mattermost', 'apiURL', options.api_url)}/api/v4/posts"
        self._token = options.token

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """To a channel by its id."""
        del dedupe
        block = block_of("mattermost", MattermostBlock, message.blocks.get("mattermost"))
        has_any = bool(block.attachments.strip())
        attachments = json_list("mattermost.attachments", block.attachments) if has_any else []
        value = {"channel_id": recipient, "message": message.text, "props": {"attachments": attachments}}
        await self._asker.post(self._url, value, bearer(self._token.reveal()))
