"""The engine's messages: requests with four bytes of big-endian length before them, replies as a stream.

A reply is one msgpack map, then as many binary values as it says, its documents. Invariant: what is longer
than its bound is neither sent nor read. The field names are those of
services/render_engine/internal/wire/messages.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgpack
import msgspec

from fairlead.render.errors import EngineDiedError, RenderInvalidError
from fairlead.render.request import ReadEntry, RenderRequest, Want

MAX_REQUEST_BYTES = 16 << 20
MAX_REPLY_BYTES = 80 << 20
MAX_READS = 1 << 20
"""Entries a read set may have."""
READ_BYTES = 1 << 18
_HEAD = 4


class Failure(msgspec.Struct, frozen=True):
    """Why the engine refused."""

    kind: str
    code: str
    message: str
    file: str
    wants: tuple[Want, ...] | None = None


class Reply(msgspec.Struct, frozen=True, rename="camel"):
    """The engine's answer to the request of the same id."""

    id: int
    source_type: str = ""
    count: int = 0
    documents: list[bytes] = []
    reads: tuple[ReadEntry, ...] | None = None
    warnings: tuple[str, ...] | None = None
    version: str = ""
    confined: str = ""
    error: Failure | None = None


def render_message(request: RenderRequest, *, combined_bytes: int, output_bytes: int) -> dict[str, object]:
    """A render request as the engine reads it, but for its id. `combined_bytes` holds where the settings have
    no limit."""
    return {
        "verb": "render",
        "mirror": str(request.mirror),
        "commit": request.commit,
        "path": request.path,
        "options": request.tools,
        "disabled": request.settings.disabled_tools,
        "valueFileSchemes": request.settings.value_file_schemes,
        "build": request.build_flags(),
        "releaseName": request.release_name,
        "namespace": request.namespace,
        "kubeVersion": request.kube_version,
        "apiVersions": request.api_versions,
        "env": request.env,
        "refs": {
            name: {"mirror": str(ref.mirror), "commit": ref.commit} for name, ref in request.refs.items()
        },
        "supplies": {
            key: {"mirror": str(supply.mirror), "object": supply.object}
            for key, supply in request.supplies.items()
        },
        "submodules": request.submodules,
        "lfs": request.lfs,
        "limits": {
            "combined": request.settings.limits.combined or combined_bytes,
            "output": output_bytes,
        },
    }


def encode(message: Mapping[str, object]) -> bytes:
    """One frame. Raises RenderInvalidError when the options are too large to send."""
    body = _encoder.encode(message)
    if len(body) > MAX_REQUEST_BYTES:
        raise RenderInvalidError(f"the source's options exceed {MAX_REQUEST_BYTES} bytes", code="limit")
    return len(body).to_bytes(_HEAD, "big") + body


async def read(stream: asyncio.StreamReader) -> Reply:
    """The next reply. Raises EngineDiedError when the stream ends or makes no sense."""
    values = _Values(stream)
    try:
        head = msgspec.convert(await values.next(), Reply)
        documents = [await values.next() for _ in range(head.count)]
        values.check_end()
        return msgspec.structs.replace(head, documents=msgspec.convert(documents, list[bytes], strict=True))
    except (ConnectionError, EOFError) as error:
        raise EngineDiedError("the render engine ended in the middle of a request") from error
    except (msgspec.MsgspecError, msgpack.UnpackException, ValueError) as error:
        raise EngineDiedError(f"the render engine's reply cannot be read: {error}") from error


class _Values:
    """The msgpack values of one reply, as they arrive."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self._stream = stream
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=MAX_REPLY_BYTES, max_array_len=MAX_READS, max_map_len=64, max_ext_len=0
        )
        self._received = 0

    async def next(self) -> object:
        """One value. Raises EOFError at the stream's end, msgpack's errors for what it cannot be."""
        while True:
            try:
                return cast("object", self._unpacker.unpack())
            except msgpack.OutOfData:
                chunk = await self._stream.read(READ_BYTES)
            if not chunk:
                raise EOFError
            self._received += len(chunk)
            if self._received > MAX_REPLY_BYTES:
                raise ValueError(f"it is longer than {MAX_REPLY_BYTES >> 20} MiB")
            self._unpacker.feed(chunk)

    def check_end(self) -> None:
        """Nothing follows: the engine speaks only when asked. Raises ValueError."""
        if self._unpacker.tell() != self._received:
            raise ValueError("more follows than was announced")


def _encode_other(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value))


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_other)
