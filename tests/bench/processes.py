"""CPU seconds and memory of processes, from /proc.

Why: a figure must hold what a service's children used too, and say how much other work disturbed it.
Invariant: the time of a child counts once, whether it still runs or was waited for.
"""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
"""Ticks of a second in /proc; a figure is no finer than one of them for each process."""
MIB = 1024.0
ENGINE = "render-engine"
_NAME_ENDS = ")"


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One line of /proc/PID/stat; `cpu_seconds` are its own and those of children it waited for."""

    pid: int
    parent: int
    name: str
    cpu_seconds: float


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """MiB. `pss` counts a page that several processes share once, divided among them."""

    rss: float
    pss: float

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(rss=self.rss + other.rss, pss=self.pss + other.pss)


NOTHING = Memory(rss=0.0, pss=0.0)


class Processes:
    """All processes at one moment, and who started whom."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        self.machine_seconds = _machine_seconds()
        self._by_pid = {
            found.pid: found for entry in PROC.iterdir() if (found := _process(entry)) is not None
        }
        self._children: dict[int, list[int]] = {}
        for process in self._by_pid.values():
            self._children.setdefault(process.parent, []).append(process.pid)

    def tree(self, root: int) -> list[Process]:
        """A process and all that descend from it; nothing when it has ended."""
        if root not in self._by_pid:
            return []
        found, waiting = [], [root]
        while waiting:
            pid = waiting.pop()
            found.append(self._by_pid[pid])
            waiting += self._children.get(pid, ())
        return found

    def cpu_seconds(self, roots: Mapping[str, int]) -> dict[str, float]:
        """CPU seconds so far of each named tree; the render engine's children are named by themselves."""
        return {name: sum(item.cpu_seconds for item in found) for name, found in self._named(roots).items()}

    def memory(self, roots: Mapping[str, int]) -> dict[str, Memory]:
        """Memory of each named tree at this moment."""
        return {name: _total(item.pid for item in found) for name, found in self._named(roots).items()}

    def _named(self, roots: Mapping[str, int]) -> dict[str, list[Process]]:
        named: dict[str, list[Process]] = {}
        for root, pid in roots.items():
            for process in self.tree(pid):
                name = ENGINE if process.name == ENGINE else root
                named.setdefault(name, []).append(process)
        return named


def _process(entry: Path) -> Process | None:
    if not entry.name.isdecimal():
        return None
    try:
        text = (entry / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    head, _, tail = text.rpartition(_NAME_ENDS)
    words = tail.split()
    return Process(
        pid=int(entry.name),
        parent=int(words[1]),
        name=head.partition("(")[2],
        cpu_seconds=sum(map(int, words[11:15])) / TICKS,
    )


def _total(pids: Iterable[int]) -> Memory:
    total = NOTHING
    for pid in pids:
        total += _memory(pid)
    return total


def _memory(pid: int) -> Memory:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return NOTHING
    sizes = {words[0].rstrip(":"): int(words[1]) / MIB for line in lines if len(words := line.split()) >= 2}
    return Memory(rss=sizes.get("Rss", 0.0), pss=sizes.get("Pss", 0.0))


def _machine_seconds() -> float:
    """CPU seconds all processes of the machine used since it started; idle and waiting left out."""
    user, nice, system, _, _, irq, soft_irq, steal = map(
        int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + soft_irq + steal) / TICKS
