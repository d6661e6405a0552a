"""What is sent, to whom, and what can go wrong with it.

DeliveryError   it did not arrive; whether trying again may help is said with it
OptionError     a service is configured in a way that nothing can be sent with
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A template after filling: `text` is its message, `blocks` what it says for single services by their key
    in YAML. `template` is its name."""

    text: str = ""
    blocks: Mapping[str, Any] = {}
    template: str = ""


class Destination(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Whom a message is for: a service by its configured name, and whom that service tells."""

    service: str
    recipient: str = ""


class DeliveryError(Exception):
    """A message that did not arrive. The words are fit for everybody who may see the application.

    `may_pass`: the same may arrive later. `after` are the seconds that the service asks to be left alone.
    """

    def __init__(self, words: str, *, may_pass: bool, after: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.may_pass = may_pass
        self.after = after


class OptionError(Exception):
    """A service's options that cannot be used; the words name the field, never what stands there."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Sender(Protocol):
    """A service with its options."""

    async def send(self, message: Message, recipient: str, *, dedupe: str) -> None:
        """Bring a message to a recipient.

        `dedupe` is the same for the same message however often it is tried, and of no other: services that
        know such a key are told it.

        Raises:
            DeliveryError: it did not arrive, as far as is known.
        """
