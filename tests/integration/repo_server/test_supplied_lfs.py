"""Who we are is told to a server of Git LFS where the project permits the repository whose files it has."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.git import GitProgram
from fairlead.git.credential_book import CredentialBook
from fairlead.git.entries import entry_of
from fairlead.outbound import Outbound
from fairlead.render import RenderInvalidError, Want
from fairlead.repo_server.supplying.lfs import LfsProvider
from fairlead.repo_server.supplying.provider import Asker, Obtained, Origin
from fairlead.repo_server.supplying.shelf import Shelves
from tests.fakes.lfs_server import LfsServer
from tests.integration.git.conftest import LOOPBACK
from tests.integration.render.engine_fixtures import Repository


class Lab:
    """A provider, a server of LFS that needs a password, and one template for all of its host."""

    def __init__(self, folder: Path, server: LfsServer, outbound: Outbound) -> None:
        self.server, self.shelves = server, folder / "mirrors"
        self.source = Repository(folder / "source")
        (folder / "home").mkdir()
        self.book = CredentialBook()
        self.declare("host", "repo-creds", server.url, username="robot", password="sesame")
        program = GitProgram(home=folder / "home", networks=LOOPBACK)
        self.provider = LfsProvider(program, outbound, Shelves(self.shelves), self.book)

    def declare(self, name: str, kind: str, url: str, **data: str) -> None:
        self.book.put(name, entry_of(kind, {"url": url, **data}))

    async def supply(self, pointer: str, *permits: str, url: str, leads_to: str = "") -> Obtained:
        """A file that the repository at an address names, which is a source's or a submodule's."""
        config = (
            {".lfsconfig": f"[lfs]\n\turl = {leads_to}\n"} if leads_to else {".lfsconfig": "", "x": pointer}
        )
        commit = self.source.commit(config)
        oid, size = pointer.split("sha256:")[1].split("\nsize ")
        want = Want(key="k", kind="lfs", file="app/large", from_="sub", oid=oid, size=int(size))
        origin = Origin(url=url, mirror=self.source.mirror, commit=commit)
        asker = Asker(
            project="shop",
            source_repos=permits,
            url=f"{self.server.url}/shop/web.git",
            mirror=self.source.mirror,
            commit=commit,
            origins=(("sub", origin),),
        )
        return await self.provider.supply(want, asker)


@pytest_asyncio.fixture(loop_scope="session")
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    outbound = Outbound(LOOPBACK)
    async with LfsServer(username="robot", password="sesame") as server:
        yield Lab(tmp_path, server, outbound)
    await outbound.close()


async def test_files_of_another_repository_of_the_host_are_not_opened_with_the_hosts_password(
    lab: Lab,
) -> None:
    """The pointer is all that somebody has to know of a file, and the host's template is everybody's."""
    web, secret = f"{lab.server.url}/shop/web.git", f"{lab.server.url}/bank/secret.git"
    lab.declare("web", "repository", web, enableLfs="true")
    pointer = lab.server.add(b"of the bank")
    for permits in ((f"{lab.server.url}/shop/*",), ("*", f"!{secret}")):
        with pytest.raises(RenderInvalidError, match=r"app/large: Git LFS at .*secret.*credentials|401"):
            await lab.supply(pointer, *permits, url=web, leads_to=f"{secret}/info/lfs")
    assert {told for _, told in lab.server.asked} == {""}
    found = await lab.supply(pointer, "*", url=web, leads_to=f"{secret}/info/lfs")
    assert found.opened == (secret,), "nor is what was made of it for who may not have it"
    found = await lab.supply(pointer, f"{lab.server.url}/shop/*", url=web)
    assert found.opened == (web,)


async def test_files_of_a_submodule_are_opened_where_the_project_permits_the_submodule(lab: Lab) -> None:
    other = f"{lab.server.url}/open/other.git"
    lab.declare("other", "repository", other, enableLfs="true")
    pointer = lab.server.add(b"of another")
    with pytest.raises(RenderInvalidError, match=r"app/large: Git LFS at "):
        await lab.supply(pointer, f"{lab.server.url}/shop/*", url=other)
    assert {told for _, told in lab.server.asked} == {""}
    assert (await lab.supply(pointer, "*", url=other)).opened == (other,)


async def test_a_file_whose_shelf_was_wiped_is_downloaded_again(lab: Lab) -> None:
    web = f"{lab.server.url}/shop/web.git"
    lab.declare("web", "repository", web, enableLfs="true")
    pointer = lab.server.add(b"large")
    found = await lab.supply(pointer, "*", url=web)
    asked = len(lab.server.asked)
    await lab.supply(pointer, "*", url=web)
    assert len(lab.server.asked) == asked
    found.mirror.rename(lab.shelves / "away")
    again = await lab.supply(pointer, "*", url=web)
    assert again == found
    assert len(lab.server.asked) > asked


async def test_a_server_over_ssh_is_not_asked_for_files_of_what_the_project_does_not_permit(lab: Lab) -> None:
    other = "git@git.example.com:bank/secret.git"
    lab.declare("other", "repository", other, enableLfs="true", sshPrivateKey="key")
    with pytest.raises(RenderInvalidError, match=r"app/large: .* shop does not permit that repository"):
        await lab.supply(lab.server.add(b"x"), f"{lab.server.url}/shop/*", url=other)


async def test_what_a_server_says_moves_no_terminal(lab: Lab) -> None:
    web = f"{lab.server.url}/shop/web.git"
    lab.declare("web", "repository", web, enableLfs="true")
    lab.server.refusal = "gone \x1b[2J\x1b]0;owned\x07for \u202egood"
    missing = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 3\n"
    with pytest.raises(RenderInvalidError, match=r"it refuses: gone .*for .*good \(404\)") as caught:
        await lab.supply(missing, "*", url=web)
    assert str(caught.value).isprintable()
