"""Bytes that are nearly messages: by a message's own fields, and wrong in one of the ways bytes can be wrong.

Nothing of the codec is used here; what is right about them is read from the table of facts.
"""

import random
from collections.abc import Callable

from tests import wire_messages as google

VARINT, FIXED64, DELIMITED, GROUP, END_GROUP, FIXED32 = range(6)
DEEPEST = 70
"""Messages inside messages, where a message may hold itself."""
WIDE = 400
"""Fields of one message, where there are many."""
TEXTS = [
    b"",
    b"a",
    b"fuzzed",
    b"default",
    b"in-cluster",
    b"*",
    b"../../etc/passwd",
    b"\x00",
    b"\xff\xfe",
    b"https://[::1",
    "\u202e\U0001f600".encode(),
    b"[" * 200,
    b'{"a":' * 50,
    b"a" * 5000,
    b"2006-01-02T15:04:05Z",
    b"json",
    b"merge",
    b'[{"op":"copy","from":"","path":"/spec/a"}]',
]
NUMBERS = [0, 1, 2, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1]


def varint(number: int) -> bytes:
    """A number as protobuf writes it."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def field(number: int, form: int, content: bytes) -> bytes:
    """A field with its tag; of one that has a size, the size as well."""
    sized = varint(len(content)) + content if form == DELIMITED else content
    return varint(number << 3 | form) + sized


class Noise:
    """Messages by a seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a seed is what makes a failure repeatable
        self._ways: list[Callable[[str], bytes]] = [
            self.right,
            self.right,
            self.cut,
            self.with_wrong_types,
            self.with_unknown_fields,
            self.with_long_numbers,
            self.with_false_sizes,
            self.in_parts,
            self.deep,
            self.wide,
            self.spoiled,
            self.garbage,
        ]

    def message(self, name: str) -> bytes:
        """One of them, in one of the ways."""
        return self._dice.choice(self._ways)(name)

    def right(self, name: str, depth: int = 0) -> bytes:
        """Fields of the right types, some left out, some there more than once."""
        found = bytearray()
        for number, _, label, kind, *_ in google.rows(name):
            if label != "required" and self._dice.random() < (0.4 if depth < 3 else 0.85):
                continue
            for _ in range(self._dice.choice([1, 1, 2, 3]) if label == "repeated" else 1):
                found += self._field(int(number), kind, depth)
        return bytes(found)

    def cut(self, name: str) -> bytes:
        """One that ends within a field."""
        whole = self.right(name)
        return whole[: self._dice.randrange(len(whole) + 1)]

    def with_wrong_types(self, name: str) -> bytes:
        """Known fields in forms that are not theirs."""
        found = bytearray(self.right(name))
        for number, *_ in google.rows(name):
            form = self._dice.choice([VARINT, FIXED64, DELIMITED, GROUP, END_GROUP, FIXED32, 6, 7])
            content = {VARINT: varint(self._number()), FIXED64: bytes(8), FIXED32: bytes(4)}
            found += field(int(number), form, content.get(form, self._text()))
        return bytes(found)

    def with_unknown_fields(self, name: str) -> bytes:
        """Fields that nobody knows, of every number, before and behind."""
        strange = b"".join(
            field(number, DELIMITED, self._text()) + field(number, VARINT, varint(self._number()))
            for number in (0, 15_000, 19_000, 2**29 - 1, 2**40)
        )
        return strange + self.right(name) + strange

    def with_long_numbers(self, name: str) -> bytes:
        """Numbers of ten bytes and more."""
        found = bytearray()
        for number, _, _, kind, *_ in google.rows(name):
            if kind in ("int32", "int64", "uint64", "bool"):
                found += varint(int(number) << 3) + b"\xff" * self._dice.randrange(8, 14) + b"\x01"
        return bytes(found) or self.cut(name)

    def with_false_sizes(self, name: str) -> bytes:
        """Fields that promise more than there is."""
        return self.right(name) + varint(1 << 3 | DELIMITED) + varint(self._number()) + b"abc"

    def in_parts(self, name: str) -> bytes:
        """One message several times behind itself, as protobuf joins them."""
        return self.right(name) * self._dice.randrange(2, 6) + self.right(name)

    def deep(self, name: str) -> bytes:
        """As deep as its types go, and where one holds itself, deeper than anybody reads."""
        return self._down(name, DEEPEST)

    def wide(self, name: str) -> bytes:
        """One field very often."""
        rows = google.rows(name)
        if not rows:
            return b""
        number, _, _, kind, *_ = self._dice.choice(rows)
        return b"".join(self._field(int(number), kind, 4) for _ in range(WIDE))

    def spoiled(self, name: str) -> bytes:
        """One with a few bytes that are others."""
        found = bytearray(self.right(name))
        for _ in range(min(len(found), self._dice.randrange(1, 5))):
            found[self._dice.randrange(len(found))] = self._dice.randrange(256)
        return bytes(found)

    def garbage(self, _: str) -> bytes:
        """Anything."""
        return self._dice.randbytes(self._dice.randrange(300))

    def _down(self, name: str, levels: int) -> bytes:
        inner = [row for row in google.rows(name) if row[3] in google.names()]
        if not inner or not levels:
            return self.right(name, 9)
        number, _, _, kind, *_ = self._dice.choice([row for row in inner if row[3] == name] or inner)
        return field(int(number), DELIMITED, self._down(kind, levels - 1))

    def _field(self, number: int, kind: str, depth: int) -> bytes:
        if kind in google.names():
            return field(number, DELIMITED, self.right(kind, depth + 1) if depth < 6 else b"")
        if kind in ("string", "bytes"):
            return field(number, DELIMITED, self._text())
        return field(number, VARINT, varint(self._number()))

    def _text(self) -> bytes:
        return self._dice.choice(TEXTS)

    def _number(self) -> int:
        return self._dice.choice(NUMBERS)
