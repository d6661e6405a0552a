"""What an API server answers: a body within its bound, warnings, or a failure.

Invariant: nothing is read beyond the bound, of a failure neither.
"""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp
import msgspec

from fairlead.kube.errors import ProtocolError, ResponseTooLargeError, error_from
from fairlead.kube.http2 import Head

MAX_ERROR_BYTES = 1024 * 1024
OK_LIMIT = 300
GZIP = 31


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A successful answer; `warnings` are the texts of its Warning headers."""

    status: int
    body: bytes
    warnings: tuple[str, ...] = ()
    etag: str | None = None

    @property
    def created(self) -> bool:
        return self.status == 201

    @property
    def not_modified(self) -> bool:
        return self.status == 304


async def read(response: aiohttp.ClientResponse, limit: int) -> Answer:
    """The whole answer, of at most `limit` bytes. Raises KubeError for one that is no success."""
    if response.status >= OK_LIMIT and response.status != 304:
        raise await failure(response)
    return Answer(
        status=response.status,
        body=await _body(response, limit),
        warnings=tuple(warning_text(value) for value in response.headers.getall("Warning", ())),
        etag=response.headers.get("ETag"),
    )


async def page(head: Head, content: AsyncIterator[bytes], limit: int) -> Answer:
    """A whole answer of at most `limit` bytes that came another way than aiohttp's."""
    body = await _whole(_unpacked(content) if head.is_packed else content, head.status, limit)
    return Answer(status=head.status, body=body)


async def _unpacked(content: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """What was packed with gzip, a frame at a time. Raises ProtocolError."""
    packed = zlib.decompressobj(wbits=GZIP)
    try:
        async for chunk in content:
            yield packed.decompress(chunk)
    except zlib.error as error:
        raise ProtocolError(f"the answer is not packed as it says: {error}") from error
    if not packed.eof:
        raise ProtocolError("the answer ended before it was whole")


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    return await _whole(response.content.iter_any(), response.status, limit)


async def _whole(content: AsyncIterator[bytes], status: int, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in content:
        size += len(chunk)
        if size > limit:
            raise ResponseTooLargeError(f"the answer is larger than {limit} bytes", status=status)
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def failure(response: aiohttp.ClientResponse) -> Exception:
    """What an answer that is no success says, as an error of ours."""
    return await refusal(response.status, response.headers.get("Retry-After"), response.content.iter_any())


async def refusal(status: int, retry_after: str | None, content: AsyncIterator[bytes]) -> Exception:
    """The same of one that came another way."""
    body = await _whole(content, status, MAX_ERROR_BYTES)
    return error_from(status, body, retry_after_of(retry_after))


def retry_after_of(value: str | None) -> float | None:
    """Seconds of a Retry-After header given in seconds; a date, or nonsense, counts as absent."""
    return float(value) if value is not None and value.isdecimal() else None


def warning_text(header: str) -> str:
    """The text of `299 - "some words"`, the form Kubernetes uses."""
    start, end = header.find('"'), header.rfind('"')
    return header[start + 1 : end].replace('\\"', '"').replace("\\\\", "\\") if 0 <= start < end else header
