"""What a remote may do to us, and what we let out to it."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from fairlead.git import (
    AuthenticationError,
    Credential,
    GitError,
    GitProgram,
    GitTransientError,
    Mirror,
    RepositoryNotFoundError,
    UrlRefusedError,
    reach,
)
from fairlead.git import program as git_program
from fairlead.git.mirror import COLLECT_EVERY
from fairlead.git.remote import Remote
from fairlead.git.urls import parse
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.networks import Networks
from fairlead.outbound import names
from tests.integration.git.conftest import LOOPBACK, Bench


async def test_basic_credentials_open_a_protected_repository(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    bench.git.protect("repo", username="someone", password="canary-password")
    with pytest.raises(AuthenticationError, match="check the repository's credentials"):
        await bench.remote.list_refs()
    wrong = bench.to(bench.remote.url, Credential(username="someone", password="canary-wrong"))
    with pytest.raises(AuthenticationError) as refused:
        await wrong.list_refs()
    assert "canary" not in str(refused.value)
    right = bench.to(bench.remote.url, Credential(username="someone", password="canary-password"))
    assert "refs/heads/main" in (await right.list_refs()).refs


async def test_a_bearer_token_is_sent_as_such(tmp_path: Path) -> None:
    seen: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(status=403)

    async with serving(handle) as url:
        with pytest.raises(AuthenticationError):
            await remote_of(tmp_path, url, Credential(bearer_token="canary-token")).list_refs()
    assert set(seen) == {"Bearer canary-token"}


async def test_credentials_are_in_no_argument_and_no_file(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    credential = Credential(username="someone", password="canary-password")
    remote = bench.to(bench.remote.url, credential)
    await bench.mirror.check(remote, list_first=True)
    bench.git.hang()
    task = asyncio.create_task(bench.mirror.check(remote, list_first=False))
    await asyncio.sleep(0.3)
    lines = [line for line in command_lines() if "repo.git" in line]
    bench.git.resume()
    await task
    assert lines
    assert not any("canary" in line or "Basic" in line for line in lines)
    files = [file for file in bench.folder.rglob("*") if file.is_file()]
    assert not any(b"canary" in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, RepositoryNotFoundError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (429, GitTransientError),
        (500, GitTransientError),
        (503, GitTransientError),
    ],
)
async def test_an_answer_of_the_server_decides_whether_waiting_helps(
    bench: Bench, status: int, error: type[Exception]
) -> None:
    bench.git.fail(status)
    with pytest.raises(error):
        await bench.remote.list_refs()


async def test_a_redirect_to_another_host_is_not_followed(tmp_path: Path) -> None:
    stolen: list[str] = []

    async def thief(request: web.Request) -> web.Response:
        stolen.append(request.headers.get("Authorization", ""))
        return web.Response(status=404)

    async with serving(thief) as elsewhere:

        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{elsewhere}{request.path_qs}"})

        async with serving(redirect) as url:
            remote = remote_of(tmp_path, f"{url}/x.git", Credential(bearer_token="canary-token"))
            with pytest.raises(UrlRefusedError, match="redirect"):
                await remote.list_refs()
    assert stolen == []


async def test_a_hanging_remote_is_given_up_and_nothing_of_it_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    bench.git.hang()
    monkeypatch.setattr("fairlead.git.remote.REQUEST_TIMEOUT", 0.4)
    with pytest.raises(GitTransientError, match=r"no end after 0\.4 s"):
        await bench.remote.list_refs()
    bench.git.resume()
    assert not [line for line in command_lines() if bench.remote.url in line]


async def test_an_answer_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setattr(git_program, "MAX_OUTPUT", 100)
    with pytest.raises(GitTransientError, match="larger than"):
        await GitProgram(home=home, networks=LOOPBACK).run(("help", "-a"))


async def test_nothing_of_the_users_configuration_is_read(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    marker = tmp_path / "marker"
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[core]\n\tsshCommand = touch {marker}\n[url "http://elsewhere/"]\n\tinsteadOf = http://\n'
    )
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(config))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {marker}")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await bench.remote.list_refs()).refs
    assert not marker.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% {marker}",
        "--upload-pack=touch {marker}",
        "-ctransfer.fsckObjects=false",
        "file:///etc",
        "http://host/a%0ahost=evil",
        "http://host/a\nhost=evil",
        "ssh://-oProxyCommand=touch/x",
        "http:///nohost",
        "http://[::1/x",
        "ftp://host/x",
        "/etc",
        "",
    ],
)
def test_an_address_that_could_be_an_option_or_a_command_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UrlRefusedError):
        parse(url.format(marker=tmp_path / "marker"))


@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% {marker}", "file://{repository}", "--upload-pack=touch {marker}"]
)
async def test_git_itself_refuses_what_the_check_of_addresses_would_have_missed(
    bench: Bench, tmp_path: Path, url: str
) -> None:
    await bench.repository({"a.txt": "1"})
    marker = tmp_path / "marker"
    text = url.format(marker=marker, repository=bench.git.path("repo"))
    with pytest.raises(GitError):
        await bench.to(text).list_refs()
    assert not marker.exists()


def remote_of(folder: Path, url: str, credential: Credential) -> Remote:
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return Remote(program=GitProgram(home=home, networks=LOOPBACK), url=url, credential=credential)


def command_lines() -> list[str]:
    """Command lines of all git processes of this user."""
    lines = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and process.stat().st_uid == os.getuid():
                line = (process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                lines += [line] if "git" in line.split(" ", 1)[0] else []
    return lines


@asynccontextmanager
async def serving(handler: object) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001"])
async def test_an_address_on_this_machine_is_refused_however_it_is_spelled(bench: Bench, host: str) -> None:
    await bench.repository({"a.txt": "1"})
    before = bench.git.requests
    closed = GitProgram(home=bench.folder / "home")
    remote = Remote(program=closed, url=f"http://{host}:{bench.git.port}/repo.git")
    with pytest.raises(UrlRefusedError, match=r"127\.0\.0\.1|::1"):
        await remote.list_refs()
    with pytest.raises(UrlRefusedError):
        await remote.fetch(bench.mirror.path)
    assert bench.git.requests == before


async def test_git_connects_to_the_address_that_was_checked_and_asks_no_name_server(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository({"a.txt": "1"})
    monkeypatch.setattr(names, "_look_up", lambda host, port: ["127.0.0.1"])
    remote = bench.to(f"http://known.only.to.us.invalid:{bench.git.port}/repo.git")
    assert (await remote.list_refs()).refs


async def test_of_several_addresses_only_those_are_used_that_may_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_look_up", lambda host, port: ["169.254.169.254", "10.0.0.7", "fd00::7"])
    pins = await reach.pinned("https://git.example.com/x.git", Networks())
    assert pins == [("http.curloptResolve", "git.example.com:443:10.0.0.7,[fd00::7]")]


def script(bench: Bench, text: str) -> GitProgram:
    path = bench.folder / "fake-git"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return GitProgram(home=bench.folder / "home", networks=LOOPBACK, binary=str(path))


async def test_a_command_may_take_long_while_it_tells_of_progress(bench: Bench) -> None:
    slow = script(
        bench, "for i in 1 2 3 4 5 6 7 8; do printf 'Receiving objects: %s0%%\\r' $i >&2; sleep 0.5; done"
    )
    await slow.run((), silence=2.5, deadline=60)
    with pytest.raises(GitTransientError, match="no progress for 1 s"):
        await script(bench, "exec sleep 60").run((), silence=1, deadline=60)


async def test_a_git_that_cannot_be_started_is_no_damaged_mirror(bench: Bench) -> None:
    await bench.repository({"a.txt": "1"})
    await bench.mirror.check(bench.remote, list_first=False)
    absent = GitProgram(home=bench.folder / "home", binary=str(bench.folder / "absent"))
    other = Mirror(absent, bench.mirror.path)
    await other.open()
    with pytest.raises(GitTransientError, match="could not be started"):
        await other.objects.has_commit(bench.mirror.refs["refs/heads/main"])
    killed = Mirror(script(bench, "kill -9 $$"), bench.mirror.path)
    await killed.open()
    with pytest.raises(GitTransientError, match="was killed"):
        await killed.objects.has_commit(bench.mirror.refs["refs/heads/main"])


async def test_what_is_here_is_open_while_a_fetch_hangs_and_while_objects_are_packed(bench: Bench) -> None:
    work = await bench.repository({"a.txt": "1"})
    mirror = bench.mirror
    await mirror.check(bench.remote, list_first=False)
    bench.git.hang()
    fetching = asyncio.create_task(mirror.check(bench.remote, list_first=False))
    async with asyncio.timeout(120):
        while not mirror.is_busy:
            await asyncio.sleep(0)
        await mirror.open()
        assert await mirror.objects.has_commit(mirror.refs["refs/heads/main"])
    assert not fetching.done()
    bench.git.resume()
    await fetching
    await packed_meanwhile(bench, work)


async def packed_meanwhile(bench: Bench, work: WorkRepo) -> None:
    real = bench.program.binary
    wedged = script(bench, f'case "$*" in *repack*) exec sleep 600;; esac\nexec {real} "$@"')
    mirror = Mirror(wedged, bench.mirror.path)
    await mirror.open()
    mirror._state = type(mirror._state)(head=mirror.head, fetches=COLLECT_EVERY)
    packing = asyncio.create_task(mirror.maintain())
    async with asyncio.timeout(60):
        while mirror._collecting is None:
            await asyncio.sleep(0.01)
        commit = await work.publish({"a.txt": "2"}, "second")
        assert await mirror.check(bench.remote, list_first=True)
        assert mirror.refs["refs/heads/main"] == commit
    assert not packing.done()
    packing.cancel()
    await asyncio.gather(packing, return_exceptions=True)
    mirror.close()


async def test_commits_that_nobody_follows_are_let_go(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    work = await bench.repository({"a.txt": "1"})
    first = await work.head()
    await work.publish({"a.txt": "2"}, "second")
    second = await work.head()
    mirror = bench.mirror
    await mirror.check(bench.remote, list_first=False)
    for commit in (first, second):
        await bench.remote.fetch(mirror.path, (f"{commit}:refs/fairlead/pins/{commit}",), prune=False)
    assert await mirror.unpin({first}) == 0
    monkeypatch.setattr("fairlead.git.mirror.MAX_PINS", 1)
    assert await mirror.unpin({first}) == 1
    assert await mirror.unpin({first}) == 0
