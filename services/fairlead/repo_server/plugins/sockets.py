"""Which sidecars are there: the sockets in one folder, by name.

Invariant: a name leads to a socket in the folder itself or to none.
"""

import stat
from pathlib import Path
from typing import NamedTuple

from fairlead.plugin.protocol import SUFFIX
from fairlead.repo_server.plugins.sidecar import Configuration, Sidecar

KNOWN = 256
"""Sidecars whose configuration is remembered."""
LONGEST = 200
"""Characters of a name."""


class Socket(NamedTuple):
    """A sidecar, and which socket it listens at: one that starts again makes another."""

    sidecar: Sidecar
    inode: int
    made: int


class Sockets:
    """The sidecars of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._configurations: dict[tuple[str, int, int], Configuration] = {}

    def all(self) -> list[Socket]:
        """All of them, by name, as Argo CD asks them."""
        try:
            names = sorted(path.name for path in self._folder.iterdir() if path.name.endswith(SUFFIX))
        except OSError:
            return []
        found = (self.named(name.removesuffix(SUFFIX)) for name in names)
        return [socket for socket in found if socket is not None]

    def named(self, name: str) -> Socket | None:
        """The one of a name."""
        if not name or len(name) > LONGEST or "/" in name or "\0" in name:
            return None
        path = self._folder / f"{name}{SUFFIX}"
        try:
            about = path.lstat()
        except OSError:
            return None
        if not stat.S_ISSOCK(about.st_mode):
            return None
        return Socket(Sidecar(name, path), about.st_ino, about.st_ctime_ns)

    async def configuration(self, socket: Socket) -> Configuration:
        """How a sidecar is configured, asked once of each that starts. Raises PluginError."""
        key = (socket.sidecar.name, socket.inode, socket.made)
        if key not in self._configurations:
            found = await socket.sidecar.configuration()
            while len(self._configurations) >= KNOWN:
                del self._configurations[next(iter(self._configurations))]
            self._configurations[key] = found
        return self._configurations[key]
