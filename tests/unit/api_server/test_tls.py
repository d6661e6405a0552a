"""The certificate that is made at start."""

import asyncio
import ssl
import tempfile

import pytest

from fairlead.api_server.certificate import is_made_and_ending, self_signed
from fairlead.api_server.tls import apply_settings


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


def test_a_made_certificate_is_replaced_before_it_ends_and_a_given_one_never() -> None:
    assert not is_made_and_ending(self_signed("argocd")[0])
    assert is_made_and_ending(self_signed("argocd", days=10)[0])


@pytest.mark.parametrize(
    ("parameters", "lowest", "highest"),
    [
        ({}, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        ({"server.tls.minversion": "1.3"}, ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3),
        ({"server.tls.maxversion": "1.2"}, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2),
        ({"server.tls.minversion": "1.0"}, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        ({"server.tls.minversion": "nonsense"}, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
        (
            {"server.tls.minversion": "1.3", "server.tls.maxversion": "1.2"},
            ssl.TLSVersion.TLSv1_3,
            ssl.TLSVersion.TLSv1_3,
        ),
    ],
)
def test_versions_are_those_of_the_settings_and_never_older_than_1_2(
    parameters: dict[str, str], lowest: ssl.TLSVersion, highest: ssl.TLSVersion
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    apply_settings(context, parameters)
    assert (context.minimum_version, context.maximum_version) == (lowest, highest)


@pytest.mark.parametrize(
    ("names", "offered"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ["ECDHE-RSA-AES256-GCM-SHA384"]),
        (
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305"],
        ),
    ],
)
def test_ciphers_are_those_of_the_settings(names: str, offered: list[str]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    apply_settings(context, {"server.tls.ciphers": names})
    shown = [cipher["name"] for cipher in context.get_ciphers() if not cipher["name"].startswith("TLS_")]
    assert sorted(shown) == sorted(offered)
    before = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    apply_settings(before, {"server.tls.ciphers": "nonsense"})
    assert len(before.get_ciphers()) > 3
