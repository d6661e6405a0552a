"""A submodule is on its shelf, or it is fetched, whatever became of the disk meanwhile."""

import shutil
from pathlib import Path

from fairlead.git import GitProgram
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from fairlead.render import Want
from fairlead.repo_server.supplying.provider import Asker
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.submodule import SubmoduleProvider
from tests.integration.git.conftest import LOOPBACK
from tests.integration.render.engine_fixtures import Repository


async def test_a_submodule_whose_shelf_was_wiped_is_fetched_again_and_what_is_opened_is_told(
    tmp_path: Path, git_server: GitServer
) -> None:
    url = await git_server.create("wiped-module")
    work = await WorkRepo.clone(url, tmp_path / "work")
    oid = await work.publish({"a.yaml": "a: 1\n"}, "first")
    source = Repository(tmp_path / "source")
    commit = source.commit({".gitmodules": f'[submodule "base"]\n\tpath = base\n\turl = {url}\n'})
    (tmp_path / "home").mkdir()
    program, book = GitProgram(home=tmp_path / "home", networks=LOOPBACK), CredentialBook()
    modules = SubmoduleProvider(program, Shelves(tmp_path / "mirrors"), book)
    want = Want(key="k", kind="submodule", file="base", path="base", oid=oid)
    asker = Asker(project="shop", source_repos=("*",), url=url, mirror=source.mirror, commit=commit)
    found = await modules.supply(want, asker)
    for _ in range(2):
        assert await modules.supply(want, asker) == found
        shutil.rmtree(found.mirror)
        again = await modules.supply(want, asker)
        listed = await program.run((f"--git-dir={again.mirror}", "cat-file", "-t", oid))
        assert (again, listed) == (found, b"commit\n")
    assert found.opened == ()
    book.put("secret", entry_of("repository", {"url": url, "proxy": "http://proxy.example.com:3128"}))
    assert (await modules.supply(want, asker)).opened == (url,), "nor what the operator's proxy leads to"
    modules.close()
