"""A git process, and our own connection, meet a server through proxies and with a client's certificate."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.git import Credential, GitError, GitProgram, GitTransientError, UrlRefusedError
from fairlead.git.ls_refs import LsRefs
from fairlead.git.meeting import meet
from fairlead.git.remote import Remote
from fairlead.local.pki import Pki, ensure_pki
from fairlead.matching.networks import Networks
from fairlead.outbound import Outbound, names
from fairlead.outbound.proxies import Proxies
from fairlead.outbound.trust import Trust
from tests.fakes.forward_proxy import ForwardProxy
from tests.fakes.tls_front import over_tls
from tests.integration.git.conftest import LOOPBACK, Bench


class Locked(msgspec.Struct):
    """A repository that is there over TLS, to who shows a certificate, alone."""

    remote: Remote
    pki: Pki
    port: int

    @property
    def shown(self) -> Credential:
        pair = self.pki.clients["admin"]
        return Credential(client_certificate=pair.certificate.read_text(), client_key=pair.key.read_text())

    def to(self, credential: Credential, url: str = "") -> Remote:
        return msgspec.structs.replace(self.remote, credential=credential, url=url or self.remote.url)


@pytest_asyncio.fixture(loop_scope="session", params=["git", "our own connection"])
async def locked(bench: Bench, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Locked]:
    await bench.repository({"a.txt": "1"})
    pki = ensure_pki(tmp_path / "pki")
    trust = Trust(tmp_path / "trust")
    trust.put({name: pki.ca.certificate.read_text() for name in ("localhost", "127.0.0.1")})
    outbound = Outbound(LOOPBACK, trust=trust)
    port = int(bench.git.url.rpartition(":")[2])
    async with over_tls(port, pki, wants_certificate=True) as encrypted:
        ls_refs = LsRefs(outbound) if request.param != "git" else None
        program = msgspec.structs.replace(bench.program, trust=trust, ls_refs=ls_refs)
        remote = Remote(program=program, url=f"https://localhost:{encrypted}/repo.git")
        yield Locked(remote=remote, pki=pki, port=encrypted)
    await outbound.close()


async def test_a_client_certificate_opens_a_repository_and_is_in_no_file(
    locked: Locked, bench: Bench
) -> None:
    with pytest.raises(GitError):
        await locked.remote.list_refs()
    remote = locked.to(locked.shown)
    assert (await remote.list_refs()).refs == (await bench.remote.list_refs()).refs
    await bench.mirror.check(remote, list_first=False)
    assert bench.mirror.refs
    key = locked.shown.client_key.splitlines()[1].encode()
    kept = (file for folder in ("home", "mirrors", "trust") for file in (bench.folder / folder).rglob("*"))
    assert not [file for file in kept if file.is_file() and key in file.read_bytes()]


async def test_a_repository_is_reached_through_its_proxy_and_not_without(
    locked: Locked, bench: Bench
) -> None:
    known = {("localhost.only.proxy", 443): ("127.0.0.1", locked.port)}
    async with ForwardProxy(user="me", password="canary", names=known) as proxy:
        through = msgspec.structs.replace(
            locked.shown, proxy=f"http://me:canary@127.0.0.1:{proxy.port}", insecure=True
        )
        url = "https://localhost.only.proxy/repo.git"
        remote = locked.to(through, url)
        assert (await remote.list_refs()).refs == (await bench.remote.list_refs()).refs
        await remote.fetch(await _mirror(bench))
        assert set(proxy.asked) == {"CONNECT localhost.only.proxy:443"}
        asked = len(proxy.asked)
        excepted = msgspec.structs.replace(through, no_proxy="localhost")
        assert (await locked.to(excepted).list_refs()).refs
        assert len(proxy.asked) == asked
        wrong = msgspec.structs.replace(through, proxy=f"http://me:canary-wrong@127.0.0.1:{proxy.port}")
        with pytest.raises(GitError) as failure:
            await locked.to(wrong, url).list_refs()
        assert "canary" not in str(failure.value)


async def _mirror(bench: Bench) -> Path:
    await bench.mirror.open()
    return bench.mirror.path


async def test_a_proxy_that_a_repository_names_is_checked_and_the_operators_is_not(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    known = {("git.example", 80): ("127.0.0.1", int(bench.git.url.rpartition(":")[2]))}
    async with ForwardProxy(names=known) as proxy:
        url, place = "http://git.example/repo.git", f"http://127.0.0.1:{proxy.port}"
        closed = GitProgram(home=bench.program.home, networks=Networks())
        named = Remote(program=closed, url=url, credential=Credential(proxy=place))
        with pytest.raises(UrlRefusedError, match="from where nothing is fetched"):
            await named.list_refs()
        ours = msgspec.structs.replace(closed, proxies=Proxies(http=place))
        assert (await Remote(program=ours, url=url).list_refs()).refs
        with pytest.raises(UrlRefusedError):
            await Remote(program=ours, url="http://169.254.169.254/x.git").list_refs()
        monkeypatch.setattr(names, "_look_up", lambda host, port: ["10.0.0.7"])
        with contextlib.ExitStack() as held:
            met = await meet(
                "https://git.example/x.git",
                Credential(proxy="socks5://proxy.corp"),
                held,
                networks=Networks(),
                proxies=Proxies(),
                trust=None,
            )
        assert met.settings == [
            ("http.proxy", "socks5h://proxy.corp:1080"),
            ("http.curloptResolve", "proxy.corp:1080:10.0.0.7"),
        ]


async def test_a_host_that_asks_to_wait_is_not_asked_by_git_either(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    bench.git.fail(429)
    with pytest.raises(GitTransientError):
        await bench.remote.list_refs()
    bench.git.resume()
    before = bench.git.requests
    with pytest.raises(GitTransientError, match=r"127\.0\.0\.1 has been asked too often"):
        await bench.remote.list_refs()
    assert bench.git.requests == before
