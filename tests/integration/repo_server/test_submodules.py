"""Submodules that a render reads through, and files of Git LFS: fetched as the tree names them."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator

import asyncssh
import pytest
import pytest_asyncio

from fairlead.app_controller.following.hand_over import HandOver
from fairlead.events import Cause, ManifestsRendered, RenderLevel, RepositorySource
from fairlead.kube.head import decode_head
from fairlead.local.git_command import run_git
from fairlead.local.ssh_server import Process, SshServer
from fairlead.local.work_repo import WorkRepo
from tests.fakes.lfs_server import LfsServer
from tests.integration.repo_server.handing import handed_over
from tests.integration.repo_server.suite import PATIENCE, Suite, config_map


class Handed:
    """A suite whose repo-server is handed repositories as an app-controller does it."""

    def __init__(self, suite: Suite, handing: HandOver) -> None:
        self.suite = suite
        self._handing = handing

    async def declare(self, name: str, url: str, **data: str) -> None:
        """A repository Secret, which the repo-server knows when this returns."""
        log = self.suite.folder / "repo-server.log"
        known = f'"secret":"{name}"', f'"secret": "{name}"'
        before = sum(log.read_text().count(text) for text in known)
        labels = {"argocd.argoproj.io/secret-type": "repository"}
        coded = {key: base64.b64encode(text.encode()).decode() for key, text in {"url": url, **data}.items()}
        raw = json.dumps({"metadata": {"name": name, "labels": labels}, "data": coded}).encode()
        self._handing.take(decode_head(raw), raw)
        async with asyncio.timeout(PATIENCE):
            while sum(log.read_text().count(text) for text in known) == before:
                await asyncio.sleep(0.05)

    async def want(self, name: str, repo: str, *permitted: str, path: str = "app") -> None:
        source = RepositorySource(repo_url=self.suite.git.repo_url(repo), path=path, target_revision="main")
        await self.suite.want(name, source, source_repos=permitted or ("*",))

    async def documents(self, name: str, commit: str) -> dict[str, str]:
        """What every object's `key` says, at a commit."""
        answer: ManifestsRendered = await self.suite.answer(name, lambda a: a.revisions == (commit,))
        assert answer.failure is None, answer.failure
        found = await self.suite.documents(answer)
        return {each["metadata"]["name"]: str(each["data"]["key"]) for each in found}

    async def failure(self, name: str) -> str:
        answer: ManifestsRendered = await self.suite.answer(name, lambda a: a.failure is not None)
        assert answer.failure is not None
        return answer.failure.message


@pytest_asyncio.fixture(loop_scope="session")
async def handed(unserved: Suite) -> AsyncIterator[Handed]:
    async with handed_over(unserved) as handing:
        yield Handed(unserved, handing)


async def link(work: WorkRepo, path: str, url: str, commit: str) -> None:
    """Put another repository's commit at a path, as `git submodule add` does."""
    text = f'[submodule "{path}"]\n\tpath = {path}\n\turl = {json.dumps(url)}\n'
    await work.write({".gitmodules": text})
    (work.folder / path).mkdir(parents=True, exist_ok=True)
    await run_git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}", folder=work.folder)


async def test_a_submodule_is_read_at_the_commit_that_the_tree_names_and_those_in_it_too(
    handed: Handed,
) -> None:
    suite = handed.suite
    inner = await suite.repository("inner", {"deep.yaml": config_map("deep", "1")})
    middle = await suite.repository("group/middle", {"one.yaml": config_map("one", "1")})
    await link(middle, "below", "../../inner.git", await inner.head())
    await middle.publish({}, "with the innermost")
    work = await suite.repository("outer", {"app/own.yaml": config_map("own", "1")})
    await link(work, "app/base", "../group/middle.git", await middle.head())
    files = {"app/kustomization.yaml": "resources: [own.yaml, base/one.yaml, base/below/deep.yaml]\n"}
    commit = await work.publish(files, "with a submodule")
    await inner.publish({"deep.yaml": config_map("deep", "newer")}, "not named by anybody")
    await handed.want("outer", "outer")
    assert await handed.documents("outer", commit) == {"own": "1", "one": "1", "deep": "1"}
    renders = suite.renders()
    elsewhere = await work.publish({"other.txt": "x"}, "touches nothing of it")
    await suite.webhook("outer")
    await suite.until(lambda: any(move.new == elsewhere for move in suite.moves))
    assert suite.renders() == renders
    await middle.publish({"one.yaml": config_map("one", "2")}, "newer")
    await link(work, "app/base", "../group/middle.git", await middle.head())
    moved = await work.publish({}, "the newer one")
    await suite.webhook("outer")
    assert await handed.documents("outer", moved) == {"own": "1", "one": "2", "deep": "1"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ext::sh -c touch%20{marker}", "app/base is a submodule whose address is not fetched from: "),
        ("--upload-pack=touch {marker}", "fatal: fsck error in packed object"),
        ("file:///etc", "file"),
        ("http://[::1]:1/x.git", "::1"),
        ("../../../../x.git", "leads out of"),
    ],
    ids=["ext", "option", "file", "loopback", "relative"],
)
async def test_an_address_that_nothing_is_fetched_from_is_refused_and_nothing_is_run(
    handed: Handed, url: str, words: str
) -> None:
    suite, marker = handed.suite, handed.suite.folder / "marker"
    work = await suite.repository("evil", {"app/a.yaml": config_map("a")})
    await link(work, "app/base", url.format(marker=marker), "1" * 40)
    await work.publish({"app/kustomization.yaml": "resources: [base/one.yaml]\n"}, "evil")
    await handed.want("evil", "evil")
    message = await handed.failure("evil")
    assert words in message
    assert not marker.exists()


async def test_what_the_tree_names_must_be_there_and_have_an_address(handed: Handed) -> None:
    suite = handed.suite
    await suite.repository("lib", {"one.yaml": config_map("one")})
    work = await suite.repository("lost", {"app/kustomization.yaml": "resources: [base/one.yaml]\n"})
    await link(work, "app/base", "../lib.git", "2" * 40)
    await work.publish({}, "a commit that nobody has")
    await handed.want("lost", "lost")
    assert f"whose commit {'2' * 40} is not in" in await handed.failure("lost")
    await work.publish({".gitmodules": None}, "no address")
    after = len(suite.answers)
    await suite.webhook("lost")
    answer = await suite.answer("lost", after=after)
    assert answer.failure is not None
    assert "no .gitmodules says where it is" in answer.failure.message


async def test_a_submodule_is_opened_with_its_own_credentials_where_the_project_permits_it(
    handed: Handed,
) -> None:
    suite = handed.suite
    lib = await suite.repository("private/lib", {"one.yaml": config_map("one")})
    work = await suite.repository("public", {"app/kustomization.yaml": "resources: [base/one.yaml]\n"})
    await link(work, "app/base", "../private/lib.git", await lib.head())
    commit = await work.publish({}, "with a submodule")
    suite.git.protect("private/lib", username="robot", password="sesame")
    await handed.declare("lib", suite.git.repo_url("private/lib"), username="robot", password="sesame")
    await handed.want("fenced", "public", suite.git.repo_url("public"))
    assert "private/lib" in await handed.failure("fenced")
    await handed.want("open", "public")
    assert await handed.documents("open", commit) == {"one": "v"}
    await handed.want("fenced-too", "public", suite.git.repo_url("public"))
    assert "private/lib" in await handed.failure("fenced-too")


async def test_a_file_of_git_lfs_is_read_where_it_is_enabled_with_whom_its_server_asks_for(
    handed: Handed,
) -> None:
    suite = handed.suite
    async with LfsServer(username="robot", password="sesame") as lfs:
        pointer = lfs.add(config_map("large", "from LFS").encode())
        work = await suite.repository("lfs", {"app/large.yaml": pointer})
        await work.publish({".lfsconfig": f"[lfs]\n\turl = {lfs.url}/lfs.git/info/lfs\n"}, "where it is")
        commit = await work.head()
        await handed.want("off", "lfs")
        assert "app/large.yaml is a pointer of Git LFS" in await handed.failure("off")
        after = len(suite.answers)
        await handed.declare("repo", suite.git.repo_url("lfs"), enableLfs="true")
        answer = await suite.answer("off", after=after)  # nobody asked
        assert answer.failure is not None
        assert "authentication required" in answer.failure.message
        after = len(suite.answers)
        await handed.declare("server", f"{lfs.url}/lfs.git/info/lfs", username="robot", password="sesame")
        await suite.answer("off", lambda a: a.failure is None, after=after)  # nobody asked
        await handed.want("on", "lfs")
        assert await handed.documents("on", commit) == {"large": "from LFS"}
        basic = "Basic " + base64.b64encode(b"robot:sesame").decode()
        told = dict(lfs.asked)
        oid = hashlib.sha256(config_map("large", "from LFS").encode()).hexdigest()
        assert told["/lfs.git/info/lfs/objects/batch"] == basic
        assert told[f"/objects/{oid}"] == f"Ticket {oid[:8]}"


async def test_a_repository_over_ssh_tells_where_its_lfs_server_is_and_what_it_wants_to_hear(
    handed: Handed,
) -> None:
    suite = handed.suite
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with LfsServer(username="robot", password="sesame") as lfs, SshServer(suite.git.folder) as server:
        server.allow(key)
        basic = "Basic " + base64.b64encode(b"robot:sesame").decode()
        told = {"href": f"{lfs.url}/lfs.git/info/lfs", "header": {"Authorization": basic}}

        async def answer(process: Process) -> None:
            if not (process.command or "").startswith("git-lfs-authenticate"):
                await server.serve_git(process)
                return
            process.stdout.write(json.dumps(told).encode())
            process.exit(0)

        pointer = lfs.add(config_map("large", "from LFS over SSH").encode())
        await suite.repository("lfs-ssh", {"app/large.yaml": pointer})
        url = server.repo_url("lfs-ssh")
        await handed.declare(
            "repo",
            url,
            enableLfs="true",
            sshPrivateKey=key.export_private_key().decode(),
            insecureIgnoreHostKey="true",
        )
        await suite.want("over-ssh", RepositorySource(repo_url=url, path="app", target_revision="main"))
        assert "nothing but git" in await handed.failure("over-ssh"), "a server without LFS says so"
        server.answer = answer
        await suite.ask("over-ssh", RenderLevel.HARD, Cause.HARD_REFRESH)
        found = await suite.documents(await suite.answer("over-ssh", lambda told: told.failure is None))
        assert [each["data"]["key"] for each in found] == ["from LFS over SSH"]
        assert "git-lfs-authenticate '/lfs-ssh.git' download" in server.commands
        assert dict(lfs.asked)["/lfs.git/info/lfs/objects/batch"] == basic
        assert server.connections == 1


async def test_a_server_of_lfs_that_lies_or_leads_elsewhere_is_not_believed(handed: Handed) -> None:
    suite = handed.suite
    async with LfsServer() as lfs:
        wrong, longer = lfs.add(config_map("one").encode()), lfs.add(config_map("two").encode())
        lfs.lie(wrong, config_map("won").encode())
        lfs.lie(longer, config_map("two").encode() + b"#" * 1000)
        where = {".lfsconfig": f"[lfs]\n\turl = {lfs.url}/x.git/info/lfs\n"}
        for name, pointer, words in (
            ("wrong", wrong, "what came is not what the pointer names"),
            ("longer", longer, "is larger than"),
            ("gone", pointer_of(b"nobody has it"), "Object does not exist"),
            ("huge", pointer_of(b"x", size=1 << 40), "more than 32 MiB"),
        ):
            await suite.repository(name, {"app/a.yaml": pointer, **where})
            await handed.declare(name, suite.git.repo_url(name), enableLfs="true")
            await handed.want(name, name)
            assert words in await handed.failure(name)
        lfs.elsewhere = "http://169.254.169.254/latest"
        good = lfs.add(config_map("good").encode())
        await suite.repository("inside", {"app/a.yaml": good, **where})
        await handed.declare("inside", suite.git.repo_url("inside"), enableLfs="true")
        await handed.want("inside", "inside")
        assert "169.254.169.254" in await handed.failure("inside")


def pointer_of(content: bytes, *, size: int | None = None) -> str:
    oid = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size or len(content)}\n"
