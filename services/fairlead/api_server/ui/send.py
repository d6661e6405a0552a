"""Sending what is held whole: in the coding that is taken, with its tag, piece by piece to who is slow."""

from typing import Protocol

from aiohttp import web

from fairlead.api_server.rest.served import takes

KEPT = "public, max-age=31536000, immutable"
ASKED_AGAIN = "no-cache"
PIECE = 64 << 10
"""Bytes that are handed over at once, so that a reader who is slow holds no more than two of them."""


class Held(Protocol):
    """A file, in as many codings as it has, the best first."""

    @property
    def content_type(self) -> str:
        """What it is."""

    @property
    def codings(self) -> tuple[str, ...]:
        """How it may be packed."""

    async def content(self, coding: str = "") -> tuple[bytes, str]:
        """Its bytes in a coding, "" for as they are, and their entity tag."""


async def send(
    request: web.Request, held: Held, policy: str, *, is_kept: bool, is_packed: bool = True
) -> web.StreamResponse:
    """Answer with a file; `is_kept` says that its address never means another. A worker lives by the policy
    that its own script came with."""
    accepted = request.headers.get("Accept-Encoding", "") if is_packed else ""
    coding = next((one for one in held.codings if takes(accepted, one)), "")
    content, tag = await held.content(coding)
    headers = {"ETag": tag, "Cache-Control": KEPT if is_kept else ASKED_AGAIN}
    if held.codings and is_packed:
        headers["Vary"] = "Accept-Encoding"
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    headers |= {"Content-Type": held.content_type, "Content-Security-Policy": policy}
    if coding:
        headers["Content-Encoding"] = coding
    response = web.StreamResponse(headers=headers)
    response.content_length = len(content)
    await response.prepare(request)
    if request.method != "HEAD":
        view = memoryview(content)
        for start in range(0, len(content), PIECE):
            await response.write(view[start : start + PIECE])
    await response.write_eof()
    return response
