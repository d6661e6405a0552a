"""One suite for all walks, and a logged-in terminal for each way in."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio

from fairlead.keys.certificates import make
from fairlead.kube.kubeconfig import from_kubeconfig
from tests.compat import walks
from tests.compat.binary import Terminal, found, why_not
from tests.integration.api_server.test_trust import TWO_KEYS
from tests.recorded_world import RecordedWorld, recorded_world

WAYS = {"grpc": "", "grpc-web": "--grpc-web"}
"""Each way in, and the flag of it. A login keeps the flag for what follows."""


class Session(NamedTuple):
    """A terminal whose user is logged in one way, and what walks are told there."""

    terminal: Terminal
    world: RecordedWorld
    told: dict[str, str]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RecordedWorld]:
    """A suite with a repository; nothing is started where there is no command to drive it with."""
    if reason := why_not():
        pytest.skip(reason)
    async with recorded_world(tmp_path_factory.mktemp("compat")) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=WAYS)
async def session(
    request: pytest.FixtureRequest, world: RecordedWorld, tmp_path_factory: pytest.TempPathFactory
) -> Session:
    """A login as people log in: TLS is tried first, then plain text."""
    way = str(request.param)
    home = tmp_path_factory.mktemp(way)
    program = found()
    assert program is not None
    terminal = Terminal(program, home)
    server = world.suite.api_url.removeprefix("http://")
    words = ["login", server, "--plaintext", "--username", "admin", "--password", world.password]
    ran = await terminal.run([*words, *filter(None, [WAYS[way]])])
    assert (ran.code, "'admin:login' logged in successfully" in ran.out) == (0, True), ran
    context = (await world.kubectl("config", "current-context")).strip()
    (home / "x.crt").write_bytes(make({"x": ("x.example",)})["x.crt"])
    (home / "key.asc").write_text(TWO_KEYS)
    told = walks.told(
        way,
        server=server,
        flags=f"--plaintext {WAYS[way]}",
        password=world.password,
        repo=f"{world.git_url}/config.git",
        git=world.git_url,
        folder=str(home),
        kubeconfig=str(world.suite.kubeconfig),
        context=context,
        cluster=from_kubeconfig(world.suite.kubeconfig).server,
    )
    (home / "set.yaml").write_text(walks.set_of(told))
    await world.declare_account(f"walker-{way}")
    return Session(terminal, world, told)
