"""Where one thing ends and the next begins in what a client and NATS or Redis say to each other.

Bytes are kept until what they belong to is whole; nothing is changed, so that what is passed on is what came.
"""

import msgspec

_LINE = b"\r\n"
_SIZED = frozenset({b"PUB", b"HPUB", b"MSG", b"HMSG"})
"""Lines of NATS that a payload follows, of as many bytes as their last word says."""


class Unit(msgspec.Struct, frozen=True):
    """One line with what belongs to it. `subject` is "" for what is no message."""

    raw: bytes
    subject: str = ""


class NatsFraming:
    """Lines and messages of one direction of a connection to NATS."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Unit]:
        """What is whole now."""
        self._held += data
        found, start = list[Unit](), 0
        while (end := self._held.find(_LINE, start)) >= 0:
            words = bytes(self._held[start:end]).split()
            is_message = bool(words) and words[0].upper() in _SIZED
            after = end + len(_LINE) + (int(words[-1]) + len(_LINE) if is_message else 0)
            if after > len(self._held):
                break
            subject = words[1].decode(errors="replace") if is_message else ""
            found.append(Unit(bytes(self._held[start:after]), subject))
            start = after
        del self._held[:start]
        return found


class Command(msgspec.Struct, frozen=True):
    """One command of Redis, with its name in capitals."""

    raw: bytes
    name: str


class RedisFraming:
    """Commands of a client of Redis: arrays of strings, each with its length before it."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        """What is whole now."""
        self._held += data
        found = []
        while (command := self._first()) is not None:
            found.append(command)
            del self._held[: len(command.raw)]
        return found

    def _first(self) -> Command | None:
        end = self._held.find(_LINE)
        if end < 0:
            return None
        at, name = end + len(_LINE), ""
        for index in range(int(self._held[1:end])):
            end = self._held.find(_LINE, at)
            if end < 0:
                return None
            text = end + len(_LINE)
            at = text + int(self._held[at + 1 : end]) + len(_LINE)
            if at > len(self._held):
                return None
            if index == 0:
                name = self._held[text : at - len(_LINE)].decode(errors="replace").upper()
        return Command(bytes(self._held[:at]), name)
