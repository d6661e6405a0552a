"""Requests from the bytes of their messages, answers to the bytes of theirs.

Invariant: what takes longer than a few milliseconds is done beside the loop.
"""

import asyncio
from typing import Any

import msgspec

from fairlead.api_server.encoded import Encoded
from fairlead.api_server.methods.ask import asked
from fairlead.api_server.methods.method import Method
from fairlead.wire.decode import decode
from fairlead.wire.encode import encode

MAX_ON_LOOP = 64 << 10
"""Bytes that are decoded or encoded at once, in about 5 ms."""


async def asked_of(method: Method, data: bytes) -> Any:
    """The typed request. Raises DecodeError, RefusalError."""
    name = method.described.request
    fields = await asyncio.to_thread(decode, name, data) if len(data) > MAX_ON_LOOP else decode(name, data)
    return asked(fields, method.ask)


async def written(method: Method, answer: object) -> bytes:
    """The bytes of an answer. Raises EncodeError when the operation's answer is none of its RPC's."""
    if isinstance(answer, Encoded):
        return answer.proto() if answer.is_ready else await asyncio.to_thread(answer.proto)
    name = method.described.response
    body = msgspec.json.encode(answer)
    return await asyncio.to_thread(_encoded, name, body) if len(body) > MAX_ON_LOOP else _encoded(name, body)


def _encoded(name: str, body: bytes) -> bytes:
    return encode(name, msgspec.json.decode(body))
