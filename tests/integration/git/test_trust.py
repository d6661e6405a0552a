"""A host with certificates of its own is believed on their word alone, by git and by our own connections."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.git import Credential, GitError
from fairlead.git.ls_refs import LsRefs, NotPlainError
from fairlead.git.remote import Remote
from fairlead.git.trust import Trust
from fairlead.local.pki import Pki, ensure_pki
from tests.integration.git.conftest import LOOPBACK, Bench


@contextlib.asynccontextmanager
async def over_tls(port: int, pki: Pki) -> AsyncIterator[int]:
    """A port with TLS before one without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki.server.certificate, pki.server.key)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inward, outward = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, outward), copy(inward, writer), return_exceptions=True)

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Encrypted(msgspec.Struct):
    """A repository that is there over TLS alone, and who vouches for it."""

    remote: Remote
    trust: Trust
    ours: str
    strangers: str


@pytest_asyncio.fixture(loop_scope="session", params=["git", "our own connection"])
async def encrypted(bench: Bench, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Encrypted]:
    await bench.repository({"a.txt": "1"})
    pki, other = ensure_pki(tmp_path / "pki"), ensure_pki(tmp_path / "other")
    trust = Trust(tmp_path / "trust")
    ls_refs = LsRefs(LOOPBACK, trust)
    port = int(bench.git.url.rpartition(":")[2])
    async with over_tls(port, pki) as encrypted_port:
        program = msgspec.structs.replace(bench.program, trust=trust)
        if request.param != "git":
            program = msgspec.structs.replace(program, ls_refs=ls_refs)
        url = bench.git.repo_url("repo").replace(
            f"http://127.0.0.1:{port}", f"https://localhost:{encrypted_port}"
        )
        yield Encrypted(
            remote=Remote(program=program, url=url),
            trust=trust,
            ours=pki.ca.certificate.read_text(),
            strangers=other.ca.certificate.read_text(),
        )
        await ls_refs.close()


async def test_a_declared_authority_vouches_from_the_next_request_on(
    encrypted: Encrypted, bench: Bench
) -> None:
    with pytest.raises(GitError, match="certificate"):
        await encrypted.remote.list_refs()
    assert encrypted.trust.put({"LocalHost": encrypted.ours, "elsewhere": encrypted.strangers}) == {
        "localhost",
        "elsewhere",
    }
    assert (await encrypted.remote.list_refs()).refs == (await bench.remote.list_refs()).refs
    await bench.mirror.check(encrypted.remote, list_first=False)
    assert bench.mirror.refs


async def test_nobody_else_vouches_for_a_host_that_has_its_own(encrypted: Encrypted) -> None:
    encrypted.trust.put({"localhost": encrypted.strangers})
    with pytest.raises(GitError, match="certificate"):
        await encrypted.remote.list_refs()
    insecure = msgspec.structs.replace(encrypted.remote, credential=Credential(insecure=True))
    assert (await insecure.list_refs()).refs
    assert encrypted.trust.put({"localhost": encrypted.ours}) == {"localhost"}
    assert (await encrypted.remote.list_refs()).refs
    assert encrypted.trust.put({}) == {"localhost"}
    with pytest.raises(GitError, match="certificate"):
        await encrypted.remote.list_refs()


async def test_what_is_declared_and_cannot_be_read_refuses_the_host(encrypted: Encrypted) -> None:
    encrypted.trust.put({"localhost": "no certificate"})
    with pytest.raises(GitError):
        await encrypted.remote.list_refs()


def test_the_systems_own_authorities_are_out_of_sight_of_git(tmp_path: Path) -> None:
    trust = Trust(tmp_path)
    assert trust.configuration("https://git.example/a") == []
    assert trust.context("https://git.example/a") is True
    trust.put({"git.example": "PEM"})
    settings = dict(trust.configuration("https://git.example:8443/a"))
    assert Path(settings["http.sslCAInfo"]).read_text() == "PEM"
    assert list(Path(settings["http.sslCAPath"]).iterdir()) == []


async def test_a_failed_handshake_is_left_to_git_to_explain(encrypted: Encrypted) -> None:
    ls_refs = LsRefs(LOOPBACK, encrypted.trust)
    with pytest.raises(NotPlainError):
        await ls_refs.ask(encrypted.remote.url, Credential())
    await ls_refs.close()
