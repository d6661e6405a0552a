"""What a short command of a server prints, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fairlead.git.ssh.channel import Channel

MAX_PRINTED = 64 << 10


class Printed:
    """Collects; `is_cut` when there was more than is kept."""

    def __init__(self) -> None:
        self.data = b""
        self.is_cut = False

    def begin(self, channel: Channel) -> None:
        """Such a command is asked nothing."""

    def take(self, data: bytes) -> None:
        self.data = (self.data + data)[:MAX_PRINTED]
        self.is_cut = self.is_cut or len(self.data) == MAX_PRINTED

    def end(self) -> None:
        """The channel tells of its end by itself."""

    def hold(self) -> None:
        """Nothing is sent."""

    def release(self) -> None:
        """Nothing is sent."""
