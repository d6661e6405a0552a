"""One connection to a port of a pod, through the API server and the kubelet.

The frames are those of `v4.channel.k8s.io`: a byte that names the channel, then its bytes. Channel 0 carries
what is said, 1 what went wrong; the first frame of each names the port, in two bytes, the low one first.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlencode

from aiohttp import ClientError, ClientWebSocketResponse, WSMsgType

from fairlead.kube.errors import UnreachableError
from fairlead.kube.rest import POD, KubeClient

PROTOCOL: Final = "v4.channel.k8s.io"
DATA: Final = 0
ERROR: Final = 1
PORT_BYTES: Final = 2
CHUNK_BYTES: Final = 32 << 10


async def forward(
    client: KubeClient,
    pod: str,
    namespace: str,
    port: int,
    *,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Carry bytes between a local connection and the pod's port until either ends. Raises KubeError."""
    path = f"{POD.path(namespace, pod, 'portforward')}?{urlencode({'ports': port})}"
    line = await client.websocket(path, (PROTOCOL,))
    try:
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(_send(reader, line))
            try:
                async for said in heard(line, pod):
                    writer.write(said)
                    await writer.drain()
            finally:
                sending.cancel()
    except* (ConnectionError, ClientError):
        """One of the two has left, and so nothing is left to carry."""
    finally:
        await line.close()


async def heard(line: "ClientWebSocketResponse[bool]", pod: str) -> AsyncIterator[bytes]:
    """What the pod says. Raises UnreachableError with the kubelet's words when its port is not to be had."""
    opened: set[int] = set()
    async for message in line:
        if message.type is not WSMsgType.BINARY or not message.data:
            continue
        channel, content = message.data[0], message.data[1:]
        if channel not in opened:
            opened.add(channel)
            content = content[PORT_BYTES:]
        if channel == ERROR and content:
            raise UnreachableError(f"pod {pod}: {content.decode(errors='replace').strip()}", sent=False)
        if channel == DATA and content:
            yield content


async def _send(reader: asyncio.StreamReader, line: "ClientWebSocketResponse[bool]") -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        await line.send_bytes(bytes((DATA,)) + chunk)
