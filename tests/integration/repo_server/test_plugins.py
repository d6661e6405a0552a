"""Sources that sidecars render: real mirrors and engines, and plugin servers as processes."""

import asyncio
import base64
import shutil
import struct
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from fairlead.cache import Cache, CacheConfig
from fairlead.events import Cause, RenderSettings, RepositorySource, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import Credential, GitProgram
from fairlead.local.git_server import GitServer
from fairlead.local.redis_server import RedisServer
from fairlead.local.work_repo import WorkRepo
from fairlead.process.handed_credentials import Repositories
from fairlead.render import EngineConfig, PoolConfig, RenderPool
from fairlead.repo_server.plugins import credentials, plugins
from fairlead.repo_server.plugins.plugins import Plugins
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.rendering.attempt import Asked
from fairlead.repo_server.rendering.capabilities import Serving
from fairlead.repo_server.rendering.failures import Failures
from fairlead.repo_server.rendering.in_force import SettingsInForce
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.rendering.located import Located
from fairlead.repo_server.rendering.records import Records
from fairlead.repo_server.rendering.render import Produced, Renderer, SourceError
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.supplying.shelf import Shelves
from fairlead.repo_server.supplying.submodule import SubmoduleProvider
from fairlead.repo_server.supplying.supply import Supplier
from fairlead.repo_server.supplying.whole import Wholes
from fairlead.rpc import RenderedSet
from tests.integration.git.conftest import LOOPBACK
from tests.integration.repo_server.sidecars import plugin, sidecars
from tests.integration.repo_server.suite import SECRET, config_map
from tests.integration.repo_server.test_submodules import link

SAID = """cat <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: said}
data:
  here: "$(basename $PWD)"
  file: "$(cat value.txt)"
  app: "$ARGOCD_APP_NAME $ARGOCD_APP_NAMESPACE $ARGOCD_APP_PROJECT_NAME"
  revision: "$ARGOCD_APP_REVISION $ARGOCD_APP_REVISION_SHORT"
  kube: "$KUBE_VERSION $KUBE_API_VERSIONS"
  env: "$ARGOCD_ENV_COLOR $PARAM_SIZE $PARAM_TAGS_1"
  init: "$(cat made 2>/dev/null)"
  parent: "$FAIRLEAD_TEST_PARENT"
END
"""


class Scene:
    """A renderer with plugins."""

    def __init__(self, folder: Path, pool: RenderPool, redis: RedisServer, git: GitServer) -> None:
        self.folder, self.git, self.sockets = folder, git, folder / "sockets"
        (folder / "home").mkdir()
        self.program = GitProgram(home=folder / "home", networks=LOOPBACK)
        self.book = Repositories()
        self.mirrors = Mirrors(folder=folder / "mirrors", program=self.program, book=self.book)
        self.cache = Cache(CacheConfig(url=redis.url, secret=SECRET.encode()))
        self.pool, self.in_force = pool, SettingsInForce()
        self.modules = SubmoduleProvider(self.program, Shelves(folder / "mirrors"), self.book)
        self.supplier = Supplier(pool, {"submodule": self.modules})
        self.expect()

    def expect(self, *names: str) -> None:
        """As after a start with these plugins expected."""
        self.plugins = Plugins(
            self.sockets,
            program=self.program,
            pool=self.pool,
            scratch=self.folder / "worktrees",
            wholes=Wholes(self.program, self.supplier),
            expected=names,
        )
        self.sets, self.records = Sets(self.cache), Records(self.cache)
        serving = Serving(NoBus())  # type: ignore[arg-type]
        self.renderer = Renderer(
            self.pool,
            self.sets,
            self.records,
            Failures(),
            serving=serving,
            integrity=Integrity(Repositories()),
            settings=self.in_force,
            sidecars=self.plugins,
            supplier=self.supplier,
        )

    async def repository(self, name: str, files: dict[str, str | bytes | None]) -> WorkRepo:
        work = await WorkRepo.clone(await self.git.create(name), self.folder / "work" / name)
        await work.publish(files, "first")
        return work

    def source(self, name: str, path: str = "app", **options: object) -> RepositorySource:
        return RepositorySource(
            repo_url=self.git.repo_url(name), path=path, target_revision="main", options=dict(options)
        )

    async def produce(self, *sources: RepositorySource, app: str = "web", paths: str = "") -> Produced:
        wish = SourcesWanted(
            namespace="argocd",
            name=app,
            instance=app,
            project="default",
            sources=sources,
            destination_namespace="there",
            kube_version="v1.36.3",
            api_versions=("v1", "apps/v1"),
            manifest_generate_paths=paths,
        )
        located = []
        for source in wish.sources:
            repository = self.mirrors.of(source.repo_url, wish.project)
            await repository.check(Cause.REFRESH, list_first=False)
            found = await repository.resolve("main")
            located.append(Located(repository=repository, resolved=found, look=repository.look))
        return await self.renderer.produce(wish, located, Asked())

    async def objects(self, produced: Produced) -> list[dict[str, Any]]:
        packed = await self.sets.get(produced.digest)
        assert packed is not None
        return [msgspec.json.decode(document) for document in decode(RenderedSet, packed).documents]


class NoBus:
    def key_value(self, _: str) -> None:
        return None


@pytest_asyncio.fixture(loop_scope="session")
async def scene(engine: Path, git_server: GitServer) -> AsyncIterator[Scene]:
    folder = Path(tempfile.mkdtemp(prefix="fairlead-plugins-"))
    folder.chmod(0o711)  # commands run as somebody else where we are root
    (folder / "mirrors").mkdir()
    config = EngineConfig(binary=engine, mirrors=folder / "mirrors")
    try:
        async with RedisServer(folder / "redis") as redis, RenderPool(PoolConfig(engine=config)) as pool:
            made = Scene(folder, pool, redis, git_server)
            yield made
            made.plugins.close()
            made.modules.close()
            await made.mirrors.close()
            await made.cache.close()
    finally:
        shutil.rmtree(folder)


async def test_a_named_plugin_renders_with_the_variables_of_the_original(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_TEST_PARENT", "the parent's")
    work = await scene.repository("said", {"app/value.txt": "first", "other/x": "", "app/Chart.yaml": "x"})
    block = {
        "name": "said-v1.0",
        "env": [{"name": "COLOR", "value": "blue-$KUBE_VERSION"}],
        "parameters": [{"name": "size", "string": "big"}, {"name": "tags", "array": ["a", "b"]}],
    }
    source = scene.source("said", plugin=block)
    said = plugin("said", SAID, version="v1.0", init="echo -n made > made")
    async with sidecars(scene.folder, scene.sockets, said) as (server,):
        produced = await scene.produce(source)
        [found] = await scene.objects(produced)
        commit = await work.head()
        assert produced.source_types == ("Plugin",)
        assert found["data"] == {
            "here": "app",
            "file": "first",
            "app": "web there default",
            "revision": f"{commit} {commit[:7]}",
            "kube": "1.36.3 v1,apps/v1",
            "env": "blue-1.36.3 big b",
            "init": "made",
            "parent": "",
        }
        assert "" in produced.read[0]
        assert not (await scene.produce(source)).fresh
        await work.publish({"other/x": "elsewhere"}, "second")
        assert (await scene.produce(source)).fresh, "every commit renders it anew"
        declared = await scene.produce(source, paths=".;/values")
        assert declared.fresh
        assert declared.read[0][:2] == ("app", "values")
        assert "" not in declared.read[0]
        await work.publish({"other/x": "elsewhere again"}, "third")
        assert not (await scene.produce(source, paths=".;/values")).fresh
        await work.publish({"values": "now there"}, "fourth")
        assert (await scene.produce(source, paths=".;/values")).fresh
        assert server.left() == []


async def test_who_renders_a_source_that_names_nobody_is_the_first_that_says_so(scene: Scene) -> None:
    chart = {
        "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "templates/a.yaml": config_map("helm"),
    }
    files: dict[str, str | bytes | None] = {f"{folder}/{k}": v for folder in "ab" for k, v in chart.items()}
    work = await scene.repository("found", {**files, "a/mine.txt": "", "c/plain.yaml": config_map("plain")})
    by_name = plugin("z-name", f"echo '{config_map('by-name')}'", discover={"fileName": "./mine.t?t"})
    by_glob = plugin("glob", f"echo '{config_map('by-glob')}'", discover={"find": {"glob": "**/deep.txt"}})
    by_find = plugin("find", f"echo '{config_map('by-find')}'", find="grep -l wanted *.yaml")
    unasked = plugin("never", f"echo '{config_map('never')}'")
    async with sidecars(scene.folder, scene.sockets, by_name, by_glob, by_find, unasked):

        async def name_of(folder: str, **options: object) -> str:
            produced = await scene.produce(scene.source("found", folder, **options), app=f"app-{folder}")
            return str((await scene.objects(produced))[0]["metadata"]["name"])

        assert await name_of("a") == "by-name", "a plugin that discovers comes before the tools"
        assert await name_of("a", helm={}) == "helm", "but not before what the source says"
        assert await name_of("b") == "helm"
        assert await name_of("c") == "plain", "a command that fails discovers nothing"
        assert await name_of("a", plugin={}) == "by-name"
        assert await name_of("c", plugin={"name": "never"}) == "never"
        with pytest.raises(SourceError, match='could not find cmp-server plugin with name "glob" supporting'):
            await scene.produce(scene.source("found", "c", plugin={"name": "glob"}))
        with pytest.raises(SourceError, match="could not find plugin supporting the given repository"):
            await scene.produce(scene.source("found", "c", plugin={}))
        await work.publish({"c/in/deep.txt": "", "c/x.yaml": "# wanted"}, "second")
        assert await name_of("c") == "by-find", "the first by name"
        await work.publish({"c/x.yaml": None}, "third")
        assert await name_of("c") == "by-glob"


async def test_what_a_plugin_cannot_do_is_said_in_the_words_of_the_original(scene: Scene) -> None:
    await scene.repository("bad", {"app/a.yaml": config_map("a")})
    failing = plugin("failing", "echo no such secret >&2; exit 4")
    broken = plugin("broken", "echo 'a: [1'")
    scalar = plugin("scalar", "echo just words")
    missing = plugin("missing", "true")
    missing["spec"]["generate"] = {"command": ["/no/such/tool", "x"]}
    expected = {
        "failing": 'CMP processing failed for application "web": error generating manifests in cmp: '
        r"rpc error: code = Unknown desc = error generating manifests: `sh -c .*` failed exit status 4: "
        "no such secret",
        "broken": "failed to convert CMP manifests to unstructured objects: ",
        "scalar": "failed to convert CMP manifests to unstructured objects: .*expected an object",
        "missing": "`/no/such/tool x` failed: it could not be started: No such file or directory",
        "nobody": 'could not find cmp-server plugin with name "nobody" supporting the given repository',
        "../../etc/x": "could not find cmp-server plugin with name",
    }
    async with sidecars(scene.folder, scene.sockets, failing, broken, scalar, missing):
        for name, words in expected.items():
            with pytest.raises(SourceError, match=words) as caught:
                await scene.produce(scene.source("bad", plugin={"name": name}))
            assert caught.value.read is None, "nobody knows what would cure it"


async def test_modes_exclusions_and_declared_paths_decide_what_is_sent(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = await scene.repository(
        "sent", {"apps/web/run.sh": "#!/bin/sh\n", "apps/lib/x": "", "top/y": "", "apps/web/z.tmp": ""}
    )
    (work.folder / "apps/web/run.sh").chmod(0o755)
    await work.publish({"apps/web/z.tmp": "more"}, "executable")
    shown = (
        "printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: x}\\ndata:\\n  found: \"%s\"\\n' "
        "\"$(cd ..; cd ..; find . -type f -printf '%P:%m ' | tr ' ' '\\n' | sort | tr '\\n' ' ')\""
    )
    kept = plugin("kept", shown, preserveFileMode=True)
    plain = plugin("plain", shown)

    async def found(name: str, paths: str = "") -> str:
        source = scene.source("sent", "apps/web", plugin={"name": name})
        produced = await scene.produce(source, app=f"{name}-{paths}", paths=paths)
        return str((await scene.objects(produced))[0]["data"]["found"])

    async with sidecars(scene.folder, scene.sockets, kept, plain):
        assert "apps/web/run.sh:755" in await found("kept")
        assert "apps/web/run.sh:644" in await found("plain")
        assert "top/y:644" in await found("plain")
        assert "apps/web/z.tmp" in await found("plain")
        settings = RenderSettings(plugin_tar_exclusions=("*/*/*.tmp", "apps/lib"))
        scene.in_force.take(encode(settings))
        excluded = await found("plain")
        assert "apps/web/run.sh" in excluded
        assert "z.tmp" not in excluded
        assert "apps/lib" not in excluded
        settings = RenderSettings(plugin_uses_generate_paths=True)
        scene.in_force.take(encode(settings))
        assert "top/y:644" in await found("plain")
        assert "lib/x:644" in await found("plain", ".;../lib")
        assert "top" not in await found("plain", ".;../lib")


async def test_a_plugin_is_sent_the_submodules_of_what_it_renders(scene: Scene) -> None:
    module = await scene.repository("module", {"lib/said": "from the module"})
    work = await scene.repository("with-module", {"app/a": "", "app/mine": ""})
    url = scene.git.repo_url("module")
    await link(work, "app/module", url, await module.head())
    await work.publish({}, "with a module")
    shown = 'echo \'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},\'; '
    shown += 'echo "\\"data\\":{\\"said\\":\\"$(cat module/lib/said)\\"}}"'
    async with sidecars(scene.folder, scene.sockets, plugin("reads", shown)):
        produced = await scene.produce(scene.source("with-module", plugin={"name": "reads"}))
        assert [one["data"]["said"] for one in await scene.objects(produced)] == ["from the module"]


@pytest.mark.parametrize("kind", ["bomb", "flood", "hang"])
async def test_a_plugin_that_runs_away_is_bounded_and_its_neighbours_render(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    await scene.repository(f"wild-{kind}", {"app/a.yaml": config_map("a")})
    wild = {
        "bomb": plugin("wild", "b() { b | b & }; b; sleep 3600"),
        "flood": plugin("wild", "head -c 1073741824 /dev/zero"),
        "hang": plugin("wild", "true", init="trap '' TERM; sleep 3600"),
    }[kind]
    words = {
        "bomb": "it started more than 256 processes",
        "flood": "it printed more than 64 MiB",
        "hang": r"it took longer than [\d.]+ s|did not answer within",
    }[kind]
    if kind == "hang":
        monkeypatch.setattr(plugins, "SECONDS", 4.0)
    calm = plugin("calm", f"echo '{config_map('calm')}'")
    async with sidecars(scene.folder, scene.sockets, wild, calm) as (server, _):
        run_away = asyncio.create_task(
            scene.produce(scene.source(f"wild-{kind}", plugin={"name": "wild"}), app="wild")
        )
        for number in range(3):
            named = scene.source(f"wild-{kind}", plugin={"name": "calm"})
            assert (await scene.produce(named, app=f"calm-{number}")).fresh
            plain = scene.source(f"wild-{kind}", directory={})
            assert (await scene.produce(plain, app=f"plain-{number}")).source_types == ("Directory",)
        with pytest.raises(SourceError, match=words):
            await run_away
        async with asyncio.timeout(60):
            while server.left():
                await asyncio.sleep(0.05)
        assert server.process is not None
        assert server.process.returncode is None


ANSWERS = {
    "closed": b"",
    "http": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "noise": bytes(range(256)) * 100,
    "settings only": b"\0\0\0\4\0\0\0\0\0",
    "endless headers": b"\0\0\0\4\0\0\0\0\0"
    + (struct.pack(">I", 16384)[1:] + b"\1\0\0\0\0\1" + b"\0" * 16384) * 200,
}


@pytest.mark.parametrize("kind", sorted(ANSWERS))
async def test_a_socket_that_answers_nonsense_is_said_and_holds_up_nobody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("fairlead.repo_server.plugins.sidecar.CHECK_SECONDS", 3.0)
    await scene.repository(f"odd-{kind.replace(' ', '-')}", {"app/a.yaml": config_map("a")})
    name = f"odd-{kind.replace(' ', '-')}"
    scene.sockets.mkdir(exist_ok=True)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWERS[kind])
        if ANSWERS[kind]:
            await reader.read(1 << 20)
            await asyncio.sleep(30 if kind == "settings only" else 0)
        writer.close()

    calm = plugin("calm", f"echo '{config_map('calm')}'")
    server = await asyncio.start_unix_server(answer, scene.sockets / "odd.sock")
    try:
        async with sidecars(scene.folder, scene.sockets, calm):
            with pytest.raises(SourceError, match="plugin odd"):
                await scene.produce(scene.source(name, plugin={"name": "odd"}))
            with pytest.raises(SourceError, match="plugin odd"):
                await scene.produce(scene.source(name), app="unnamed")
            assert (await scene.produce(scene.source(name, plugin={"name": "calm"}), app="calm")).fresh
            assert (await scene.produce(scene.source(name, directory={}), app="plain")).fresh
    finally:
        server.close()
    (scene.sockets / "odd.sock").unlink(missing_ok=True)
    assert (await scene.produce(scene.source(name), app="unnamed")).source_types == ("Directory",)


async def test_while_an_expected_plugin_is_not_there_nobody_else_renders_what_may_be_its(
    scene: Scene,
) -> None:
    await scene.repository("early", {"app/a.yaml": config_map("a"), "app/mine": ""})
    scene.expect("late")
    with pytest.raises(SourceError, match="plugin late is not there yet"):
        await scene.produce(scene.source("early"))
    assert (await scene.produce(scene.source("early", directory={}), app="plain")).fresh
    late = plugin("late", f"echo '{config_map('late')}'", discover={"fileName": "mine"})
    async with sidecars(scene.folder, scene.sockets, late):
        assert (await scene.produce(scene.source("early"))).source_types == ("Plugin",)


async def test_lists_are_opened_and_json_is_read_as_yaml_is(scene: Scene) -> None:
    await scene.repository("shapes", {"app/a": ""})
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}
    two = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}}
    items = msgspec.json.encode({"apiVersion": "v1", "kind": "List", "items": [one, two]}).decode()
    shapes = plugin("shapes", f"echo '{items}'; echo ---; echo; echo ---; echo '{config_map('three')}'")
    nothing = plugin("nothing", "true")
    async with sidecars(scene.folder, scene.sockets, shapes, nothing):
        found = await scene.objects(await scene.produce(scene.source("shapes", plugin={"name": "shapes"})))
        assert [one["metadata"]["name"] for one in found] == ["one", "two", "three"]
        empty = await scene.produce(scene.source("shapes", plugin={"name": "nothing"}), app="nothing")
        assert await scene.objects(empty) == []


def test_credentials_are_handed_over_as_variables_or_it_is_said_that_they_are_not() -> None:
    warnings: list[str] = []
    url = "https://git.example.com/a.git"
    given = credentials.handed_over(Credential(username="u", password="p"), url, warnings)
    basic = base64.b64encode(b"u:p").decode()
    assert given["GIT_CONFIG_KEY_0"] == f"http.{url}.extraHeader"
    assert given["GIT_CONFIG_VALUE_0"] == f"Authorization: Basic {basic}"
    assert not warnings
    assert credentials.handed_over(Credential(), url, warnings) == {}
    assert not warnings
    assert credentials.handed_over(Credential(unsupported="SSH keys"), url, warnings) == {}
    assert "cannot be handed over" in warnings[0]
