"""The certificate that is made at start."""

import asyncio
import ssl
import tempfile

from fairlead.api_server.tls import self_signed


async def test_a_self_signed_certificate_serves_and_names_this_service() -> None:
    certificate, key = self_signed("argocd")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(certificate + key)
        pair.flush()
        server.load_cert_chain(pair.name)
    client = ssl.create_default_context(cadata=certificate.decode())

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server)
    port = listening.sockets[0].getsockname()[1]
    for name in ("localhost", "argocd-server.argocd.svc", "127.0.0.1"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        assert await reader.read(5) == b"hello"
        writer.close()
    listening.close()
    await listening.wait_closed()
