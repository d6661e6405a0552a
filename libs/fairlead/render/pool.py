"""Warm render engines, shared fairly.

Invariant: a request is tried again only when its child died by itself; one that was killed for its
time or its memory is never given a second chance to do the same.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
import structlog

from fairlead.render import wire
from fairlead.render.engine import Engine, EngineConfig
from fairlead.render.errors import (
    EngineBusyError,
    EngineDiedError,
    EngineFailureError,
    EngineStarvedError,
    RenderError,
    RenderInvalidError,
    RenderNeedsError,
)
from fairlead.render.request import ReadEntry, RenderRequest, RenderResult
from fairlead.render.turns import Lane, Turns

log = structlog.get_logger()

NEEDS = "needs"
"""The code of a failure that names what is wanted."""


class PoolConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`size` children at most, started when first needed; `queue` requests of a lane may wait for one.

    A child that holds more than `keep_bytes` after a request is replaced.
    """

    engine: EngineConfig
    size: int = 2
    queue: int = 2000
    keep_bytes: int = 256 << 20


class RenderPool:
    """Renders; within a lane first come first served. Use as an async context manager.

    `waited` is told how many seconds each request waited for a child.
    """

    def __init__(self, config: PoolConfig, waited: Callable[[float], None] = lambda _: None) -> None:
        self._config = config
        self._idle: list[Engine] = []
        self._turns = Turns(config.size, config.queue, waited)
        self._closed = False
        self._version = ""

    async def __aenter__(self) -> Self:
        self._version = await asyncio.to_thread(_digest_of, self._config.engine.binary)
        engine = await self._start()
        try:
            _tell((await engine.ask({"verb": "version"})).confined)
        except RenderError as error:
            log.warning("render.engine.mute", error=str(error))
        await self._give_back(engine)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        idle, self._idle = self._idle, []
        async with asyncio.TaskGroup() as group:
            for engine in idle:
                group.create_task(engine.close())

    @property
    def engine_version(self) -> str:
        """Names the engine's exact build: the start of the digest of its binary."""
        return self._version

    @property
    def pids(self) -> list[int]:
        """The children that wait for work."""
        return [engine.pid for engine in self._idle]

    async def render(
        self,
        request: RenderRequest,
        *,
        lane: Lane = Lane.DEPLOYMENT,
        deadline_seconds: float | None = None,
    ) -> RenderResult:
        """Render one path of one commit. Raises a RenderError, see `fairlead.render.errors`.

        The deadline counts from when a child takes the request, not while it waits.
        """
        limits = self._config.engine
        message = wire.render_message(
            request, combined_bytes=limits.combined_bytes, output_bytes=limits.output_bytes
        )
        reply = await self._ask(message, lane, deadline_seconds)
        return RenderResult(
            documents=reply.documents,
            source_type=reply.source_type,
            reads=reply.reads or (),
            warnings=reply.warnings or (),
        )

    async def edited(
        self, request: RenderRequest, *, lane: Lane = Lane.DEPLOYMENT
    ) -> tuple[tuple[str, bytes] | None, tuple[ReadEntry, ...]]:
        """The kustomization of a source with its options edited into it, by its path in the repository; None
        when there is nothing to edit. And what was read for it. Raises a RenderError.
        """
        limits = self._config.engine
        message = wire.render_message(
            request, combined_bytes=limits.combined_bytes, output_bytes=limits.output_bytes
        )
        reply = await self._ask({**message, "verb": "edit"}, lane, None)
        name_and_text = reply.documents
        edited = (name_and_text[0].decode(), name_and_text[1]) if name_and_text else None
        return edited, reply.reads or ()

    async def documents(self, text: bytes, *, name: str = "", lane: Lane = Lane.DEPLOYMENT) -> list[bytes]:
        """The documents of a YAML text as JSON, as Kubernetes reads them. `name` is for messages."""
        limit = {"output": self._config.engine.output_bytes}
        message = {"verb": "yaml", "text": text, "name": name, "limits": limit}
        return (await self._ask(message, lane, None)).documents

    async def evaluate(
        self, verb: str, text: str, variables: bytes, *, open_libs: bool = False, milliseconds: int = 0
    ) -> bytes:
        """The JSON that a script comes to (`lua`, `template` or `expr`); `variables` is a JSON object."""
        message = {
            "verb": verb,
            "text": text.encode(),
            "input": variables,
            "open": open_libs,
            "milliseconds": milliseconds,
        }
        return (await self._ask(message, Lane.DEPLOYMENT, None)).documents[0]

    async def fill(self, tree: bytes, sets: bytes, options: Sequence[str], *, seconds: float) -> list[bytes]:
        """A JSON tree of templates filled in for the first few, at least one, of a JSON list of values."""
        message = {"verb": "fill", "text": tree, "input": sets, "templateOptions": options}
        return (await self._ask(message, Lane.DEPLOYMENT, seconds)).documents

    def limit(self, most: int) -> None:
        """Let no more than so many render at once; 0 is as many as there are children at most."""
        self._turns.resize(min(most, self._config.size) if most > 0 else self._config.size)

    async def retire(self) -> None:
        """Replace the children that wait for work: what they may read was settled when they were started."""
        idle, self._idle = self._idle, []
        for engine in idle:
            await engine.close()

    async def _ask(
        self, message: Mapping[str, object], lane: Lane, deadline_seconds: float | None
    ) -> wire.Reply:
        if self._closed:
            raise EngineBusyError("closed")
        async with self._turns.of(lane):
            try:
                reply = await self._attempt(message, deadline_seconds)
            except EngineDiedError as error:
                log.warning("render.retried", reason=str(error))
                reply = await self._attempt(message, deadline_seconds)
        if reply.error is not None:
            raise _error_of(reply, reply.error)
        return reply

    async def _attempt(self, message: Mapping[str, object], deadline_seconds: float | None) -> wire.Reply:
        engine = await self._take()
        try:
            return await engine.ask(message, deadline_seconds=deadline_seconds)
        finally:
            await self._give_back(engine)

    async def _take(self) -> Engine:
        while self._idle:
            engine = self._idle.pop()
            if engine.alive:
                return engine
            await engine.close()
        return await self._start()

    async def _give_back(self, engine: Engine) -> None:
        fit = engine.alive and not self._closed and engine.resident_bytes <= self._config.keep_bytes
        if fit:
            self._idle.append(engine)
        else:
            await engine.close()

    async def _start(self) -> Engine:
        return await Engine.start(self._config.engine)


def _tell(confined: str) -> None:
    """Say once what stands between a hole in a library and this process' secrets."""
    walls = [wall.split(": ", 1) for wall in confined.split("; ")]
    missing = [": ".join(wall) for wall in walls if len(wall) > 1]
    if missing:
        log.warning("render.engine.not_confined", missing=missing, hint="a kernel from 5.13 on has Landlock")
    else:
        log.info("render.engine.confined", by=[wall[0] for wall in walls])


def _error_of(reply: wire.Reply, failure: wire.Failure) -> RenderError:
    if failure.code == NEEDS:
        wants = failure.wants or ()
        return RenderNeedsError(failure.message, wants=wants, file=failure.file, reads=reply.reads or ())
    policy: type[RenderError] = RenderInvalidError
    if failure.kind == "transient":
        policy = EngineStarvedError if failure.code == "program" else EngineFailureError
    return policy(failure.message, code=failure.code, file=failure.file, reads=reply.reads or ())


def _digest_of(binary: Path) -> str:
    try:
        with binary.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
    except OSError as error:
        raise EngineDiedError(f"the render engine {binary} cannot be read: {error}") from error
