"""Asking a server over SSH for its branches and tags, in whichever version of Git's protocol it speaks.

Servers that are told of version 2 and do not know it, or are not told as their SSH server lets nothing
through, begin with all refs at once. Invariant: at most MAX_ANSWER bytes are kept, and only a whole list
counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from fairlead.git.advertised import FOLLOWED, OBJECT_ID, Advertised
from fairlead.git.errors import GitTransientError, plain
from fairlead.git.ls_refs import MAX_ANSWER, parse, question
from fairlead.git.ssh.refusals import refused

if TYPE_CHECKING:
    from fairlead.git.ssh.channel import Channel

SILENCE = 15.0
"""Seconds without a byte after which a server is given up."""
LARGE = 1 << 20
"""Bytes of a list from which it is read off the event loop."""
ENDING = 2.0
"""Seconds in which a server that has ended says why."""
_NO_REFS = frozenset({"version", "shallow"})
_FLUSH = b"0000"
_SHOWN = 200


class Packets:
    """Collects what comes until the packet that ends a part; each part is taken once."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.is_over = False
        self.problem = ""
        self._data = bytearray()
        self._at = 0
        self._end = 0

    def begin(self, channel: Channel) -> None:
        """Nothing is asked before the server has begun."""

    def take(self, data: bytes) -> None:
        self._data += data
        if not self.problem and not self._end:
            self._look()
        self.arrived.set()

    def end(self) -> None:
        self.is_over = True
        self.arrived.set()

    def hold(self) -> None:
        """Questions are short."""

    def release(self) -> None:
        """Questions are short."""

    def part(self) -> bytes | None:
        """All up to the next flush packet, with it; None until that is here."""
        if not self._end:
            return None
        found = bytes(self._data[: self._end])
        del self._data[: self._end]
        self._at = self._end = 0
        self._look()
        return found

    @property
    def start(self) -> str:
        """What has come, for whoever wonders what it is."""
        return plain(bytes(self._data[:_SHOWN]).decode(errors="replace")).strip()

    def _look(self) -> None:
        data, at = self._data, self._at
        while at + 4 <= len(data):
            try:
                size = int(data[at : at + 4], 16)
            except ValueError:
                self.problem = "does not speak Git's protocol"
                break
            if size == 0:
                self._end = at + 4
                break
            if at + size > len(data):
                break
            if data[at + 4 : at + 8] == b"ERR ":
                said = bytes(data[at + 8 : at + size]).decode(errors="replace")
                self.problem = f"says: {plain(said).strip()[:_SHOWN]}"
                break
            at += max(size, 4)
        if len(data) > MAX_ANSWER:
            self.problem = f"answers with more than {MAX_ANSWER >> 20} MiB"
        self._at = at


async def list_refs(url: str, channel: Channel, packets: Packets, also: tuple[str, ...] = ()) -> Advertised:
    """The followed refs, and those named, from a `git-upload-pack` that has just begun. Raises GitError."""
    first = await _next(url, channel, packets)
    is_second = first[4:].startswith(b"version 2")
    channel.write(question(also, first) if is_second else _FLUSH)
    body, read = (await _next(url, channel, packets), parse) if is_second else (first, parse_all)
    if is_second:
        channel.write(_FLUSH)  # nothing more is asked
    try:
        return read(body, also) if len(body) < LARGE else await asyncio.to_thread(read, body, also)
    except ValueError as error:
        raise GitTransientError(f"{url}: the server's list of refs is not understood: {error}") from error


async def _next(url: str, channel: Channel, packets: Packets) -> bytes:
    while (found := packets.part()) is None:
        if packets.problem or packets.is_over:
            raise await _failed(url, channel, packets)
        packets.arrived.clear()
        try:
            async with asyncio.timeout(SILENCE):
                await packets.arrived.wait()
        except TimeoutError as error:
            raise GitTransientError(f"{url}: the SSH server says nothing for {SILENCE:g} s") from error
    return found


async def _failed(url: str, channel: Channel, packets: Packets) -> Exception:
    if packets.problem.startswith("does not"):
        return GitTransientError(f"{url}: the SSH server {packets.problem}; it says {packets.start!r}")
    if packets.problem:
        return refused(url, packets.problem)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ENDING):
            await channel.ended.wait()
    return refused(url, channel.complaint or "it ended without an answer")


def parse_all(body: bytes, also: tuple[str, ...] = ()) -> Advertised:
    """Read what a server of version 0 or 1 begins with. Raises ValueError when it is not whole."""
    refs: dict[str, str] = {}
    head, at = "", 0
    while size := int(body[at : at + 4], 16):
        line, _, told = body[at + 4 : at + size].rstrip(b"\n").partition(b"\0")
        at += size
        oid, _, name = line.decode(errors="surrogateescape").partition(" ")
        head = next((w[12:] for w in told.decode().split(" ") if w.startswith("symref=HEAD:")), head)
        if oid in _NO_REFS or name == "capabilities^{}":
            continue
        if not OBJECT_ID.match(oid) or size < 4:
            raise ValueError(f"{plain(oid)[:80]!r} is no object's id")
        if name == "HEAD":
            head = head or oid
        elif name in also or (name.startswith(FOLLOWED) and not name.endswith("^{}")):
            refs[name] = oid
    return Advertised(refs=refs, head=head)
