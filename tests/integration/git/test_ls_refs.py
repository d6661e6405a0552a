"""Refs asked for over a kept connection are those that git would name."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.git import AuthenticationError, Credential, GitTransientError, UrlRefusedError
from fairlead.git import ls_refs as short_cut
from fairlead.git.ls_refs import LsRefs, NotPlainError, parse
from fairlead.git.remote import Remote
from fairlead.local.git_command import run_git
from fairlead.matching.networks import Networks
from fairlead.outbound import Outbound, names
from tests.integration.git.conftest import LOOPBACK, Bench


@pytest_asyncio.fixture(loop_scope="session")
async def ls_refs() -> AsyncIterator[LsRefs]:
    outbound = Outbound(LOOPBACK)
    yield LsRefs(outbound)
    await outbound.close()


def quick(bench: Bench, ls_refs: LsRefs, credential: Credential | None = None) -> Remote:
    program = msgspec.structs.replace(bench.program, ls_refs=ls_refs)
    return Remote(program=program, url=bench.remote.url, credential=credential or Credential())


async def test_the_same_refs_are_found_as_by_git(bench: Bench, ls_refs: LsRefs) -> None:
    work = await bench.repository({"a.txt": "1"})
    await work.publish({"a.txt": "2"}, "second")
    folder = bench.git.path("repo")
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    await run_git(*who, "tag", "-a", "-m", "annotated", "v1", "main", folder=folder)
    await run_git("branch", "feature/ünï", "main~1", folder=folder)
    await run_git("update-ref", "refs/pull/7/head", "main~1", folder=folder)
    found = await ls_refs.ask(bench.remote.url, Credential())
    assert found == await bench.remote.list_refs()
    assert found.head == "refs/heads/main"
    assert "refs/tags/v1" in found.refs
    await bench.mirror.check(quick(bench, ls_refs), list_first=True)
    assert bench.mirror.refs == found.refs
    assert await bench.mirror.check(quick(bench, ls_refs), list_first=True) == ()


async def test_refs_that_nobody_follows_are_not_even_sent(bench: Bench, ls_refs: LsRefs) -> None:
    await bench.repository({"a.txt": "1"})
    await run_git("update-ref", "refs/pull/7/head", "main", folder=bench.git.path("repo"))
    url, nobody = bench.remote.url, Credential()
    told = await ls_refs._posted(url, nobody, ())
    assert b"refs/heads/main" in told
    assert b"refs/pull" not in told
    assert b"refs/pull/7/head" in await ls_refs._posted(url, nobody, ("refs/pull/7/head",))


async def test_a_detached_head_and_an_empty_repository_are_as_git_says(bench: Bench, ls_refs: LsRefs) -> None:
    await bench.git.create("empty")
    assert (
        await ls_refs.ask(bench.git.repo_url("empty"), Credential())
        == await bench.to(bench.git.repo_url("empty")).list_refs()
    )
    work = await bench.repository({"a.txt": "1"})
    head = await work.head()
    (bench.git.path("repo") / "HEAD").write_text(f"{head}\n")
    found = await ls_refs.ask(bench.remote.url, Credential())
    assert found == await bench.remote.list_refs()
    assert found.head == head


async def test_what_is_wrong_is_said_by_git(bench: Bench, ls_refs: LsRefs) -> None:
    await bench.repository({"a.txt": "1"})
    bench.git.protect("repo", username="someone", password="canary-password")
    with pytest.raises(AuthenticationError):
        await quick(bench, ls_refs).list_refs()
    right = Credential(username="someone", password="canary-password")
    assert (await quick(bench, ls_refs, right).list_refs()).refs
    assert (await ls_refs.ask(bench.remote.url, right)).refs


async def test_no_connection_goes_to_an_address_that_is_closed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    outbound = Outbound(Networks())
    before, closed = bench.git.requests, LsRefs(outbound)
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "[::1]"):
        with pytest.raises(NotPlainError):
            await closed.ask(f"http://{host}:{bench.git.port}/repo.git", Credential())
    monkeypatch.setattr(names, "_look_up", lambda host, port: ["127.0.0.1"])
    with pytest.raises(NotPlainError):
        await closed.ask(f"http://git.example.com:{bench.git.port}/repo.git", Credential())
    await outbound.close()
    assert bench.git.requests == before


async def test_a_redirect_is_not_followed(bench: Bench, ls_refs: LsRefs) -> None:
    await bench.repository({"a.txt": "1"})

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound(f"{bench.remote.url}/git-upload-pack")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", elsewhere)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    before = bench.git.requests
    remote = msgspec.structs.replace(quick(bench, ls_refs), url=f"http://127.0.0.1:{port}/x.git")
    with pytest.raises(UrlRefusedError):
        await remote.list_refs()
    await runner.cleanup()
    assert bench.git.requests == before


async def test_a_connection_is_used_again(bench: Bench, ls_refs: LsRefs) -> None:
    await bench.repository({"a.txt": "1"})
    for _ in range(3):
        await ls_refs.ask(bench.remote.url, Credential())
    [session] = ls_refs._outbound._sessions._plain.values()
    connector = session.connector
    assert connector is not None
    assert sum(map(len, connector._conns.values())) == 1


OID = b"a" * 40


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"000",
        b"0000more",
        b"003f" + OID + b" refs/heads/main\n",
        b"zzzz",
        b"0001",
        b"0009ERR x0000",
        b"fffe" + OID + b" refs/heads/main\n0000",
        b"<html>",
    ],
)
def test_what_is_no_whole_list_of_refs_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse(body)


def test_a_list_of_refs_is_read() -> None:
    line = OID + b" refs/heads/main\n"
    assert parse(f"{len(line) + 4:04x}".encode() + line + b"0000").refs == {"refs/heads/main": "a" * 40}


async def test_a_remote_that_hangs_is_not_waited_for_twice(
    bench: Bench, ls_refs: LsRefs, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    monkeypatch.setattr(short_cut, "SECONDS", 0.3)
    bench.git.hang()
    with pytest.raises(GitTransientError, match="no end after"):
        await quick(bench, ls_refs).list_refs()
    bench.git.resume()
