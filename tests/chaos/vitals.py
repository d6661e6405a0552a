"""What the processes of a run hold: memory, files, threads, children. Looked at from outside, in /proc."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.chaos.place import Place

EVERY = 5.0
"""Seconds between two looks."""
OWN_PROGRAMS = ("git", "render-engine")
"""How the programs that services start are called, beside what is written in Python."""
_PROC = Path("/proc")


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One process at a moment by the monotonic clock; `children_mib` is what its children hold together."""

    instance: str
    pid: int
    at: float
    rss_mib: int
    files: int
    threads: int
    children: int
    children_mib: int


class Vitals:
    """Looks at all services of a place for ever."""

    def __init__(self, place: Place) -> None:
        self.samples: list[Sample] = []
        self._place = place

    async def watch(self) -> None:
        """A look every few seconds."""
        while True:
            self.look()
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """All processes as they are; one that ends meanwhile is left out."""
        parents = parents_of_all()
        for instance, service in self._place.suite.services.items():
            sample = sample_of(instance, service.pid, parents) if service.pid else None
            if sample is not None:
                self.samples.append(sample)


def sample_of(instance: str, pid: int, parents: dict[int, int]) -> Sample | None:
    """One process as it is now, None when it is gone."""
    children = [child for child in descendants(pid, parents) if child != pid]
    try:
        status = _status(pid)
        files = sum(1 for _ in (_PROC / str(pid) / "fd").iterdir())
    except OSError:
        return None
    return Sample(
        instance=instance,
        pid=pid,
        at=time.monotonic(),
        rss_mib=_mib(status),
        files=files,
        threads=int(status.get("Threads", "0")),
        children=len(children),
        children_mib=sum(_mib_of(child) for child in children),
    )


def strays(mark: str, root: int) -> list[str]:
    """Programs of ours whose arguments name this run, and that no process of ours knows any more.

    Whoever only looks into the run's folder is none.
    """
    parents = parents_of_all()
    ours = set(descendants(root, parents))
    found = []
    for pid in parents.keys() - ours:
        try:
            arguments = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if mark in (text := " ".join(arguments)) and _is_ours(arguments):
            found.append(f"{pid}: {text[:200]}")
    return found


def _is_ours(arguments: list[str]) -> bool:
    name = Path(arguments[0]).name
    return name.startswith(OWN_PROGRAMS) or any(word.startswith("fairlead.") for word in arguments)


def descendants(root: int, parents: dict[int, int]) -> Iterator[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        below.setdefault(parent, []).append(pid)
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += below.get(pid, ())


def parents_of_all() -> dict[int, int]:
    """Every process of the machine that is no zombie, and its parent."""
    found = {}
    for file in _PROC.glob("[0-9]*/stat"):
        try:
            text = file.read_text(errors="replace")
        except OSError:
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            found[int(file.parent.name)] = int(parent)
    return found


def _status(pid: int) -> dict[str, str]:
    lines = (_PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _mib(status: dict[str, str]) -> int:
    return int(status.get("VmRSS", "0 kB").split()[0]) // 1024


def _mib_of(pid: int) -> int:
    try:
        return _mib(_status(pid))
    except OSError:
        return 0
