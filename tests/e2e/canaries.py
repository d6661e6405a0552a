"""Secrets that would be recognised anywhere, and the places where none of them may be found.

A canary is looked for as it is and in the base64 of any of the three alignments that text may have within a
longer one, so that a header, a Secret's data or a msgpack blob hide it no better than a log line.
"""

import asyncio
import base64
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

_CORE = 24
"""Characters of a canary's random part."""
GIT = "git"


def canary(name: str) -> str:
    """A secret that nothing else resembles; letters and digits, so that no encoding changes it."""
    return f"canary{name}{secrets.token_hex(_CORE // 2)}"


class Canaries:
    """All secrets of a sweep, by name."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._needles: dict[bytes, str] = {}

    def new(self, name: str) -> str:
        """A canary made now."""
        return self.add(name, canary(name.replace("-", "")))

    def add(self, name: str, value: str) -> str:
        """A secret that is there already."""
        self._known[name] = value
        for needle in (value, *_encodings(value)):
            self._needles[needle.encode()] = name
        return value

    def __getitem__(self, name: str) -> str:
        return self._known[name]

    def names(self) -> set[str]:
        """Every secret's name."""
        return set(self._known)

    def leaks(self, sink: str, content: bytes, *, but: tuple[str, ...] = ()) -> Iterator[str]:
        """One line for each secret that the content holds, with what stands around it."""
        for needle, name in self._needles.items():
            place = content.find(needle)
            if place >= 0 and not name.startswith(but or ("\0",)):
                around = content[max(0, place - 80) : place + len(needle) + 40]
                yield f"{name} in {sink}: …{around!r}…"


def _encodings(value: str) -> Iterator[str]:
    """The part of the base64 of any text with this value in it that does not depend on its neighbours."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + value.encode()).decode()
        yield encoded[4 if shift else 0 : len(value) // 3 * 4 - 4]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder with its content."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_bytes()


class Processes:
    """Watches what stands in the arguments and environments of the processes below some."""

    def __init__(self, roots: Mapping[str, int]) -> None:
        self.seen: dict[str, bytes] = {}
        self._roots = roots

    async def watch(self) -> None:
        """Look for ever; a process that lives shorter than a look may be missed."""
        while True:
            self.look()
            await asyncio.sleep(0.02)

    def look(self) -> None:
        """One look at all of them.

        Between its fork and its exec a child is its parent still, arguments and environment included: it is
        looked at once it is a program of its own.
        """
        for name, root in self._roots.items():
            for pid, parent in _below(root).items():
                try:
                    arguments, environment = _arguments(pid), Path(f"/proc/{pid}/environ").read_bytes()
                    became_another = _arguments(pid) != arguments
                    still_its_parent = pid != root and _arguments(parent) == arguments
                except OSError:
                    continue
                program = arguments.split(b"\0")[0].rpartition(b"/")[2].decode()
                if not program or became_another or still_its_parent:
                    continue
                self.seen.setdefault(f"arguments of {program} of {name}", b"")
                self.seen[f"arguments of {program} of {name}"] += arguments + b"\n"
                if pid != root and program != GIT and not program.startswith("git-"):
                    self.seen[f"environment of {program} of {name}"] = environment


def _arguments(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def _below(root: int) -> dict[int, int]:
    """A process and all below it, each with its parent. Only they are asked: a look at all of a busy machine
    would take longer than many a process lives."""
    found, left = {root: 0}, [root]
    while left:
        parent = left.pop()
        for thread in _listed(Path(f"/proc/{parent}/task")):
            for child in _children(thread):
                if child not in found:
                    found[child] = parent
                    left.append(child)
    return found


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _children(thread: Path) -> list[int]:
    try:
        return [int(pid) for pid in (thread / "children").read_text().split()]
    except OSError:
        return []


_ADDRESS = re.compile(rb'"repoURL":\s?"[^"]*"')


def without_addresses(application: bytes) -> bytes:
    """An Application without the addresses that its author wrote: a password in one is theirs to see."""
    return _ADDRESS.sub(b'"repoURL":""', application)
