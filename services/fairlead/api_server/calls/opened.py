"""A stream that was let begin: refusals come before the first byte, so that they are whole answers."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

_END = object()


async def opened(items: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    """The same items, once the first is there; that of a stream that began and ended is none. Raises what
    keeps it from beginning."""
    first = await anext(items, _END)

    async def all_of_them() -> AsyncGenerator[Any, None]:
        async with aclosing(items):
            if first is not _END:
                yield first
                async for item in items:
                    yield item

    return all_of_them()
