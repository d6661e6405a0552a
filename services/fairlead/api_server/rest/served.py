"""How the API is served, as far as answers depend on it: over TLS, below a path, compressed."""

import asyncio
import re
import zlib

import msgspec
from aiohttp import web

PACKED_FROM = 8 << 10
"""Bytes of an answer from which it is compressed; below, that costs more than it saves."""
PACKED_AT_ONCE = 256 << 10
"""Bytes up to which that is done at once, in about 2 ms."""
LEVEL = 1
"""A third of the time of zlib's default, for a tenth more bytes."""
_GZIP_FORM = 16 + zlib.MAX_WBITS
_REFUSED = re.compile(r"\s*;\s*q\s*=\s*0(\.0*)?\s*")


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is where cookies belong, without slashes around it; `is_packed` whether answers are compressed
    for who takes that; `has_page` whether the API is described, `has_proxy_extensions` whether requests are
    passed to extensions."""

    secure: bool = False
    path: str = ""
    is_packed: bool = True
    has_page: bool = True
    has_proxy_extensions: bool = False

    async def response(self, request: web.Request, body: bytes, content_type: str) -> web.Response:
        """An answer that is whole, compressed where that is wanted and worth it."""
        if not self.is_packed or len(body) < PACKED_FROM:
            return web.Response(body=body, content_type=content_type)
        headers = {"Vary": "Accept-Encoding"}
        if takes(request.headers.get("Accept-Encoding", ""), "gzip"):
            headers["Content-Encoding"] = "gzip"
            small = len(body) <= PACKED_AT_ONCE
            body = packed(body) if small else await asyncio.to_thread(packed, body)
        return web.Response(body=body, content_type=content_type, headers=headers)


def packed(body: bytes) -> bytes:
    """The body in gzip's form."""
    packing = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_FORM)
    return packing.compress(body) + packing.flush()


def takes(accepted: str, coding: str) -> bool:
    """Whether an Accept-Encoding names a coding and does not refuse it."""
    for part in accepted[:200].lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == coding:
            return not _REFUSED.fullmatch(f";{weight}")
    return False
