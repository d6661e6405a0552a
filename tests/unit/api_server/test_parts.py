"""The parts of an api-server that run beside what it serves."""

import asyncio

import pytest

from fairlead.api_server.wiring import begun
from fairlead.process import supervise


async def test_a_part_that_fails_is_begun_again_and_what_is_served_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(supervise, name, 0.001)
    failed, others = list[str](), list[str]()
    again = asyncio.Event()

    async def fail() -> None:
        failed.append("audit")
        if len(failed) == 3:
            again.set()
        raise ZeroDivisionError("by accident")

    async def go_on() -> None:
        others.append("projects")
        await asyncio.Event().wait()

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        parts = begun(group, {"audit": fail, "projects": go_on})
        await again.wait()
        assert others == ["projects"], "begun once"
        for part in parts:
            part.cancel()
