"""The answers of the plugin: each in a folder of its own, within the caller's deadline."""

import asyncio
import contextlib
import os
import posixpath
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream

from fairlead.plugin import protocol
from fairlead.plugin_server.announce import AnnounceError, announced
from fairlead.plugin_server.commands import Bounds, CommandError, Commands
from fairlead.plugin_server.config import Config
from fairlead.plugin_server.discover import DiscoverError, renders
from fairlead.plugin_server.plugin_file import Plugin
from fairlead.plugin_server.receive import Asked, ReceiveError, archive_of, asked_of, unpack

log = structlog.get_logger(__name__)

LONGEST = 600.0
"""Seconds for a question whose caller sets no deadline."""


class Question(NamedTuple):
    """A question whose files are here."""

    root: Path
    path: str
    commands: Commands
    seconds: float

    @property
    def folder(self) -> Path:
        """The application's."""
        return self.root / self.path


class Service:
    """Answers questions about sources."""

    def __init__(self, plugin: Plugin, config: Config) -> None:
        self._plugin = plugin
        self._config = config
        self._gate = asyncio.Semaphore(config.at_once)

    def __mapping__(self) -> dict[str, Handler]:
        """What grpclib serves."""
        streamed = {
            protocol.MATCH: self.match,
            protocol.GENERATE: self.generate,
            protocol.ANNOUNCE: self.announce,
        }
        known = {path: (answer, Cardinality.STREAM_UNARY) for path, answer in streamed.items()}
        known[protocol.CHECK] = (self.check, Cardinality.UNARY_UNARY)
        return {
            path: Handler(answer, form, protocol.request_of(path), protocol.response_of(path))
            for path, (answer, form) in known.items()
        }

    async def check(self, stream: Stream[Any, Any]) -> None:
        """How the plugin is configured."""
        await stream.recv_message()
        spec = self._plugin.spec
        await stream.send_message(
            {
                "isDiscoveryConfigured": spec.discover.is_configured,
                "provideGitCreds": spec.provide_git_creds,
            }
        )

    async def match(self, stream: Stream[Any, Any]) -> None:
        """Whether the plugin renders a source."""
        discover = self._plugin.spec.discover
        async with self._asked(stream, "match repository error receiving stream") as asked:
            try:
                found = await renders(discover, asked.root, asked.path, asked.commands, asked.seconds)
            except DiscoverError as error:
                raise _failed(f"match repository error: {error}") from error
        await stream.send_message({"isSupported": found, "isDiscoveryEnabled": discover.is_configured})

    async def generate(self, stream: Stream[Any, Any]) -> None:
        """The manifests of a source."""
        spec, loop = self._plugin.spec, asyncio.get_running_loop()
        async with self._asked(stream, "generate manifest error receiving stream") as asked:
            until = loop.time() + asked.seconds
            try:
                if spec.init.command:
                    await asked.commands.printed(spec.init, asked.folder, asked.seconds)
                printed = await asked.commands.printed(spec.generate, asked.folder, until - loop.time())
            except CommandError as error:
                raise _failed(f"error generating manifests: {error}") from error
        await stream.send_message({"manifests": [printed] if printed.strip() else []})

    async def announce(self, stream: Stream[Any, Any]) -> None:
        """The parameters of a source."""
        parameters = self._plugin.spec.parameters
        async with self._asked(stream, "parameters announcement error receiving stream") as asked:
            try:
                found = await announced(parameters, asked.folder, asked.commands, asked.seconds)
            except AnnounceError as error:
                raise _failed(f"get parameters announcement error: {error}") from error
        await stream.send_message({"parameterAnnouncements": found})

    @contextlib.asynccontextmanager
    async def _asked(self, stream: Stream[Any, Any], otherwise: str) -> AsyncIterator[Question]:
        """A question with its files, in folders that are gone afterwards."""
        async with self._gate:
            work = self._config.work / secrets.token_hex(8)
            try:
                try:
                    asked, root = await self._received(stream, work)
                except ReceiveError as error:
                    raise _failed(f"{otherwise}: {error}") from error
                path = posixpath.normpath(asked.app_rel_path or ".")
                if not await asyncio.to_thread(_is_below, root, path):
                    raise _failed("illegal appPath: out of workDir bound")
                yield Question(root, path, self._commands(work, asked), _seconds_of(stream))
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, work, ignore_errors=True))

    async def _received(self, stream: Stream[Any, Any], work: Path) -> tuple[Asked, Path]:
        asked = await asked_of(stream._stream)
        root = work / "repository"
        with tempfile.TemporaryFile(dir=self._config.work) as archive:
            await archive_of(stream._stream, asked, archive)
            await asyncio.to_thread(self._unpacked, archive, work, root)
        return asked, root

    def _unpacked(self, archive: Any, work: Path, root: Path) -> None:
        for folder in (work, root, work / "home"):
            folder.mkdir(mode=0o700)
        unpack(archive, root, preserve_mode=self._plugin.spec.preserve_file_mode)
        if self._config.user:
            _give(work, self._config.user)

    def _commands(self, work: Path, asked: Asked) -> Commands:
        said = {entry.name: entry.value for entry in asked.env if _is_variable(entry.name, entry.value)}
        bounds = Bounds(memory=self._config.memory, processes=self._config.processes, user=self._config.user)
        return Commands(work / "home", bounds, {**self._config.passed, **said})


def _is_variable(name: str, value: str) -> bool:
    return bool(name) and "=" not in name and "\0" not in name + value


def _is_below(root: Path, path: str) -> bool:
    """Whether the application's folder is one of the files; links that lead out were refused before."""
    return not path.startswith("..") and (root / path).resolve().is_relative_to(root.resolve())


def _give(folder: Path, user: int) -> None:
    os.chown(folder, user, user)
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(place, name), user, user, follow_symlinks=False)  # noqa: PTH118


def _seconds_of(stream: Stream[Any, Any]) -> float:
    """Seconds for commands: less than the caller waits, so that it hears what became of them."""
    if stream.deadline is None:
        return LONGEST
    return stream.deadline.time_remaining() - protocol.EARLIER


def _failed(words: str) -> GRPCError:
    log.warning("plugin.failed", reason=words[:1000])
    return GRPCError(Status.UNKNOWN, words)
