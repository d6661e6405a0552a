"""A pull request is told what it would deploy, by whichever replica lives, in one comment."""

import os
import signal
from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio
import yaml

from fairlead.local.work_repo import WorkRepo
from tests.e2e.world import CONFIG_MAPS, CONTROL, SECRETS, World, config_map
from tests.fakes.reviewed import ME, OTHER, TOKEN, Reviewed, serving

NUMBER = 17


@pytest_asyncio.fixture(loop_scope="session")
async def reviewed(world: World) -> AsyncIterator[Reviewed]:
    async with serving() as host:
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "argocd-preview-secret"}}
        await world.client.create(SECRETS, {**body, "stringData": {"gitea": TOKEN}}, CONTROL)
        yield host
        await world.client.merge_patch(
            CONFIG_MAPS, "argocd-cm", {"data": {"fairlead.preview.repositories": None}}, CONTROL
        )
        await world.client.delete(SECRETS, "argocd-preview-secret", CONTROL)


async def preview(world: World, reviewed: Reviewed, url: str) -> None:
    entry = {
        "url": url,
        "provider": "gitea",
        "api": f"{reviewed.url}/gitea",
        "path": "team/config",
        "projects": ["*"],
        "token": "$gitea",
        "blocks": True,
    }
    patch = {"data": {"fairlead.preview.repositories": yaml.safe_dump([entry])}}
    await world.client.merge_patch(CONFIG_MAPS, "argocd-cm", patch, CONTROL)


async def proposed(work: WorkRepo, files: dict[str, str | bytes | None], branch: str) -> str:
    await work.checkout(branch, create=True)
    head = await work.publish(files, "proposed")
    await work.checkout("main")
    return head


async def told(world: World, url: str) -> None:
    """As a host tells it."""
    headers = {"X-GitHub-Event": "pull_request", "X-Gitea-Event": "pull_request"}
    body = {"action": "synchronize", "repository": {"html_url": url, "clone_url": url}}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{world.suite.api_url}/api/webhook", json=body, headers=headers) as answer,
    ):
        assert answer.status == 200, await answer.text()


def mine(reviewed: Reviewed) -> list[str]:
    return [each.body for each in reviewed.of(NUMBER) if each.author == ME]


async def test_a_request_has_one_comment_that_follows_it_through_kills(
    world: World, reviewed: Reviewed
) -> None:
    work = await world.repository(
        {"app/cm.yaml": config_map("shown", colour="red"), "other/cm.yaml": config_map("apart")}
    )
    namespace, url = await world.namespace(), world.url(work)
    name = await world.application(url, namespace)
    apart = await world.application(url, namespace, path="other")
    for each in (name, apart):
        await world.settled(each)
    await preview(world, reviewed, url)
    head = await proposed(work, {"app/cm.yaml": config_map("shown", colour="blue")}, "feature")
    reviewed.put(NUMBER, head)
    reviewed.say(NUMBER, "what others say", OTHER)
    await told(world, url)

    async def is_said(words: str, sha: str, state: str) -> bool:
        return any(words in body for body in mine(reviewed)) and reviewed.states(sha)[-1:] == [state]

    await world.until(lambda: is_said("colour: blue", head, "success"), "the request is previewed")
    [body] = mine(reviewed)
    assert "1 of 2 applications affected" in body
    assert (f"{CONTROL}/{name}" in body, f"{CONTROL}/{apart}" in body) == (True, False)
    assert await world.data(namespace, "shown") == {"colour": "red"}

    for instance in ("preview", "preview-2"):
        os.kill(world.suite.services[instance].pid, signal.SIGKILL)
    bad = config_map("shown", colour="green") + "---\n" + config_map("Not_A_Name")
    newer = await proposed(work, {"app/cm.yaml": bad}, "newer")
    reviewed.put(NUMBER, newer, branch="newer")
    await told(world, url)
    await world.until(lambda: is_said("colour: green", newer, "failure"), "it follows the newer head")
    [body] = mine(reviewed)
    assert "refused by the cluster" in body
    assert body.splitlines()[0].startswith("<!-- fairlead-preview ")
