"""The engine's messages: four bytes of big-endian length, then msgpack.

Invariant: a frame longer than its bound is neither sent nor read. The field names are those of
services/render_engine/internal/wire/messages.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec

from fairlead.render.errors import EngineDiedError, RenderInvalidError
from fairlead.render.request import ReadEntry, RenderRequest

MAX_REQUEST_BYTES = 16 << 20
MAX_REPLY_BYTES = 80 << 20
_HEAD = 4


class Failure(msgspec.Struct, frozen=True):
    """Why the engine refused."""

    kind: str
    code: str
    message: str
    file: str


class Reply(msgspec.Struct, frozen=True, rename="camel"):
    """The engine's answer to the request of the same id."""

    id: int
    source_type: str = ""
    documents: list[bytes] | None = None
    reads: tuple[ReadEntry, ...] | None = None
    warnings: tuple[str, ...] | None = None
    version: str = ""
    error: Failure | None = None


def render_message(request: RenderRequest, *, combined_bytes: int, output_bytes: int) -> dict[str, object]:
    """A render request as the engine reads it, but for its id."""
    return {
        "verb": "render",
        "mirror": str(request.mirror),
        "commit": request.commit,
        "path": request.path,
        "options": request.tools,
        "disabled": request.disabled_tools,
        "releaseName": request.release_name,
        "namespace": request.namespace,
        "kubeVersion": request.kube_version,
        "apiVersions": request.api_versions,
        "env": request.env,
        "refs": {
            name: {"mirror": str(ref.mirror), "commit": ref.commit} for name, ref in request.refs.items()
        },
        "limits": {"combined": combined_bytes, "output": output_bytes},
    }


def encode(message: Mapping[str, object]) -> bytes:
    """One frame. Raises RenderInvalidError when the options are too large to send."""
    body = _encoder.encode(message)
    if len(body) > MAX_REQUEST_BYTES:
        raise RenderInvalidError(f"the source's options exceed {MAX_REQUEST_BYTES} bytes", code="limit")
    return len(body).to_bytes(_HEAD, "big") + body


async def read(stream: asyncio.StreamReader) -> Reply:
    """The next reply. Raises EngineDiedError when the stream ends or makes no sense."""
    try:
        size = int.from_bytes(await stream.readexactly(_HEAD), "big")
        if size > MAX_REPLY_BYTES:
            raise EngineDiedError(f"the render engine announced a reply of {size} bytes")
        return _decoder.decode(await stream.readexactly(size))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EngineDiedError("the render engine ended in the middle of a request") from error
    except msgspec.MsgspecError as error:
        raise EngineDiedError(f"the render engine's reply cannot be read: {error}") from error


def _encode_other(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError(type(value))


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_other)
_decoder = msgspec.msgpack.Decoder(Reply)
