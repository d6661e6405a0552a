"""Grafana: an annotation with tags."""

from __future__ import annotations

import time

import msgspec

from fairlead.notices.senders.asking import Asker, bearer
from fairlead.notices.senders.fields import Transport, base_address, required
from fairlead.notices.senders.sender import Message
from fairlead.notices.senders.shapes import block_of
from fairlead.secret import Secret


class GrafanaOptions(Transport, frozen=True, kw_only=True, rename="camel"):
    """A server's API and a key; `tags`, with `|` between them, are added to all."""

    api_url: str = ""
    api_key: Secret = Secret("")
    tags: str = ""


class GrafanaBlock(msgspec.Struct, frozen=True, kw_only=True):
    """More tags."""

    tags: str = ""


class Grafana:
    """Annotates in one server."""

    def __init__(self, asker: Asker, options: GrafanaOptions) -> None:
        required("grafana", apiKey=options.api_key)
        self._asker = asker
        self._options = options
        self._url = f"{base_address('grafana', 'apiUrl', options.api_url)}/annotations"

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """With tags, between which there is `|`."""
        del dedupe
        block = block_of("grafana", GrafanaBlock, message.blocks.get("grafana"))
        tags = [tag for told in (recipient, block.tags, self._options.tags) for tag in told.split("|") if tag]
        value = {"time": int(time.time()) * 1000, "isRegion": False, "tags": tags, "text": message.text}
        await self._asker.post(self._url, value, bearer(self._options.api_key.reveal()))
