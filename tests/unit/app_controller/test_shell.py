"""A shell in a container: which one runs, and what reaches it when."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import msgspec

from fairlead.app_controller.answering.named import Found
from fairlead.app_controller.answering.shell import Shell
from fairlead.kube.exec_stream import RESIZE, ExecStream
from fairlead.manifest.identity import ResourceKey
from tests.unit.kube.test_exec_stream import Line, failure

NOT_THERE = "executable file not found in $PATH"


class Torn(Line):
    """Where a program is not there: what is sent to it tears away the words that say so."""

    async def receive(self) -> aiohttp.WSMessage:
        if self.sent:
            self.said.clear()
        return await super().receive()


class There(Line):
    """Where a program begins, and goes on until it was told something."""

    async def receive(self) -> aiohttp.WSMessage:
        while len(self.said) == 1 and not self.sent:
            await asyncio.sleep(0)
        return await super().receive()


class Writer:
    """A cluster with a line for each shell."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self.lines = lines
        self.asked: list[str] = []

    async def write(self, _: str, __: object, request: Callable[[Any], Awaitable[Any]], **___: str) -> Any:
        return await request(self)

    async def exec(self, _: str, __: str, ___: str, command: list[str]) -> ExecStream:
        self.asked += command
        return ExecStream(self.lines[command[0]])


def shell(writer: Writer) -> Shell:
    key = ResourceKey(group="", kind="Pod", namespace="shop", name="web")
    found = SimpleNamespace(live=SimpleNamespace(key=key), writer=writer, resource=None)
    return Shell(cast(Found, found), "main", list(writer.lines), ended=lambda: None)


async def output_of(running: Shell) -> tuple[str, str]:
    said = b""
    while True:
        data, is_over, problem = await running.read()
        said += data
        if is_over:
            running.end()
            return said.decode(), problem


async def test_a_shell_that_is_not_there_is_told_nothing_and_the_next_one_its_size() -> None:
    there = There(b"\x01$ ", b'\x03{"status":"Success"}')
    writer = Writer({"bash": Torn(failure(NOT_THERE)), "sh": there})
    running = shell(writer)
    await running.resize(24, 80)
    assert await output_of(running) == ("$ ", "")
    assert writer.asked == ["bash", "sh"]
    assert writer.lines["bash"].sent == []
    assert there.sent == [bytes([RESIZE]) + msgspec.json.encode({"Width": 80, "Height": 24})]


async def test_a_connection_that_breaks_before_a_shell_spoke_leads_to_the_next_one() -> None:
    writer = Writer({"bash": Line(), "sh": Line(b"\x01$ ", b'\x03{"status":"Success"}')})
    assert await output_of(shell(writer)) == ("$ ", "")


async def test_where_no_shell_is_there_the_last_ones_reason_is_told() -> None:
    writer = Writer({"bash": Line(), "sh": Line(failure(NOT_THERE))})
    assert await output_of(shell(writer)) == ("", f"Failed to exec container: {NOT_THERE}")
    assert await output_of(shell(Writer({"sh": Line()}))) == ("", "the connection to the container broke")


async def test_a_shell_that_spoke_and_broke_is_not_begun_again() -> None:
    writer = Writer({"bash": Line(b"\x01$ "), "sh": Line(b"\x01$ ")})
    said, problem = await output_of(shell(writer))
    assert (said, problem) == ("$ ", "the connection to the container broke")
    assert writer.asked == ["bash"]
