"""I6 and I7: secrets of a run are canaries, looked for in whatever is written or sent; so is a file outside.

What passes is searched when it passes, since NATS and Redis are wiped; what stays is searched at the end.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.chaos.nats_edge import ANSWERS
from tests.chaos.recording import Write
from tests.e2e.canaries import Canaries, files, without_addresses

MANIFEST = "manifest"
"""The canary that is deployed, and so has to reach who deploys it."""
_SECRETS = "secrets"
MOST_TOLD = 50


class Listener:
    """Hears what passes the edges, and remembers which secrets were in it, once for each place."""

    def __init__(self, canaries: Canaries) -> None:
        self._canaries = canaries
        self._told: dict[str, str] = {}
        self.bytes = 0

    def hear(self, place: str, content: bytes) -> None:
        """Something passes at a place, such as `NATS` or `Redis`."""
        self.bytes += len(content)
        for leak in self._canaries.leaks(place, content, but=(MANIFEST,) if place == ANSWERS else ()):
            if len(self._told) < MOST_TOLD:
                self._told.setdefault(leak.partition(":")[0], leak)

    @property
    def found(self) -> list[str]:
        """What was heard."""
        return [f"I6: {leak}" for leak in self._told.values()]


def leaks_in_writes(canaries: Canaries, writes: Iterable[Write]) -> list[str]:
    """I6: secrets that a service wrote to a cluster, elsewhere than into a Secret."""
    found: dict[str, str] = {}
    for write in writes:
        resource = write.parts[0]
        sink = f"what {write.by} wrote to {resource}"
        content = write.path.encode() + b"?" + write.query.encode()
        if resource != _SECRETS:
            content += b" " + without_addresses(write.body)
        for leak in canaries.leaks(sink, content):
            found.setdefault(leak.partition(":")[0], f"I6: {leak}")
    return list(found.values())


def leaks_in_files(canaries: Canaries, name: str, folder: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """I6: secrets in files below a folder, but for those in whose path a word stands."""
    return [
        f"I6: {leak}"
        for file, content in files(folder)
        if not any(word in file for word in but)
        for leak in canaries.leaks(f"{name}/{file}", content)
    ]


def leaks_in(canaries: Canaries, said: Iterable[tuple[str, bytes]]) -> list[str]:
    """I6: secrets in what was said, by where."""
    return [
        f"I6: {leak}" for place, content in said for leak in canaries.leaks(place, without_addresses(content))
    ]


def escapes(
    *, writes: Iterable[Write], hostile: str, strays: Iterable[str], left: Iterable[str]
) -> list[str]:
    """I7: what a hostile repository reached, processes that outlived their parents, files left behind."""
    return [
        *(
            f"I7: {write.by} made {write.path} of what is outside of its repository"
            for write in writes
            if write.parts[1] == hostile and write.parts[0] not in {"events", "leases"}
        ),
        *(f"I7: a process was left alive, {stray}" for stray in strays),
        *(f"I7: {name} was left among temporary files" for name in left),
    ]
