"""Each host has one comment and one status of ours on a request, whatever happens meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.identities.tokens import Tokens
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound
from fairlead.preview.hosts.client import HostError, is_passing
from fairlead.preview.hosts.host import Host
from fairlead.preview.hosts.opened import Hosts
from fairlead.preview.looking.look import Looks
from fairlead.previews.errors import PreviewError, PreviewLaterError
from fairlead.settings.previews import PreviewedRepository, PreviewSettings
from tests.fakes.reviewed import ENTRIES, ME, OTHER, TOKEN, Reviewed, serving
from tests.unit.previews.played import URL, Played, config_map

SHA, NEXT = "1234567890ab" + "1" * 28, "fedcba098765" + "2" * 28
SECRET = b"the services share this one"
SETTINGS = PreviewSettings()
DONE = {"success", "SUCCESSFUL", "succeeded"}
FAILED = {"failure", "failed", "FAILED"}


class Stage:
    """One host, and what is asked about its requests."""

    def __init__(self, host: Reviewed, provider: str, outbound: Outbound) -> None:
        self.reviewed = host
        entry = {**ENTRIES[provider], "api": f"{host.url}{ENTRIES[provider]['api']}"}
        url = "https://git.example/team/project/_git/config" if provider == "azure-devops" else URL
        self.asks = Played()
        self.repository = PreviewedRepository(
            url=url, projects=("*",), token="$token", provider=provider, api=str(entry["api"])
        )
        self.outbound = outbound
        self.leads = True
        self.begin()

    def begin(self) -> None:
        """A process that knows nothing of what another said."""
        self.looks = Looks(self.asks, secret=SECRET, may_write=lambda: self.leads)
        self.host: Host = Hosts(self.outbound, Tokens()).opened(self.repository, {"token": TOKEN})

    async def look(self, number: int = 1) -> float | None:
        return await self.looks.look(self.repository, number, self.host, SETTINGS)

    @property
    def bodies(self) -> list[str]:
        return [each.body for each in self.reviewed.remarks if each.author == ME]


@pytest_asyncio.fixture(loop_scope="session")
async def outbound() -> AsyncIterator[Outbound]:
    client = Outbound(Networks(opened=parse_networks("127.0.0.0/8")))
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session", params=sorted(ENTRIES))
async def stage(request: pytest.FixtureRequest, outbound: Outbound) -> AsyncIterator[Stage]:
    async with serving() as host:
        yield _with_a_request(Stage(host, request.param, outbound))


@pytest_asyncio.fixture(loop_scope="session")
async def github(outbound: Outbound) -> AsyncIterator[Stage]:
    async with serving() as host:
        yield _with_a_request(Stage(host, "github", outbound))


def _with_a_request(stage: Stage) -> Stage:
    stage.asks.url = stage.repository.url
    stage.asks.add("web", [config_map(colour="red")], [config_map(colour="blue")])
    stage.reviewed.put(1, SHA)
    return stage


async def test_a_request_gets_one_comment_and_a_status_and_no_second_one(stage: Stage) -> None:
    for _ in range(8):
        stage.reviewed.say(1, "what others say", OTHER)
    assert await stage.look() is None
    [body] = stage.bodies
    assert ("argocd/web" in body, "colour: blue" in body) == (True, True)
    [first, last] = [state for _, state, _ in stage.reviewed.statuses]
    assert (first in DONE | FAILED, last in DONE) == (False, True)
    stage.begin()
    await stage.look()
    assert stage.bodies == [body]
    assert {sha[:12] for sha, _, _ in stage.reviewed.statuses} == {SHA[:12]}


async def test_a_newer_head_changes_the_comment_in_its_place(stage: Stage) -> None:
    await stage.look()
    stage.reviewed.put(1, NEXT)
    stage.asks.renders["web", stage.asks.merged.merge] = [config_map(colour="green")]
    await stage.look()
    [body] = stage.bodies
    assert ("colour: green" in body, "colour: blue" in body) == (True, False)


async def test_a_comment_that_somebody_edited_says_again_what_is_so(stage: Stage) -> None:
    await stage.look()
    [mine] = [each for each in stage.reviewed.remarks if each.author == ME]
    said = mine.body
    mine.body = said.replace("blue", "nothing at all")
    await stage.look()
    assert stage.bodies == [said]


async def test_a_mark_that_was_copied_leads_to_nobody_elses_comment(stage: Stage) -> None:
    await stage.look()
    [body] = stage.bodies
    stage.reviewed.remarks.clear()
    stage.reviewed.say(1, f"{body.splitlines()[0]}\nall is well", OTHER)
    await stage.look()
    assert len(stage.bodies) == 1
    assert "all is well" in next(each.body for each in stage.reviewed.remarks if each.author == OTHER)


async def test_what_was_found_of_an_older_head_is_dropped(stage: Stage) -> None:
    merge = stage.asks.merge

    async def overtaken(url: str, **more: str) -> object:
        stage.reviewed.put(1, NEXT)
        return await merge(url, **more)

    stage.asks.merge = overtaken  # type: ignore[method-assign, assignment]
    assert await stage.look() == 0.0
    assert stage.bodies == []
    assert not {state for _, state, _ in stage.reviewed.statuses} & DONE
    stage.asks.merge = merge  # type: ignore[method-assign]
    await stage.look()
    assert len(stage.bodies) == 1
    assert {state for sha, state, _ in stage.reviewed.statuses if NEXT.startswith(sha)} & DONE


async def test_forks_are_left_alone_unless_they_are_allowed(stage: Stage) -> None:
    stage.reviewed.put(1, SHA, is_fork=True)
    assert [pull.is_fork for pull in await stage.host.pulls()] == [True]
    await stage.look()
    assert (stage.bodies, stage.reviewed.statuses, stage.asks.rendered_for) == ([], [], [])
    stage.repository = msgspec.structs.replace(stage.repository, allow_forks=True)
    await stage.look()
    assert "from a fork" in stage.bodies[0]
    assert [of_strangers for *_, of_strangers in stage.asks.rendered_for] == [False, True]
    assert stage.asks.tried == []


async def test_all_open_requests_are_listed_page_by_page(stage: Stage) -> None:
    for number in range(2, 9):
        stage.reviewed.put(number, SHA, is_open=number != 5)
    assert sorted(pull.number for pull in await stage.host.pulls()) == [1, 2, 3, 4, 6, 7, 8]
    assert await stage.host.pull(5) is None


async def test_a_kill_at_any_request_leaves_one_comment(github: Stage) -> None:
    for at in range(12):
        github.reviewed.remarks.clear()
        github.reviewed.asked.clear()
        github.begin()

        def killed(_method: str, _path: str, at: int = at) -> None:
            if len(github.reviewed.asked) > at:
                raise ConnectionAbortedError

        github.reviewed.before = killed
        with contextlib.suppress(HostError):
            await github.look()
        github.reviewed.before = None
        github.begin()
        await github.look()
        assert len(github.bodies) == 1, at
        assert github.reviewed.states(SHA)[-1] == "success"


async def test_who_lost_the_lease_writes_nothing(github: Stage) -> None:
    merge = github.asks.merge

    async def lost(url: str, **more: str) -> object:
        github.leads = False
        return await merge(url, **more)

    github.asks.merge = lost  # type: ignore[method-assign, assignment]
    await github.look()
    assert (github.bodies, github.reviewed.states(SHA)) == ([], ["pending"])


async def test_a_status_fails_only_where_the_operator_wants_it(github: Stage) -> None:
    github.asks.verdicts = {"settings": "immutable"}
    await github.look()
    assert github.reviewed.states(SHA)[-1] == "success"
    assert "1 would fail" in github.reviewed.statuses[-1][2]
    github.repository = msgspec.structs.replace(github.repository, blocks=True)
    await github.look()
    assert github.reviewed.states(SHA)[-1] == "failure"


async def test_what_could_not_be_found_out_is_asked_again_and_at_last_said(github: Stage) -> None:
    async def away(url: str, **more: str) -> object:
        raise PreviewLaterError("the repo-server is not running")

    async def refused(url: str, **more: str) -> object:
        raise PreviewError("no history in common")

    github.asks.merge = away  # type: ignore[method-assign, assignment]
    again = [await github.look() for _ in range(6)]
    assert (again[0], again[-1]) == (20.0, None)
    assert github.reviewed.states(SHA) == ["pending", "error"]
    github.begin()
    github.asks.merge = refused  # type: ignore[method-assign, assignment]
    assert await github.look() is None
    assert "no history in common" in github.reviewed.statuses[-1][2]


async def test_where_a_host_does_not_say_who_we_are_the_mark_alone_counts(github: Stage) -> None:
    github.reviewed.tells_who = False
    await github.look()
    github.begin()
    await github.look()
    assert len(github.bodies) == 1


async def test_a_token_that_is_refused_is_told_without_being_shown(github: Stage) -> None:
    github.host = Hosts(github.outbound, Tokens()).opened(github.repository, {"token": "canary-of-a-token"})
    with pytest.raises(HostError) as refused:
        await github.look()
    assert ("401" in str(refused.value), "canary" in str(refused.value)) == (True, False)
    assert github.bodies == []


async def test_what_is_said_already_is_not_said_again(stage: Stage) -> None:
    for _ in range(4):
        await stage.look()
    assert len(stage.reviewed.statuses) == 2
    assert [method for method, path in stage.reviewed.asked if method != "GET"].count("POST") == 3


async def test_a_ref_with_the_name_of_a_head_does_not_speak_for_it(stage: Stage) -> None:
    async def elsewhere(url: str, **more: str) -> object:
        return stage.asks.merged

    stage.asks.merge = elsewhere  # type: ignore[method-assign, assignment]
    assert await stage.look() is None
    assert (stage.bodies, stage.reviewed.statuses[-1][1] in DONE) == ([], False)
    assert "a ref has its name" in stage.reviewed.statuses[-1][2]


async def test_a_host_that_wants_to_be_left_alone_is_not_asked(github: Stage) -> None:
    def limited(_method: str, _path: str) -> None:
        raise web.HTTPForbidden(headers={"Retry-After": "77"})

    github.reviewed.before = limited
    hosts = Hosts(github.outbound, Tokens())
    github.host = hosts.opened(github.repository, {"token": TOKEN})
    again = hosts.opened(github.repository, {"token": TOKEN})
    found = []
    for host in (github.host, github.host, again):
        with pytest.raises(HostError) as refused:
            await host.pulls()
        found.append((is_passing(refused.value), 60 < refused.value.wait <= 77))
    assert (found, len(github.reviewed.asked)) == ([(True, True)] * 3, 1)


@pytest.mark.parametrize("field", ["api", "url"])
async def test_an_address_that_is_none_is_said_of_its_entry(field: str, outbound: Outbound) -> None:
    one = PreviewedRepository(
        url=URL, projects=("*",), token="$token", provider="gitea", api="https://gitea.example"
    )
    wrong = msgspec.structs.replace(one, **{field: "https://[bad/team/config"})
    with pytest.raises(HostError, match=f"{field} is no address"):
        Hosts(outbound, Tokens()).opened(wrong, {"token": TOKEN})
