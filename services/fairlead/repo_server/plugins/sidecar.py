"""The questions to one sidecar, each on a connection of its own.

Invariant: a question ends with an answer or a `PluginError` by its deadline, whatever is at the other end,
and no more is read than an answer may have.
"""

import asyncio
import contextlib
import posixpath
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from grpclib.client import Channel, Stream
from grpclib.const import Cardinality
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError
from h2.exceptions import H2Error

from fairlead.plugin import protocol
from fairlead.plugin.codec import WireCodec
from fairlead.plugin.frames import FrameError, chunks, received
from fairlead.repo_server.plugins.errors import PluginAwayError, PluginFailedError
from fairlead.repo_server.plugins.parcel import Parcel
from fairlead.wire.decode import decode
from fairlead.wire.errors import DecodeError

CHECK_SECONDS = 5.0
"""Seconds for a sidecar to say how it is configured."""
COMPLAINT = 1 << 20
"""Bytes of headers, in one of which a sidecar complains; the original passes on all that a command says."""
WORDS = 4000
"""Characters of a sidecar's complaint that are passed on."""
Answer = TypeVar("Answer")


class Configuration(msgspec.Struct, frozen=True, rename="camel"):
    """What a sidecar says of its plugin."""

    is_discovery_configured: bool = False
    provide_git_creds: bool = False


class Matched(msgspec.Struct, frozen=True, rename="camel"):
    """Whether a plugin renders a source."""

    is_supported: bool = False
    is_discovery_enabled: bool = False


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent with a question: files, where in them the application is, and the variables."""

    parcel: Parcel
    path: str
    environment: Mapping[str, str]


class Sidecar:
    """One plugin. `name` is its socket's without the suffix."""

    def __init__(self, name: str, socket: Path) -> None:
        self.name = name
        self._socket = socket

    async def configuration(self) -> Configuration:
        """How it is configured. Raises PluginError."""
        async with self._asked(protocol.CHECK, Cardinality.UNARY_UNARY, CHECK_SECONDS) as stream:
            await stream.send_message({}, end=True)
            answer = await _answer(stream, protocol.CHECK)
        return self._read(answer, Configuration)

    async def matches(self, work: Work, seconds: float) -> Matched:
        """Whether it renders the source. Raises PluginError."""
        return self._read(await self._sent(protocol.MATCH, work, seconds), Matched)

    async def generate(self, work: Work, seconds: float) -> list[str]:
        """The manifests, as texts of YAML or JSON. Raises PluginError."""
        return self._read(
            (await self._sent(protocol.GENERATE, work, seconds)).get("manifests", []), list[str]
        )

    async def announcements(self, work: Work, seconds: float) -> list[dict[str, Any]]:
        """The parameters it knows. Raises PluginError."""
        answer = await self._sent(protocol.ANNOUNCE, work, seconds)
        return self._read(answer.get("parameterAnnouncements", []), list[dict[str, Any]])

    def _read(self, value: object, kind: type[Answer]) -> Answer:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise PluginAwayError(f"plugin {self.name}: its answer makes no sense: {error}") from error

    async def _sent(self, rpc: str, work: Work, seconds: float) -> dict[str, Any]:
        metadata = {
            "appName": posixpath.basename(work.path) or "repository",
            "appRelPath": work.path or ".",
            "checksum": work.parcel.checksum,
            "size": work.parcel.size,
            "env": [{"name": name, "value": value} for name, value in sorted(work.environment.items())],
        }
        async with self._asked(rpc, Cardinality.STREAM_UNARY, seconds) as stream:
            await stream.send_message({"metadata": metadata})
            async for piece in work.parcel.pieces():
                with stream._wrapper:
                    await stream._stream.send_data(chunks(piece))
            await stream.end()
            return await _answer(stream, rpc)

    @contextlib.asynccontextmanager
    async def _asked(
        self, rpc: str, form: Cardinality, seconds: float
    ) -> AsyncIterator[Stream[Mapping[str, Any], Any]]:
        """A call, whose failures become words of this plugin."""
        channel = Channel(path=str(self._socket), codec=WireCodec())
        kinds: Any = (protocol.request_of(rpc), protocol.response_of(rpc))
        try:
            async with asyncio.timeout(seconds):
                connection = (await channel.__connect__()).connection
                connection._connection.decoder.max_header_list_size = COMPLAINT
                async with channel.request(rpc, form, *kinds, timeout=seconds) as stream:
                    yield stream
        except GRPCError as error:
            raise self._refused(error) from error
        except TimeoutError as error:
            raise PluginAwayError(f"plugin {self.name} did not answer within {seconds:g} s") from error
        except (OSError, StreamTerminatedError) as error:
            words = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise PluginAwayError(f"plugin {self.name} cannot be reached: {words}") from error
        except (FrameError, DecodeError, ProtocolError, H2Error, UnicodeError, ValueError) as error:
            raise PluginAwayError(f"plugin {self.name}: its answer makes no sense: {error}") from error
        finally:
            channel.close()

    def _refused(self, error: GRPCError) -> PluginAwayError | PluginFailedError:
        """A status that is no OK; one of the connection says nothing about the source."""
        words = (error.message or "")[:WORDS]
        name = "".join(part.capitalize() for part in error.status.name.split("_"))
        text = f"rpc error: code = {name} desc = {words}"
        if error.status.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "CANCELLED"):
            return PluginAwayError(f"plugin {self.name}: {text}")
        return PluginFailedError(text)


async def _answer(stream: Stream[Mapping[str, Any], Any], rpc: str) -> dict[str, Any]:
    await stream.recv_initial_metadata()
    with stream._wrapper:
        body = await received(stream._stream, protocol.MAX_ANSWER)
    await stream.recv_trailing_metadata()
    if body is None:
        raise FrameError("there is none")
    if len(body) > 1 << 16:
        return await asyncio.to_thread(decode, protocol.response_of(rpc), body)
    return decode(protocol.response_of(rpc), body)
