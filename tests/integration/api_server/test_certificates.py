"""The certificate on real connections: kept, shared and changed without a restart."""

import asyncio
import base64
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest_asyncio

from fairlead.api_server.certificate import self_signed
from fairlead.api_server.config import Config
from fairlead.api_server.config_map import SecretObject, read_secret
from fairlead.api_server.kinds import SECRET, SECRETS, TLS_SECRET
from fairlead.api_server.mirror import Mirror
from fairlead.api_server.tls import Tls
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
NAMESPACE = "certificates"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def secrets(kube: KubeClient) -> AsyncIterator[Mirror[SecretObject]]:
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    await kube.create(NAMESPACES, body)
    mirror = Mirror(kube, SECRETS, NAMESPACE, read_secret)
    running = asyncio.create_task(mirror.run())
    await mirror.ready()
    yield mirror
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def served(tls: Tls) -> AsyncIterator[int]:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    listening = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls.context)
    running = asyncio.create_task(tls.run())
    yield listening.sockets[0].getsockname()[1]
    running.cancel()
    listening.close()
    await asyncio.gather(running, return_exceptions=True)


async def shown(port: int) -> str:
    return await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port), timeout=30)


def body(pair: tuple[bytes, bytes]) -> dict[str, object]:
    names = ("tls.crt", "tls.key")
    return {"data": {n: base64.b64encode(text).decode() for n, text in zip(names, pair, strict=True)}}


async def test_a_made_certificate_is_one_for_all_replicas_and_starts(
    kube: KubeClient, secrets: Mirror[SecretObject]
) -> None:
    replicas = [Tls(Config(namespace=NAMESPACE), kube, secrets) for _ in range(4)]
    await asyncio.gather(*(replica.open() for replica in replicas))
    certificates = set()
    for replica in replicas:
        async with served(replica) as port:
            certificates.add((await shown(port)).strip())
    stored = read_secret(await kube.get(SECRETS, SECRET, NAMESPACE)).values
    assert certificates == {stored["tls.crt"].strip()}


async def test_a_rotated_certificate_serves_the_next_connection_and_a_broken_one_changes_nothing(
    kube: KubeClient, secrets: Mirror[SecretObject]
) -> None:
    tls = Tls(Config(namespace=NAMESPACE), kube, secrets)
    await tls.open()
    async with served(tls) as port, asyncio.timeout(120):
        before = await shown(port)
        given = self_signed("given")
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": TLS_SECRET},
            "type": "kubernetes.io/tls",
            **body(given),
        }
        await kube.create(SECRETS, secret, NAMESPACE)
        while (now := await shown(port)) == before:
            await asyncio.sleep(0.05)
        assert now.strip() == given[0].decode().strip()
        broken = (self_signed("broken")[0], given[1])
        await kube.merge_patch(SECRETS, TLS_SECRET, body(broken), NAMESPACE)
        again = self_signed("again")
        await asyncio.sleep(1)
        assert (await shown(port)).strip() == given[0].decode().strip()
        await kube.merge_patch(SECRETS, TLS_SECRET, body(again), NAMESPACE)
        while (await shown(port)).strip() != again[0].decode().strip():
            await asyncio.sleep(0.05)


async def test_a_certificate_of_files_is_read_again_when_they_change(
    kube: KubeClient, secrets: Mirror[SecretObject], monkeypatch: object
) -> None:
    monkeypatch.setattr("fairlead.api_server.tls.LOOK_AGAIN", 0.1)  # type: ignore[attr-defined]
    with tempfile.NamedTemporaryFile() as file:

        def put(pair: tuple[bytes, bytes]) -> None:
            file.seek(0)
            file.truncate()
            file.write(b"".join(pair))
            file.flush()

        first, second = self_signed("first"), self_signed("second")
        put(first)
        tls = Tls(Config(namespace=NAMESPACE, tls_cert=file.name), kube, secrets)
        await tls.open()
        async with served(tls) as port, asyncio.timeout(60):
            assert (await shown(port)).strip() == first[0].decode().strip()
            put(second)
            while (await shown(port)).strip() != second[0].decode().strip():
                await asyncio.sleep(0.05)
