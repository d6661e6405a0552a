"""Messages as JSON-shaped values, by the table of `fairlead.wire`; a message's type is its name."""

from collections.abc import Mapping
from typing import Any

from grpclib.encoding.base import CodecBase

from fairlead.wire.decode import decode
from fairlead.wire.encode import encode


class WireCodec(CodecBase):
    """What grpclib asks for its messages."""

    __content_subtype__ = "proto"

    def encode(self, message: Mapping[str, Any], message_type: str) -> bytes:
        """The bytes of a message."""
        return encode(message_type, message)

    def decode(self, data: bytes, message_type: str) -> dict[str, Any]:
        """The value of a message. Raises DecodeError."""
        return decode(message_type, data)
