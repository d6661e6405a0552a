"""Which repositories this process owns: it beats in a bucket, and all who beat there share them out.

Repositories fall into partitions, each of which belongs to the member that a rendezvous hash says. Nobody's
clock is believed: a member is gone once as many beats of our own have been confirmed without one of its, so
that while NATS is away nobody is gone, and one that was stopped judges nobody before it has read.

Invariant: ownership saves work and no more. Two may believe that they own a partition; what they say is put
in order by the looks that it comes from.
"""

import asyncio
import contextlib
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec
import structlog

from fairlead.bus import Bus, BusError, Entry, Message
from fairlead.bus.topology import MEMBERS_BUCKET, bucket_of
from fairlead.events import MemberBeat, subjects
from fairlead.events.envelope import encode
from fairlead.process.shard import View

log = structlog.get_logger(__name__)

EVERY: Final = 1.0
"""Seconds between two beats."""
MISSED: Final = 6
"""Beats of our own without one of another's after which that one is gone."""
LEAVE_WITHIN: Final = 1.0
"""Seconds for the word that we go."""
NAME_FILE = "member"


class _Peer(msgspec.Struct, kw_only=True):
    """Another member: its last beat that was read, and how many of ours were confirmed since."""

    revision: int
    missed: int = 0


class Members:
    """This process among all that beat in a bucket. `lapses` counts when others may have taken it for gone
    meanwhile, and have worked for what it owns."""

    def __init__(self, bus: Bus, folder: Path, bucket: str = MEMBERS_BUCKET) -> None:
        self.name = name_in(folder)
        self._folder = folder
        self._process = secrets.token_hex(8)
        self._has_namesake = False
        self.owned: frozenset[str] = frozenset()
        self._bus = bus
        self._bucket_name = bucket
        self._bucket = bus.key_value(bucket)
        self.lapses = 0
        self._peers: dict[str, _Peer] = {}
        self._number = 0
        self._confirmed: float | None = None
        self._counted = 0.0
        self._arrived = asyncio.Event()
        self.changed = asyncio.Event()
        """Set when what we own is other than before, or we lapsed."""
        self._joined = asyncio.Event()
        self._hears = False

    @property
    def has_joined(self) -> bool:
        """Whether we are a member and know the others."""
        return self._joined.is_set()

    async def joined(self) -> None:
        """Return once we are a member and know the others."""
        await self._joined.wait()

    async def run(self) -> None:
        """Be a member until cancelled."""
        if not self._hears:
            await self._bus.hear(bucket_of(self._bucket_name).subject, self._heard)
            self._hears = True
        try:
            while True:
                try:
                    await self._beat()
                except (BusError, TimeoutError) as error:
                    log.warning("members.not_beaten", member=self.name, error=str(error))
                await self._wait()
        finally:
            await self._leave()

    async def _beat(self) -> None:
        """Say that we live, read who else does, and take what is ours."""
        if self._has_namesake:
            self._rename()
        begun = time.monotonic()
        self._number += 1
        beat = MemberBeat(number=self._number, process=self._process)
        await self._bucket.put(self.name, encode(beat), attempts=1)
        self._read(await self._bucket.all())
        has_lapsed = self._confirmed is not None and begun - self._confirmed > EVERY * (MISSED - 1)
        self._confirmed = begun
        living = (name for name, peer in self._peers.items() if peer.missed < MISSED)
        view = View(members=dict.fromkeys((self.name, *living), 0))
        owned = frozenset(part for part in subjects.PARTITIONS if view.owner(part) == self.name)
        if owned != self.owned or not self.has_joined:
            log.info("members.owned", member=self.name, members=sorted(view.members), owned=sorted(owned))
            self.owned = owned
            self._joined.set()
            self.changed.set()
        if has_lapsed:
            log.info("members.lapsed", member=self.name)
            self.lapses += 1
            self.changed.set()

    def _read(self, entries: list[Entry]) -> None:
        """What the bucket holds, after a beat of ours; one that took leave is gone at once.

        The last beat of who is gone is known until the bucket forgets it, lest it counts as a first one.
        """
        found = {entry.key: entry for entry in entries if entry.key != self.name}
        is_due = time.monotonic() - self._counted >= EVERY * 0.8
        if is_due:
            self._counted = time.monotonic()
        for name, peer in list(self._peers.items()):
            peer.missed += is_due
            if name not in found and peer.missed >= MISSED:
                del self._peers[name]
        for name, entry in found.items():
            known = self._peers.get(name)
            if entry.value is None:
                self._peers.pop(name, None)
            elif known is None or known.revision != entry.revision:
                self._peers[name] = _Peer(revision=entry.revision)

    async def _heard(self, message: Message) -> None:
        """Somebody beat; one who comes or goes is looked for at once."""
        name = message.subject.rpartition(".")[2]
        if name != self.name:
            if name not in self._peers or not message.payload:
                self._arrived.set()
        elif message.payload and message.event(MemberBeat).process != self._process:
            self._has_namesake = True
            self._arrived.set()

    def _rename(self) -> None:
        """Our folder is a copy of somebody's: two of one name would own the same and never see each other."""
        before, self.name = self.name, new_name(self._folder)
        self._has_namesake = False
        log.warning("members.renamed", member=self.name, before=before, hint="folders of mirrors were copied")

    async def _wait(self) -> None:
        self._arrived.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY):
                await self._arrived.wait()

    async def _leave(self) -> None:
        if not self.has_joined:
            return
        with contextlib.suppress(BusError, TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN):
                await self._bucket.delete(self.name)
                log.info("members.left", member=self.name)


def name_in(folder: Path) -> str:
    """The name of who has a folder, which it keeps: after a restart it owns what its mirrors are of."""
    file = folder / NAME_FILE
    with contextlib.suppress(OSError, UnicodeDecodeError):
        known = file.read_text(encoding="ascii").strip()
        if known.isalnum():
            return known
    return new_name(folder)


def new_name(folder: Path) -> str:
    """A name that nobody has, for who has a folder from now on."""
    name = secrets.token_hex(8)
    (folder / NAME_FILE).write_text(name, encoding="ascii")
    return name
