"""Loopback ports nobody else listens on.

Why: several suites and test runs share a machine. Invariant: a port given here was free when it was asked
for, no other process of this user is given it while this one lives, and no outgoing connection is given it
before its server listens, or while that server restarts.
"""

import asyncio
import fcntl
import os
import secrets
import socket
import tempfile
import threading
from functools import cache
from pathlib import Path

from fairlead.local.errors import ServerStartError

LOOPBACK = "127.0.0.1"
# Below what kernels hand to outgoing connections: from 32768 on Linux, from 49152 elsewhere.
FIRST, LAST = 15000, 32767
ATTEMPTS = 200


def choose_port(wanted: int = 0) -> int:
    """`wanted` itself when it is not 0, else a free TCP port of the loopback address.

    Raises ServerStartError when none was found in `ATTEMPTS` tries.
    """
    if wanted:
        return wanted
    for _ in range(ATTEMPTS):
        port = FIRST + secrets.randbelow(LAST - FIRST + 1)
        if _table().claim(port) and _is_free(port):
            return port
    raise ServerStartError(f"no free port between {FIRST} and {LAST} on {LOOPBACK}")


async def is_listening(port: int) -> bool:
    """Whether something accepts connections on that port of the loopback address."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


class _Table:
    """A file of no content; who has locked a port's byte has claimed that port.

    The kernel gives such locks up when their process ends, or closes any of its descriptors of the file:
    this one is never closed. They do not hold within a process, so what was claimed is also noted.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._claimed: set[int] = set()
        self._claiming = threading.Lock()

    def claim(self, port: int) -> bool:
        """Whether it is now this process's and was nobody's before."""
        with self._claiming:
            if port in self._claimed:
                return False
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            except (BlockingIOError, PermissionError):
                return False
            self._claimed.add(port)
            return True


@cache
def _table() -> _Table:
    return _Table(Path(tempfile.gettempdir()) / f"fairlead-ports-{os.getuid()}")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
