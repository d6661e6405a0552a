"""Lines of logs: cut, stamped, merged."""

import asyncio
from collections.abc import AsyncGenerator

from fairlead.app_controller.answering.log_feed import (
    AHEAD_BYTES,
    MAX_LINE,
    Feed,
    lines_of,
    merged,
    nanoseconds,
    stamped,
)
from fairlead.kube.errors import NotFoundError
from fairlead.rpc.logs import LogLine


async def chunks(*parts: bytes) -> AsyncGenerator[bytes, None]:
    for part in parts:
        yield part
        await asyncio.sleep(0)


async def failing() -> AsyncGenerator[bytes, None]:
    raise NotFoundError("the pod is gone")
    yield b""


async def test_lines_are_whole_however_they_arrive() -> None:
    found = [line async for line in lines_of(chunks(b"", b"one\ntw", b"o\r\n", b"\n", b"\xff last"))]
    assert found == ["one", "two", "", "\ufffd last"]


async def test_a_line_without_end_is_cut_and_takes_no_more_memory() -> None:
    parts = [b"x" * 100_000] * 20 + [b"\nnext\n"]
    found = [line async for line in lines_of(chunks(*parts))]
    assert len(found) == 2
    assert MAX_LINE <= len(found[0]) <= MAX_LINE + 2
    assert found[1] == "next"


async def test_long_lines_are_not_read_far_ahead_of_their_reader() -> None:
    feed = Feed("web", chunks(*[b"2026-01-01T00:00:00Z " + b"x" * 100_000 + b"\n"] * 50))
    reading = asyncio.create_task(feed.run())
    for _ in range(500):
        await asyncio.sleep(0)
    assert feed.queue.qsize() * 100_000 <= AHEAD_BYTES + MAX_LINE
    found = [stamped async for stamped in merged([feed])]
    await reading
    assert len(found) == 50


def test_times_of_any_fraction_and_zone_are_compared_as_times() -> None:
    assert nanoseconds("1970-01-01T00:00:01Z") == 1_000_000_000
    assert nanoseconds("1970-01-01T00:00:01.5Z") == 1_500_000_000
    assert nanoseconds("1970-01-01T00:00:01.000000001Z") == 1_000_000_001
    assert nanoseconds("1970-01-01T02:00:01.5+02:00") == 1_500_000_000
    for text in ("", "hello", "1970-01-01", "1970-13-01T00:00:01Z", "1970-01-01T00:00:01.5Zulu"):
        assert nanoseconds(text) is None


def test_what_has_no_time_is_told_without_a_pod() -> None:
    assert stamped("web", "no preferred addresses found").line == LogLine(
        "", "", "no preferred addresses found"
    )
    at = "2026-11-23T01:32:45.5Z"
    assert stamped("web", f"{at} ready for work").line == LogLine(at, "web", "ready for work")


async def test_lines_of_several_pods_come_by_time_and_a_failure_is_a_line() -> None:
    def lines(*seconds: int) -> AsyncGenerator[bytes, None]:
        return chunks(*(b"2026-11-23T01:32:%02dZ said\n" % second for second in seconds))

    feeds = [Feed("a", lines(1, 4, 5)), Feed("b", lines(2, 3, 6)), Feed("c", failing())]
    reading = [asyncio.create_task(feed.run()) for feed in feeds]
    found = [item.line async for item in merged(feeds)]
    await asyncio.gather(*reading)
    assert found[0] == LogLine("", "", "the pod is gone")
    assert [line.pod for line in found[1:]] == ["a", "b", "b", "a", "a", "b"]
