"""What is wrong is said where people look, nothing is deleted, and it mends itself when the cause is gone."""

import os
import signal

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.world import Object, World, condition_texts, config_map, sync_of

GOOD = {"app/config.yaml": config_map("web", n="1")}
TEMPLATE = config_map("web").replace("  {}\n", '  "n": {{ required "n is needed" .Values.n | quote }}\n')
CHART = {
    "app/Chart.yaml": "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
    "app/templates/config.yaml": TEMPLATE,
}


class Deployed:
    """An application that was fine once, so that a test can see that nothing was deleted."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self, files: dict[str, str] | None = None) -> "Deployed":
        self.repo = await self.world.repository(files or GOOD)
        self.namespace = await self.world.namespace()
        self.name = await self.world.application(self.world.url(self.repo), self.namespace)
        await self.world.settled(self.name)
        return self

    async def breaks_with(self, *words: str) -> Object:
        app = await self.world.with_condition(self.name, *words)
        assert await self.world.data(self.namespace, "web") == {"n": "1"}
        return app

    async def mends(self, head: str = "") -> None:
        app = await self.world.settled(self.name, head)
        assert not condition_texts(app)


@pytest_asyncio.fixture
async def deployed(world: World) -> Deployed:
    return await Deployed(world).start()


async def test_a_missing_path_is_named(deployed: Deployed) -> None:
    elsewhere = {"app/config.yaml": None, "other/config.yaml": config_map("web", n="2")}
    await deployed.repo.publish(elsewhere, "moved")
    app = await deployed.breaks_with("ComparisonError", "app: app path does not exist")
    assert sync_of(app) == "Unknown"
    await deployed.mends(await deployed.repo.publish(GOOD, "back"))


async def test_a_missing_ref_is_named(deployed: Deployed) -> None:
    await deployed.world.patch_app(deployed.name, {"spec": {"source": {"targetRevision": "no-such-branch"}}})
    await deployed.breaks_with("ComparisonError", "unable to resolve 'no-such-branch' to a commit SHA")
    await deployed.world.patch_app(deployed.name, {"spec": {"source": {"targetRevision": "main"}}})
    await deployed.mends()


async def test_a_repository_that_is_not_there_is_named(deployed: Deployed) -> None:
    nowhere = deployed.world.git.repo_url("no-such-repository")
    await deployed.world.patch_app(deployed.name, {"spec": {"source": {"repoURL": nowhere}}})
    await deployed.breaks_with("ComparisonError", "no-such-repository")
    there = deployed.world.url(deployed.repo)
    await deployed.world.patch_app(deployed.name, {"spec": {"source": {"repoURL": there}}})
    await deployed.mends()


async def test_broken_yaml_is_named_with_its_file(deployed: Deployed) -> None:
    broken = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n data: [\n"
    await deployed.repo.publish({"app/config.yaml": broken}, "broken")
    await deployed.breaks_with("ComparisonError", "config.yaml")
    await deployed.mends(await deployed.repo.publish(GOOD, "fixed"))


async def test_a_kind_the_cluster_does_not_serve_is_named(deployed: Deployed) -> None:
    strange = "apiVersion: example.org/v1\nkind: Strange\nmetadata:\n  name: x\n"
    await deployed.repo.publish({"app/strange.yaml": strange}, "strange")

    def names_the_kind(app: Object) -> bool:
        operation = app.get("status", {}).get("operationState", {})
        texts = [*condition_texts(app), operation.get("message", "")]
        return any("Strange" in text for text in texts)

    await deployed.world.until_app(deployed.name, names_the_kind)
    assert await deployed.world.data(deployed.namespace, "web") == {"n": "1"}
    await deployed.mends(await deployed.repo.publish({"app/strange.yaml": None}, "gone"))


async def test_a_chart_that_does_not_render_is_named_with_its_template(world: World) -> None:
    values = {"app/values.yaml": "'n': '1'\n"}
    deployed = await Deployed(world).start({**CHART, **values})
    await deployed.repo.publish({"app/values.yaml": "'n': ''\n"}, "no n")
    await deployed.breaks_with("ComparisonError", "n is needed", "config.yaml")
    await deployed.mends(await deployed.repo.publish(values, "n"))


async def test_of_two_objects_with_one_identity_the_last_is_kept_with_a_warning(world: World) -> None:
    files = {"app/a.yaml": config_map("web", n="0"), "app/b.yaml": config_map("web", n="1")}
    repo = await world.repository(files)
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.with_condition(name, "RepeatedResourceWarning", "ConfigMap", "web appeared 2 times")
    await world.until_data(namespace, "web", {"n": "1"})
    head = await repo.publish({"app/a.yaml": None}, "one")
    assert not condition_texts(await world.settled(name, head))


async def test_of_two_sources_with_one_object_the_later_is_kept_with_a_warning(world: World) -> None:
    files = {"one/cm.yaml": config_map("web", n="one"), "two/cm.yaml": config_map("web", n="two")}
    repo = await world.repository(files)
    namespace = await world.namespace()
    sources = [{"repoURL": world.url(repo), "path": path} for path in ("one", "two")]
    name = await world.application("", namespace, source=None, sources=sources)
    await world.with_condition(name, "RepeatedResourceWarning", "ConfigMap", "web appeared 2 times")
    await world.until_data(namespace, "web", {"n": "two"})
    head = await repo.publish({"two/cm.yaml": config_map("mine", n="two")}, "apart")

    def is_apart(app: Object) -> bool:
        return app["status"]["sync"].get("revisions") == [head, head] and not condition_texts(app)

    await world.until_app(name, is_apart)
    await world.until_data(namespace, "web", {"n": "one"})


async def test_an_unknown_cluster_is_named(deployed: Deployed) -> None:
    elsewhere = "https://no-such-cluster.example"
    await deployed.world.patch_app(deployed.name, {"spec": {"destination": {"server": elsewhere}}})
    await deployed.breaks_with("InvalidSpecError", elsewhere)
    home = "https://kubernetes.default.svc"
    await deployed.world.patch_app(deployed.name, {"spec": {"destination": {"server": home}}})
    await deployed.mends()


async def test_a_project_that_does_not_exist_is_named(deployed: Deployed) -> None:
    await deployed.world.patch_app(deployed.name, {"spec": {"project": "nobodys"}})
    await deployed.breaks_with(
        "InvalidSpecError", "Application referencing project nobodys which does not exist"
    )
    await deployed.world.patch_app(deployed.name, {"spec": {"project": "default"}})
    await deployed.mends()


async def test_an_empty_render_with_prune_on_deletes_nothing(deployed: Deployed) -> None:
    await deployed.repo.publish({"app/config.yaml": None, "app/README.md": "empty\n"}, "empty")
    await deployed.breaks_with("SyncError", "auto-sync will wipe out all resources")
    await deployed.mends(await deployed.repo.publish(GOOD, "back"))


async def test_a_force_push_is_followed(deployed: Deployed) -> None:
    first = await deployed.repo.head()
    second = await deployed.repo.publish({"app/config.yaml": config_map("web", n="2")}, "two")
    await deployed.world.settled(deployed.name, second)
    await deployed.repo.reset(first)
    await deployed.repo.push(force=True)
    await deployed.mends(first)
    assert await deployed.world.data(deployed.namespace, "web") == {"n": "1"}


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"X-GitHub-Event": "push"}, b"{not json", 400),
        ({"X-GitHub-Event": "push"}, b'{"repository": 5}', 400),
        ({"X-Gitlab-Event": "Push Hook"}, b"[]", 400),
        ({}, b"", 400),
        ({"X-GitHub-Event": "push"}, b"[" * 100_000, 400),
    ],
)
async def test_a_malformed_webhook_is_refused(
    world: World, headers: dict[str, str], body: bytes, status: int
) -> None:
    assert await _post_webhook(world, headers, body) == status


async def test_a_webhook_for_an_unknown_repository_is_accepted_and_harms_nobody(deployed: Deployed) -> None:
    body = b'{"repoURL": "https://git.example/unknown.git", "ref": "refs/heads/main"}'
    assert await _post_webhook(deployed.world, {}, body) == 200
    await deployed.mends(await deployed.repo.publish({"app/more.yaml": config_map("more", n="1")}, "more"))


async def test_a_flushed_cache_costs_renders_and_nothing_else(deployed: Deployed) -> None:
    await deployed.world.suite.redis.restart(wipe=True)
    await deployed.mends(await deployed.repo.publish({"app/more.yaml": config_map("more", n="1")}, "more"))
    await deployed.world.suite.redis.restart(wipe=True)
    await deployed.world.refresh(deployed.name, "hard")
    await deployed.mends()
    assert await deployed.world.data(deployed.namespace, "web") == {"n": "1"}


async def test_commits_are_deployed_while_redis_does_not_answer(deployed: Deployed) -> None:
    pid = deployed.world.suite.redis.process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        head = await deployed.repo.publish({"app/more.yaml": config_map("more", n="1")}, "more")
        await deployed.mends(head)
        assert await deployed.world.data(deployed.namespace, "more") == {"n": "1"}
    finally:
        os.kill(pid, signal.SIGCONT)
    await deployed.mends(await deployed.repo.publish({"app/more.yaml": config_map("more", n="2")}, "again"))


async def test_nats_coming_back_with_an_empty_store_loses_no_commit(deployed: Deployed) -> None:
    await deployed.world.suite.nats.stop()
    head = await deployed.repo.publish({"app/more.yaml": config_map("more", n="1")}, "while away")
    await deployed.world.suite.nats.restart(wipe=True)
    await deployed.mends(head)
    await deployed.mends(await deployed.repo.publish({"app/again.yaml": config_map("again", n="1")}, "again"))


async def test_a_restarted_kube_apiserver_is_found_again(deployed: Deployed) -> None:
    assert deployed.world.suite.control_plane is not None
    await deployed.world.suite.control_plane.restart_apiserver()
    head = await deployed.repo.publish({"app/config.yaml": config_map("web", n="2")}, "after")
    await deployed.mends(head)
    assert await deployed.world.data(deployed.namespace, "web") == {"n": "2"}


async def _post_webhook(world: World, headers: dict[str, str], body: bytes) -> int:
    url = f"{world.suite.api_url}/api/webhook"
    sent = {"Content-Type": "application/json", **headers}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=sent) as answer:
        return answer.status
