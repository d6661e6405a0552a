"""A host with certificates of its own is believed on their word alone, by git and by our own connections."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.git import Credential, GitError
from fairlead.git.ls_refs import LsRefs, NotPlainError
from fairlead.git.remote import Remote
from fairlead.local.pki import ensure_pki
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from tests.fakes.tls_front import over_tls
from tests.integration.git.conftest import LOOPBACK, Bench


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
    outbound = Outbound(LOOPBACK, trust=trust)
    ls_refs = LsRefs(outbound)
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
        await outbound.close()


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
    outbound = Outbound(LOOPBACK, trust=encrypted.trust)
    with pytest.raises(NotPlainError):
        await LsRefs(outbound).ask(encrypted.remote.url, Credential())
    await outbound.close()
