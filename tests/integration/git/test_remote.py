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
    RepositoryNotFoundError,
    UrlRefusedError,
)
from fairlead.git import program as git_program
from fairlead.git.remote import Remote
from fairlead.git.urls import parse
from tests.integration.git.conftest import Bench


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
        await GitProgram(home=home).run(("help", "-a"))


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
    return Remote(program=GitProgram(home=home), url=url, credential=credential)


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
