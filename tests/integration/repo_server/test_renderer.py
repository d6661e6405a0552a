"""What is rendered, remembered and paused, with real mirrors, engines and Redis."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.archives import File, create_repository, import_files
from fairlead.cache import Cache, CacheConfig, keys
from fairlead.events import Cause, RepositorySource, SourcesWanted, decode
from fairlead.git import GitProgram
from fairlead.git.entries import entry_of
from fairlead.local.git_server import GitServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.work_repo import WorkRepo
from fairlead.process.handed_credentials import Repositories
from fairlead.render import (
    EngineConfig,
    EngineStarvedError,
    Lane,
    PoolConfig,
    RenderKilledError,
    RenderPool,
    RenderRequest,
    RenderResult,
    Want,
)
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.attempt import Asked
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.failures import FAILURES, Failures
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.rendering.located import Located, SourceAt
from fairlead.repo_server.rendering.records import Records
from fairlead.repo_server.rendering.render import Produced, Renderer, SourceError
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.supplying.provider import Asker, Obtained
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.rpc import RenderedSet
from tests.integration.git.conftest import LOOPBACK
from tests.integration.repo_server.suite import SECRET, config_map

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
ENDLESS = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"


class NoBus:
    """The wishes here say themselves what their cluster serves."""

    def key_value(self, _: str) -> None:
        return None


class Scene:
    """A renderer with everything it needs."""

    def __init__(self, folder: Path, pool: RenderPool, redis: RedisServer, git: GitServer) -> None:
        self.folder, self.git, self.redis = folder, git, redis
        home = folder / "home"
        home.mkdir()
        self.mirrors = Mirrors(
            folder=folder / "mirrors", program=GitProgram(home=home, networks=LOOPBACK), book=Repositories()
        )
        self.cache = Cache(CacheConfig(url=redis.url, secret=SECRET.encode()))
        self.pool = pool
        self.serving = Serving(NoBus())  # type: ignore[arg-type]
        self.forget()

    def forget(self) -> None:
        """As after a restart."""
        self.sets, self.records = Sets(self.cache), Records(self.cache)
        self.renderer = Renderer(
            self.pool,
            self.sets,
            self.records,
            Failures(),
            serving=self.serving,
            settings=SettingsInForce(),
            integrity=Integrity(Repositories()),
        )

    async def repository(self, name: str, files: dict[str, str | bytes | None]) -> WorkRepo:
        work = await WorkRepo.clone(await self.git.create(name), self.folder / "work" / name)
        await work.publish(files, "first")
        return work

    async def produce(self, wish: SourcesWanted, asked: Asked | None = None) -> Produced:
        located = []
        for source in wish.sources:
            repository = self.mirrors.of(source.repo_url, wish.project)
            await repository.check(Cause.REFRESH, list_first=False)
            found = await repository.resolve(source.target_revision or "main")
            located.append(Located(repository=repository, resolved=found, look=repository.look))
        return await self.renderer.produce(wish, located, asked or Asked())

    async def documents(self, produced: Produced) -> tuple[bytes, ...]:
        packed = await self.sets.get(produced.digest)
        assert packed is not None
        return decode(RenderedSet, packed).documents


def wish(*sources: RepositorySource, kube_version: str = "1.31.0") -> SourcesWanted:
    return SourcesWanted(
        namespace="argocd",
        name="web",
        instance="web",
        project="default",
        sources=sources,
        kube_version=kube_version,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def scene(tmp_path: Path, engine: Path, git_server: GitServer) -> AsyncIterator[Scene]:
    mirrors = tmp_path / "mirrors"
    mirrors.mkdir()
    config = EngineConfig(binary=engine, mirrors=mirrors, deadline_seconds=5.0)
    async with (
        RedisServer(tmp_path / "redis") as redis,
        RenderPool(PoolConfig(engine=config)) as pool,
    ):
        made = Scene(tmp_path, pool, redis, git_server)
        yield made
        await made.mirrors.close()
        await made.cache.close()


async def test_a_pause_ends_when_the_cluster_is_another(scene: Scene) -> None:
    chart = f"{CHART}kubeVersion: '>=1.33.0'\n"
    work = await scene.repository(
        "capable", {"web/Chart.yaml": chart, "web/templates/a.yaml": config_map("a")}
    )
    del work
    source = RepositorySource(repo_url=scene.git.repo_url("capable"), path="web")
    for _ in range(FAILURES):
        with pytest.raises(SourceError, match="incompatible"):
            await scene.produce(wish(source))
    with pytest.raises(SourceError, match=r"\(cached\)") as paused:
        await scene.produce(wish(source))
    assert paused.value.read
    produced = await scene.produce(wish(source, kube_version="1.36.0"))
    assert len(await scene.documents(produced)) == 1


async def test_a_render_that_was_killed_depends_on_its_folder_and_on_what_it_read_before(
    scene: Scene,
) -> None:
    good = {
        "web/Chart.yaml": CHART,
        "web/values.yaml": "a: 1\n",
        "web/templates/a.yaml": config_map("a"),
        "other/x": "",
    }
    work = await scene.repository("endless", dict(good))
    source = RepositorySource(repo_url=scene.git.repo_url("endless"), path="web")
    await scene.produce(wish(source))
    await work.publish({"web/templates/b.yaml": ENDLESS}, "endless")
    caught = await judged(scene, wish(source))
    assert caught.read is not None
    assert "web" in caught.read[""]
    assert not {"other", "", "other/x"} & set(caught.read[""])


async def judged(scene: Scene, wanted: SourcesWanted) -> SourceError:
    """The failure of a render that never ends, once the machine gave it time enough to tell."""
    while True:
        with pytest.raises(SourceError) as caught:
            await scene.produce(wanted)
        if isinstance(caught.value.error, RenderKilledError):
            return caught.value
        assert isinstance(caught.value.error, EngineStarvedError)


async def test_equal_objects_prove_a_record_and_an_override_brings_in_a_ref_of_its_own(scene: Scene) -> None:
    await scene.repository(
        "chart",
        {
            "web/Chart.yaml": CHART,
            "web/templates/a.yaml": config_map("a", "{{ .Values.color }}"),
            "web/.argocd-source.yaml": "helm: {valueFiles: [$values/web.yaml]}\n",
        },
    )
    values = await scene.repository("values", {"web.yaml": "color: red\n", "other.yaml": "x\n"})
    sources = (
        RepositorySource(repo_url=scene.git.repo_url("chart"), path="web"),
        RepositorySource(repo_url=scene.git.repo_url("values"), ref="values"),
    )
    first = await scene.produce(wish(*sources))
    assert b'"red"' in (await scene.documents(first))[0]
    assert first.read[1] == ("web.yaml",)
    await values.publish({"other.yaml": "y\n"}, "unrelated")
    scene.forget()
    again = await scene.produce(wish(*sources))
    assert (again.fresh, again.digest) == (False, first.digest)
    await values.publish({"web.yaml": "color: blue\n"}, "related")
    third = await scene.produce(wish(*sources))
    assert b'"blue"' in (await scene.documents(third))[0]
    await values.publish({"web.yaml": "color: red\n"}, "back")
    assert (await scene.produce(wish(*sources))).digest == first.digest


async def test_without_redis_what_is_rendered_can_be_had_and_goes_there_later(scene: Scene) -> None:
    work = await scene.repository("away", {"web/cm.yaml": config_map("web")})
    source = RepositorySource(repo_url=scene.git.repo_url("away"), path="web")
    await scene.redis.kill()
    first = await scene.produce(wish(source))
    assert len(await scene.documents(first)) == 1
    assert not (await scene.produce(wish(source))).fresh
    await scene.redis.start()
    await work.publish({"web/cm.yaml": config_map("web", "new")}, "second")
    second = await scene.produce(wish(source))
    for digest in (first.digest, second.digest):
        assert await scene.cache.get(keys.manifests(digest)) is not None
        assert not scene.sets.holds(digest)


async def test_a_render_waits_in_the_lane_of_who_asks(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.repository("lanes", {"web/cm.yaml": config_map("web")})
    wanted = wish(RepositorySource(repo_url=scene.git.repo_url("lanes"), path="web"))
    lanes, real = list[Lane](), RenderPool.render

    async def heard(self: RenderPool, request: RenderRequest, *, lane: Lane) -> RenderResult:
        lanes.append(lane)
        return await real(self, request, lane=lane)

    monkeypatch.setattr(RenderPool, "render", heard)
    for lane in (Lane.DEPLOYMENT, Lane.QUESTION):
        await scene.produce(wanted, Asked(anew=True, lane=lane))
    assert lanes == [Lane.DEPLOYMENT, Lane.QUESTION]


async def test_a_set_that_redis_lost_is_rendered_anew(scene: Scene) -> None:
    await scene.repository("lost", {"web/cm.yaml": config_map("web")})
    source = RepositorySource(repo_url=scene.git.repo_url("lost"), path="web")
    first = await scene.produce(wish(source))
    await scene.cache.forget(keys.manifests(first.digest))
    again = await scene.produce(wish(source))
    assert (again.fresh, again.digest) == (True, first.digest)
    assert len(await scene.documents(again)) == 1


async def test_records_in_use_live_on_and_come_back_when_redis_lost_them(scene: Scene) -> None:
    await scene.repository("long", {"web/cm.yaml": config_map("web")})
    source = RepositorySource(repo_url=scene.git.repo_url("long"), path="web")
    wanted = wish(source)
    produced = await scene.produce(wanted)
    repository: Repository = scene.mirrors.of(source.repo_url, "default")
    found = await repository.resolve("main")
    here = Located(repository=repository, resolved=found, look=repository.look)
    name = scene.renderer.memory.name(SourceAt(wanted, 0, [here]))
    redis = (await scene.cache._remote()).redis
    names = [keys.render(name), keys.manifests(produced.digest)]
    for key in names:
        await redis.expire(key, 100)
    await scene.records.prolong()
    assert [await redis.ttl(key) > 1000 for key in names] == [True, True]
    await redis.delete(keys.render(name))
    await scene.records.prolong()
    assert await redis.exists(keys.render(name))


async def test_one_repository_at_two_revisions_in_one_render_is_refused(scene: Scene) -> None:
    files: dict[str, str | bytes | None] = {
        "web/Chart.yaml": CHART,
        "web/templates/a.yaml": config_map("a"),
        "values.yaml": "a: 1\n",
    }
    work = await scene.repository("twice", files)
    main = await work.head()
    await work.checkout("other", create=True)
    other = await work.publish({"values.yaml": "a: 2\n"}, "second")
    await work.push("other")
    url = scene.git.repo_url("twice")
    chart = RepositorySource(
        repo_url=url, path="web", options={"helm": {"valueFiles": ["$values/values.yaml"]}}
    )
    values = RepositorySource(repo_url=url, ref="values", target_revision="other")
    words = (
        f"one repository is referenced at two revisions in one render: {url} at HEAD ({main[:12]}) and, as "
        f"$values, at other ({other[:12]})"
    )
    with pytest.raises(SourceError) as refused:
        await scene.produce(wish(chart, values))
    assert str(refused.value) == words
    both = wish(chart, RepositorySource(repo_url=url, ref="values"))
    assert len(await scene.documents(await scene.produce(both))) == 1
    apart = wish(RepositorySource(repo_url=url, path="web"), values)
    assert len(await scene.documents(await scene.produce(apart))) == 1


class Elsewhere:
    """Has one chart for whoever asks, in a repository beside the mirrors."""

    def __init__(self, folder: Path) -> None:
        create_repository(folder)
        self.folder, self.asked = folder, list[Asker]()
        self.settled, self.opened = True, tuple[str, ...]()

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        self.asked.append(asker)
        files = [
            File("Chart.yaml", f"apiVersion: v2\nname: {want.name}\nversion: 1.0.0\n".encode()),
            File("templates/a.yaml", config_map("supplied").encode()),
        ]
        commit = await import_files(self.folder, files)
        return Obtained(mirror=self.folder, object=commit, settled=self.settled, opened=self.opened)


NEEDS = f"{CHART}dependencies:\n- {{name: sub, version: 1.x, repository: 'https://charts.example.com'}}\n"


async def test_what_was_supplied_is_part_of_what_is_remembered(scene: Scene) -> None:
    elsewhere = Elsewhere(scene.folder / "mirrors" / "supply-test")
    scene.renderer = Renderer(
        scene.pool,
        scene.sets,
        scene.records,
        Failures(),
        serving=scene.serving,
        settings=SettingsInForce(),
        integrity=Integrity(Repositories()),
        supplier=Supplier(scene.pool, {"chart": elsewhere}),
    )
    work = await scene.repository("lacking", {"web/Chart.yaml": NEEDS, "other/x": "1"})
    source = RepositorySource(repo_url=scene.git.repo_url("lacking"), path="web")
    produced = await scene.produce(wish(source))
    assert len(await scene.documents(produced)) == 1
    await work.publish({"other/x": "2"}, "elsewhere")
    assert not (await scene.produce(wish(source))).fresh, "what is settled holds at any commit"
    assert len(elsewhere.asked) == 1

    elsewhere.settled = False
    assert (await scene.produce(wish(source), Asked(anew=True, hard=True))).fresh
    assert elsewhere.asked[-1].fresh, "who insists has it looked at again"
    assert not (await scene.produce(wish(source))).fresh, "what is not settled holds at this commit"
    await work.publish({"other/x": "3"}, "elsewhere")
    again = await scene.produce(wish(source))
    assert again.fresh, "and at no other"
    assert "" in again.read[0]

    elsewhere.settled, elsewhere.opened = True, ("https://charts.example.com",)
    mine = msgspec.structs.replace(wish(source), source_repos=("https://charts.example.com", "*git*"))
    await scene.produce(mine, Asked(anew=True))
    assert not (await scene.produce(mine)).fresh
    asked = len(elsewhere.asked)
    assert (await scene.produce(wish(source))).fresh, "nobody else is given what was opened for these"
    assert elsewhere.asked[asked].source_repos == ()


async def test_a_render_that_began_under_other_rules_or_without_git_lfs_is_not_taken_for_a_present_one(
    scene: Scene,
) -> None:
    elsewhere = Elsewhere(scene.folder / "mirrors" / "supply-rules")
    elsewhere.opened = ("https://charts.example.com",)
    scene.renderer = Renderer(
        scene.pool,
        scene.sets,
        scene.records,
        Failures(),
        serving=scene.serving,
        settings=SettingsInForce(),
        integrity=Integrity(Repositories()),
        supplier=Supplier(scene.pool, {"chart": elsewhere}),
    )
    await scene.repository("rules", {"web/Chart.yaml": NEEDS})
    url = scene.git.repo_url("rules")
    source = RepositorySource(repo_url=url, path="web")
    before = msgspec.structs.replace(wish(source), source_repos=("https://charts.example.com", "*git*"))
    after = msgspec.structs.replace(wish(source), source_repos=("*git*",))
    await asyncio.gather(scene.produce(before), scene.produce(after))
    assert {asker.source_repos for asker in elsewhere.asked} == {before.source_repos, after.source_repos}

    async def declared(want: Want, asker: Asker) -> Obtained:
        data = {"url": url, "enableLfs": "true"}
        scene.mirrors.book.put("secret", entry_of("repository", data))
        return await Elsewhere.supply(elsewhere, want, asker)

    elsewhere.supply = declared  # type: ignore[method-assign]
    assert (await scene.produce(before, Asked(anew=True))).fresh
    assert (await scene.produce(before)).fresh, "it was begun when files of LFS were not read"
    assert not (await scene.produce(before)).fresh
