"""Loopback ports nobody else listens on.

Why: several suites and test runs share a machine. Invariant: a port given here was free when it was asked
for.
"""

import asyncio
import socket

LOOPBACK = "127.0.0.1"


def choose_port(wanted: int = 0) -> int:
    """`wanted` itself when it is not 0, else a free TCP port of the loopback address."""
    if wanted:
        return wanted
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


async def is_listening(port: int) -> bool:
    """Whether something accepts connections on that port of the loopback address."""
    try:
        _, writer = await asyncio.open_connection(LOOPBACK, port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
