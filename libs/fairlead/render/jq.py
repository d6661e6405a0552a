"""Where in an object the fields are that a jq expression names: `jqPathExpressions` of ignored differences.

jq is a language in which anything can be asked, also what never ends. So it is evaluated in a child process
without an environment, which is ended and replaced when an answer takes too long. Invariant: an expression
that cannot be evaluated is an IgnoreRuleError, never an empty answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.respect import Steps

START_SECONDS: Final = 60.0
"""A machine under load may take this long to start a Python."""
MAX_ANSWER: Final = 64 * 1024 * 1024
"""Bytes of one answer."""


class UnansweredError(IgnoreRuleError):
    """The child did not answer, this time; the expression may be right."""


class _Answer(msgspec.Struct, frozen=True):
    ready: bool = False
    invalid: str = ""
    paths: tuple[tuple[tuple[str | int, ...], ...], ...] = ()


_ANSWER = msgspec.json.Decoder(_Answer)


class Jq:
    """One child, one question at a time; `timeout` is seconds for each expression and object."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def paths(
        self, expressions: Sequence[str], objects: Sequence[Any]
    ) -> tuple[tuple[Steps, ...], ...]:
        """For each object the paths that any of the expressions names.

        Raises IgnoreRuleError: an expression is none. UnansweredError: another attempt may tell.
        Each expression waits for a turn of its own: of many slow ones somebody else's come in between.
        """
        found: list[tuple[Steps, ...]] = [() for _ in objects]
        for expression in expressions:
            named = await self._named(expression, objects)
            found = [before + more for before, more in zip(found, named, strict=True)]
        return tuple(found)

    async def _named(self, expression: str, objects: Sequence[Any]) -> tuple[tuple[Steps, ...], ...]:
        question = msgspec.json.encode({"expressions": (expression,), "objects": objects}) + b"\n"
        async with self._turn:
            try:
                child = await self._started()
                async with asyncio.timeout(self._timeout * len(objects)):
                    answer = await _asked(child, question)
            except (TimeoutError, OSError, EOFError, ValueError) as error:
                await self.aclose()
                problem = "took too long" if isinstance(error, TimeoutError) else "could not be evaluated"
                raise UnansweredError(f"jq expression {expression!r} {problem}") from None
            except BaseException:
                await self.aclose()
                raise
        if answer.invalid:
            raise IgnoreRuleError(answer.invalid)
        return answer.paths

    async def aclose(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._child is not None and self._child.returncode is None:
            return self._child
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "fairlead.render.jq_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            limit=MAX_ANSWER,
        )
        async with asyncio.timeout(START_SECONDS):
            await _asked(self._child, b"")
        return self._child


async def _asked(child: asyncio.subprocess.Process, question: bytes) -> _Answer:
    if child.stdin is None or child.stdout is None:
        raise EOFError
    if question:
        child.stdin.write(question)
        await child.stdin.drain()
    line = await child.stdout.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return _ANSWER.decode(line)


def without_paths(value: Any, paths: Sequence[Steps]) -> Any:
    """A copy of a value without what these paths lead to."""
    for path in sorted(set(paths), key=_from_the_end, reverse=True):
        value = _without(value, path) if path else value
    return value


def _from_the_end(path: Steps) -> tuple[tuple[int, str | int], ...]:
    return tuple((1, step) if isinstance(step, int) else (0, step) for step in path)


def _without(value: Any, steps: Steps) -> Any:
    step, rest = steps[0], steps[1:]
    if isinstance(step, str) and isinstance(value, dict) and step in value:
        if rest:
            return {**value, step: _without(value[step], rest)}
        return {name: item for name, item in value.items() if name != step}
    if isinstance(step, int) and isinstance(value, list) and 0 <= step < len(value):
        middle = [_without(value[step], rest)] if rest else []
        return [*value[:step], *middle, *value[step + 1 :]]
    return value
