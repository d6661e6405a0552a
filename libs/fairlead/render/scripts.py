"""Scripts of people: Lua of actions, Go templates and expr conditions of links, in an engine of their own.

The engine is started when the first script is to be run, and walled off from files, network and programs.
Invariant: whatever a script does, it ends: Lua by its deadline, everything by the engine's; the next script
meets a fresh engine then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from fairlead.render.engine import EngineConfig
from fairlead.render.errors import RenderError, RenderTransientError
from fairlead.render.pool import PoolConfig, RenderPool

LUA_SECONDS: Final = 1.0
"""How long a Lua script may run (contract 8.4)."""
DEADLINE_SECONDS: Final = 10.0
"""How long anything may take, on a machine that is busy with other things too."""
MEMORY_BYTES: Final = 192 << 20
WAITING: Final = 256
"""Scripts that may wait for their turn."""
FILL_SECONDS: Final = 5.0
"""How long one request to fill in may take: the engine answers with what it has after two, so this is for one
set of values."""
FILLED_AT_ONCE: Final = 500
"""Sets of values that a tree of templates is filled in for by one request."""
FILLED_BYTES: Final = 4 << 20
"""Of such a request, unless one set is larger."""
_TOO_LONG: Final = ("the script took longer than", "the script ran more than")
"""The engine's words for Lua that it ended because of the time or the work it took."""


class ScriptError(Exception):
    """A script that cannot be read or run; the words are for who wrote it.

    One that `may_pass` was failed by the engine: another attempt may succeed. One that `took_too_long` cost
    the engine all the time that it may have.
    """

    def __init__(self, message: str, *, may_pass: bool = False, took_too_long: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.took_too_long = took_too_long


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A tree of templates filled in, of so many bytes in JSON, or why it cannot be and in which field."""

    value: Any = None
    error: str = ""
    field: str = ""
    size: int = 0


_FILLED = msgspec.json.Decoder(Filled)


class Scripts:
    """Evaluates one script at a time. Without a `binary` every script is a ScriptError."""

    def __init__(self, binary: Path | None) -> None:
        self._binary = binary
        self._pool: RenderPool | None = None
        self._starting = asyncio.Lock()

    async def lua(
        self,
        script: str,
        variables: Mapping[str, Any],
        *,
        open_libs: bool = False,
        seconds: float = LUA_SECONDS,
    ) -> Any:
        """What a Lua script returns. Raises ScriptError.

        What came in as `obj` comes out as it was where the script left it alone, also large integers and
        empty maps, which Lua itself does not keep.
        """
        return await self._run("lua", script, variables, open_libs=open_libs, seconds=seconds)

    async def template(self, text: str, variables: Mapping[str, Any]) -> str:
        """A Go template filled in, with Sprig's functions but those that look outside. Raises ScriptError."""
        return str(await self._run("template", text, variables))

    async def expression(self, text: str, variables: Mapping[str, Any]) -> Any:
        """What an expr expression comes to. Raises ScriptError."""
        return await self._run("expr", text, variables)

    async def fill(
        self, tree: Any, sets: Iterable[Any], *, options: Sequence[str] = ()
    ) -> AsyncIterator[Filled]:
        """A tree whose every text is a Go template, keys too, filled in for each set of values, in order.

        Beside Sprig's functions there are those of ApplicationSets. A map whose only key is NUL is a map of
        texts. Numbers are floats, as JSON has them, and are written in full. Raises ScriptError.
        """
        text, left = msgspec.json.encode(tree), map(msgspec.json.encode, sets)
        waiting: list[bytes] = []
        while True:
            waiting += _some(left, FILLED_AT_ONCE - len(waiting), FILLED_BYTES - sum(map(len, waiting)))
            if not waiting:
                return
            try:
                pool = await self._started()
                some = b"[%s]" % b",".join(waiting)
                documents = await pool.fill(text, some, options, seconds=FILL_SECONDS)
            except RenderError as error:
                raise _failed(error) from error
            if not documents:
                raise ScriptError("the render engine filled in nothing", may_pass=True)
            for document in documents:
                yield msgspec.structs.replace(_FILLED.decode(document), size=len(document))
            del waiting[: len(documents)]

    async def notice(self, work: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        """Conditions and templates of notifications, all in one go; each has its own outcome. Raises
        ScriptError when the engine itself fails."""
        return await self._run("notice", msgspec.json.encode(work).decode(), variables)

    async def aclose(self) -> None:
        """End the engine."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)

    async def _run(
        self,
        verb: str,
        text: str,
        variables: Mapping[str, Any],
        *,
        open_libs: bool = False,
        seconds: float = 0.0,
    ) -> Any:
        try:
            pool = await self._started()
            answer = await pool.evaluate(
                verb,
                text,
                msgspec.json.encode(variables),
                open_libs=open_libs,
                milliseconds=int(seconds * 1000),
            )
        except RenderError as error:
            raise _failed(error) from error
        return msgspec.json.decode(answer)

    async def _started(self) -> RenderPool:
        if self._binary is None:
            raise ScriptError("no render engine was named, so no script can be run")
        async with self._starting:
            if self._pool is None:
                engine = EngineConfig(
                    binary=self._binary,
                    scripts=True,
                    memory_bytes=MEMORY_BYTES,
                    deadline_seconds=DEADLINE_SECONDS,
                )
                pool = RenderPool(PoolConfig(engine=engine, size=1, queue=WAITING))
                self._pool = await pool.__aenter__()
            return self._pool


def _some(left: Iterator[bytes], most: int, room: int) -> list[bytes]:
    """The next of what is left, as far as there is room; at least one where any may be taken at all."""
    found: list[bytes] = []
    while len(found) < most and room > 0 and (one := next(left, None)) is not None:
        found.append(one)
        room -= len(one)
    return found


def _failed(error: RenderError) -> ScriptError:
    return ScriptError(
        str(error),
        may_pass=isinstance(error, RenderTransientError),
        took_too_long=error.code == "deadline" or str(error).startswith(_TOO_LONG),
    )
