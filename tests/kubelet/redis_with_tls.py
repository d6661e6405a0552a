"""A Redis that reads the TLS directives of its configuration, for a build of Redis that has none.

`redis_with_tls.py REDIS FILE`: ends the TLS of its clients on `tls-port`, and runs REDIS without TLS on a
port of the loopback address.
"""

import asyncio
import os
import ssl
import sys
from pathlib import Path

from fairlead.local.ports import LOOPBACK, choose_port, is_listening

POLL = 0.02


async def main(program: str, file: str) -> int:
    """Run both until Redis ends."""
    text = Path(file).read_text()
    given = dict(line.split(maxsplit=1) for line in text.splitlines() if line.startswith("tls-"))
    if "tls-port" not in given:
        os.execv(program, [program, file])  # noqa: S606 - it is that Redis from here on
    behind = choose_port()
    plain = [line for line in text.splitlines() if not line.startswith(("tls-", "port "))]
    child = await asyncio.create_subprocess_exec(program, "-", stdin=asyncio.subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write("\n".join([*plain, f"port {behind}", f"bind {LOOPBACK}", ""]).encode())
    child.stdin.close()
    while not await is_listening(behind):
        await asyncio.sleep(POLL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(given["tls-cert-file"], given["tls-key-file"])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(LOOPBACK, behind)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    await asyncio.start_server(serve, LOOPBACK, int(given["tls-port"]), ssl=context)
    return await child.wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
