"""The generator `pullRequest`, at hosts that speak the real protocols and fail in the real ways."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.rules import HostRules
from tests.fakes.scm.host import Fault, Host, serving
from tests.fakes.scm.world import sha
from tests.integration.applicationset_controller.scm_stage import Opens, World, pull_blocks, pulled, world

PROVIDERS = ("github", "gitlab", "gitea", "bitbucketServer", "bitbucket", "azuredevops")
LABELLED = ("github", "gitlab", "gitea", "azuredevops")
LISTING = {
    "github": "/repos/team/shop/pulls",
    "gitlab": "/merge_requests",
    "gitea": "/repos/team/shop/pulls",
    "bitbucketServer": "/pull-requests",
    "bitbucket": "/pullrequests",
    "azuredevops": "/pullrequests",
}


@pytest_asyncio.fixture(scope="module")
async def server() -> AsyncIterator[Host]:
    async with serving() as host:
        yield host


@pytest.fixture
def host(server: Host) -> Host:
    server.reset()
    return server


@pytest_asyncio.fixture
async def opens() -> AsyncIterator[Opens]:
    """Processes that end with the test."""
    opened: list[World] = []

    def made(host: Host, **more: HostRules) -> World:
        opened.append(world(host, **more))
        return opened[-1]

    yield made
    for each in opened:
        await each.hosts.close()


@pytest.fixture
def sources(host: Host, opens: Opens) -> World:
    return opens(host)


def numbers(params: list[dict[str, object]]) -> list[object]:
    return [each["number"] for each in params]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_open_request_is_found_with_what_templates_need(
    host: Host, sources: World, provider: str
) -> None:
    host.most = 2
    params = await pulled(sources, provider, pull_blocks(host)[provider])
    assert numbers(params) == ["1", "2", "3", "5"]
    cart, prices, long, _ = params
    head = sha("pull", 1)[:12] if provider == "bitbucket" else sha("pull", 1)
    assert cart == {
        "number": "1",
        "title": "Add a cart",
        "branch": "feature/cart",
        "branch_slug": "feature-cart",
        "target_branch": "main",
        "target_branch_slug": "main",
        "head_sha": head,
        "head_short_sha": head[:8],
        "head_short_sha_7": head[:7],
        "author": "ada",
        "labels": ["preview", "ui"] if provider in LABELLED else [],
    }
    assert (prices["target_branch"], prices["target_branch_slug"]) == ("release/1.0", "release-1-0")
    assert len(str(long["branch_slug"])) <= 50
    assert all(each.token for each in host.asked)


@pytest.mark.parametrize("provider", LABELLED)
async def test_a_request_has_to_carry_all_labels(host: Host, sources: World, provider: str) -> None:
    block = pull_blocks(host)[provider]
    assert numbers(await pulled(sources, provider, {**block, "labels": ["ui"]})) == ["1", "5"]
    assert numbers(await pulled(sources, provider, {**block, "labels": ["ui", "preview"]})) == ["1"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_filters_hold_together_in_an_entry_and_one_entry_is_enough(
    host: Host, sources: World, provider: str
) -> None:
    filters = [
        {"branchMatch": "^feature/", "titleMatch": "cart"},
        {"targetBranchMatch": "^release"},
        {"titleMatch": "^Draft", "branchMatch": "^feature"},
    ]
    assert numbers(await pulled(sources, provider, pull_blocks(host)[provider], filters=filters)) == [
        "1",
        "2",
    ]


async def test_merge_requests_are_of_all_states_unless_one_is_named(host: Host, sources: World) -> None:
    block = dict(pull_blocks(host)["gitlab"])
    assert numbers(await pulled(sources, "gitlab", {**block, "pullRequestState": "merged"})) == ["4"]
    assert len(await pulled(sources, "gitlab", {**block, "pullRequestState": ""})) == 5
    with pytest.raises(GeneratorError, match="pullRequestState 'open' is none of"):
        await pulled(sources, "gitlab", {**block, "pullRequestState": "open"})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_repository_that_is_not_there_is_an_error_unless_the_set_goes_on(
    host: Host, sources: World, provider: str
) -> None:
    block = pull_blocks(host)[provider]
    host.world.repos[0].gone = True
    with pytest.raises(GeneratorError, match="404"):
        await pulled(sources, provider, block)
    assert await pulled(sources, provider, block, continueOnRepoNotFoundError=True) == []
    for status in (401, 403, 500, 503):
        host.faults[:] = [Fault(LISTING[provider], status=status)]
        with pytest.raises(GeneratorError):
            await pulled(sources, provider, block, continueOnRepoNotFoundError=True)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_page_that_fails_leaves_no_request_out(host: Host, provider: str, opens: Opens) -> None:
    for fault in (
        Fault("", status=502),
        Fault("", cut=True),
        Fault("", status=200, body=b"null"),
        Fault("", status=429, headers={"Retry-After": "9"}),
    ):
        sources = opens(host)
        host.reset()
        host.most = 2
        host.faults.append(Fault(**(vars(fault) | {"at": LISTING[provider], "after": 1})))
        with pytest.raises(GeneratorError):
            await pulled(sources, provider, pull_blocks(host)[provider])


async def test_nothing_is_asked_of_a_set_that_names_no_host(host: Host, sources: World) -> None:
    with pytest.raises(GeneratorError, match="no Pull Request provider"):
        await pulled(sources, "filters", [])  # type: ignore[arg-type]
    assert host.asked == []
