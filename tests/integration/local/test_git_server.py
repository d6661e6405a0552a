"""The Git server is git, and fails when told to."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from fairlead.local.errors import GitCommandError
from fairlead.local.git_command import run_git
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.local.work_repo import WorkRepo


async def test_what_was_pushed_is_cloned(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/pushed")
    repo = await WorkRepo.clone(url, tmp_path / "one")
    commit = await repo.publish({"apps/web.yaml": "kind: Service\n"}, "Add web")
    other = await WorkRepo.clone(url, tmp_path / "two")
    assert await other.head() == commit
    assert (tmp_path / "two/apps/web.yaml").read_text() == "kind: Service\n"


async def test_ls_remote_speaks_protocol_two(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/listed")
    repo = await WorkRepo.clone(url, tmp_path / "work")
    commit = await repo.publish({"a": "1"}, "One")
    trace = tmp_path / "trace"
    listed = await run_git("ls-remote", url, "main", folder=tmp_path, env={"GIT_TRACE_PACKET": str(trace)})
    assert listed.split() == [commit, "refs/heads/main"]
    assert "version 2" in trace.read_text()


async def test_a_large_file_is_pushed_in_chunks(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/large")
    repo = await WorkRepo.clone(url, tmp_path / "work")
    content = bytes(range(256)) * 16 + b"".join(bytes([n * n % 251, n % 256]) for n in range(2_000_000))
    commit = await repo.publish({"large.bin": content}, "Add much")
    assert await run_git("ls-remote", url, "HEAD", folder=tmp_path) == f"{commit}\tHEAD"


async def test_history_can_be_overwritten_only_by_force(git_server: GitServer, tmp_path: Path) -> None:
    repo = await WorkRepo.clone(await git_server.create("org/forced"), tmp_path / "work")
    first = await repo.publish({"a": "1"}, "One")
    await repo.publish({"a": "2"}, "Two")
    await repo.reset(first)
    with pytest.raises(GitCommandError, match="rejected"):
        await repo.publish({"a": "3"}, "Three")
    await repo.push(force=True)
    assert await repo.head("origin/main") == await repo.head()


async def test_tags_and_branches_reach_the_server(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/tagged")
    repo = await WorkRepo.clone(url, tmp_path / "work")
    await repo.publish({"a": "1"}, "One")
    await repo.tag("v1.0.0", message="first")
    await repo.checkout("side", create=True)
    await repo.publish({"b": "1"}, "Side")
    await repo.push("main")
    await repo.delete_branch("side")
    listed = await run_git("ls-remote", url, folder=tmp_path)
    assert "refs/tags/v1.0.0^{}" in listed
    assert "refs/heads/side" not in listed


async def test_a_protected_repository_wants_its_password(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("private/one")
    git_server.protect("private/", username="bot", password="s3cret")
    with pytest.raises(GitCommandError):
        await run_git("ls-remote", url, folder=tmp_path)
    with pytest.raises(GitCommandError):
        await run_git("ls-remote", url.replace("//", "//bot:wrong@"), folder=tmp_path)
    await run_git("ls-remote", url.replace("//", "//bot:s3cret@"), folder=tmp_path)


async def test_a_repository_that_is_not_there_is_not_found(git_server: GitServer, tmp_path: Path) -> None:
    with pytest.raises(GitCommandError, match="not found"):
        await run_git("ls-remote", git_server.repo_url("org/absent"), folder=tmp_path)


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/etc", ".hidden", "a//b", ""])
async def test_a_name_never_leads_out_of_the_folder(git_server: GitServer, name: str) -> None:
    with pytest.raises(GitCommandError, match="no name for a repository"):
        await git_server.create(name)


async def test_a_failing_server_recovers(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/failing")
    git_server.fail(503)
    try:
        with pytest.raises(GitCommandError, match="503"):
            await run_git("ls-remote", url, folder=tmp_path)
    finally:
        git_server.resume()
    await run_git("ls-remote", url, folder=tmp_path)


async def test_a_hung_server_answers_when_it_resumes(git_server: GitServer, tmp_path: Path) -> None:
    url = await git_server.create("org/hanging")
    before = git_server.requests
    git_server.hang()
    listing = asyncio.create_task(run_git("ls-remote", url, folder=tmp_path))
    while git_server.requests == before:
        await asyncio.sleep(0.01)
    assert not listing.done()
    git_server.resume()
    assert await listing == ""


async def test_a_stopped_server_comes_back_on_its_port(tmp_path: Path) -> None:
    server = GitServer(tmp_path / "repositories")
    async with server:
        url = await server.create("one")
    with pytest.raises(GitCommandError):
        await run_git("ls-remote", url, folder=tmp_path)
    async with server:
        assert await run_git("ls-remote", url, folder=tmp_path) == ""


@pytest.fixture
async def received() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], dict[str, object]]]]]:
    """A receiver's URL, and what it was sent."""
    got: list[tuple[dict[str, str], dict[str, object]]] = []

    async def receive(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.json()))
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    runner = web.AppRunner(application)
    await runner.setup()
    port = choose_port()
    await web.TCPSite(runner, LOOPBACK, port).start()
    yield f"http://{LOOPBACK}:{port}/hook", got
    await runner.cleanup()


async def test_a_push_is_told_as_github_tells_it(
    tmp_path: Path, received: tuple[str, list[tuple[dict[str, str], dict[str, object]]]]
) -> None:
    hook, got = received
    async with GitServer(tmp_path / "repositories") as server:
        server.webhooks.append(Webhook(url=hook, secret="shared"))
        url = await server.create("org/told")
        repo = await WorkRepo.clone(url, tmp_path / "work")
        commit = await repo.publish({"a": "1"}, "One")
        while not got:
            await asyncio.sleep(0.01)
    headers, body = got[0]
    assert headers["X-GitHub-Event"] == "push"
    assert headers["X-Hub-Signature-256"].startswith("sha256=")
    assert (body["ref"], body["after"], body["created"]) == ("refs/heads/main", commit, True)
    assert isinstance(body["repository"], dict)
    assert body["repository"]["clone_url"] == url


async def test_a_refused_push_is_not_told(
    tmp_path: Path, received: tuple[str, list[tuple[dict[str, str], dict[str, object]]]]
) -> None:
    hook, got = received
    async with GitServer(tmp_path / "repositories") as server:
        url = await server.create("org/refused")
        await run_git("config", "receive.denyNonFastForwards", "true", folder=server.path("org/refused"))
        repo = await WorkRepo.clone(url, tmp_path / "work")
        first = await repo.publish({"a": "1"}, "One")
        await repo.publish({"a": "2"}, "Two")
        await repo.reset(first)
        await repo.write({"a": "3"})
        await repo.commit("Three")
        server.webhooks.append(Webhook(url=hook))
        with pytest.raises(GitCommandError, match="rejected"):
            await repo.push(force=True)
        await asyncio.sleep(0)
    assert got == []
