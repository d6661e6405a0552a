"""Loopback ports nobody else listens on.

Why: several suites and test runs share a machine. Invariant: a port given here was free when it was asked
for, and no outgoing connection is given it before its server listens, or while that server restarts.
"""

import asyncio
import secrets
import socket

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
        if _is_free(port):
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


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
