"""Repositories and credentials through the API: real Secrets, a real remote, the repo-server's own code."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import CONFIG_MAPS, SECRETS
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.declared import fnv32a
from fairlead.api_server.operations.refusal import RefusalError
from fairlead.api_server.operations.rights import NONE
from fairlead.events import SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.git import GitProgram
from fairlead.kube.rest import KubeClient
from fairlead.local.chart_server import ChartServer
from fairlead.local.git_server import GitServer
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from fairlead.local.work_repo import WorkRepo
from fairlead.matching.networks import Networks, parse_networks
from fairlead.outbound import Outbound
from fairlead.process.handed_credentials import Repositories
from fairlead.repo_server.answering.access import Access
from fairlead.repo_server.answering.offers import Offers
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.rpc import access, plugins
from fairlead.secret.seal import Seal, derive
from tests.integration.api_server.conftest import CACHE_SECRET, NAMESPACE, Answer, Door
from tests.integration.api_server.test_projects import asked, refused

REPOS, CREDS = "/api/v1/repositories", "/api/v1/repocreds"
PASSWORD = "s3cret-canary"
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "chart/values.yaml": "replicas: 2\nimage:\n  tag: v1\n",
    "chart/values-prod.yaml": "replicas: 5\n",
    "chart/values.schema.json": '{"properties":{"replicas":{"type":"integer","minimum":1}}}',
    "odd/Chart.yaml": "apiVersion: v2\nname: odd\nversion: 0.1.0\n",
    "odd/values.schema.json": "[1]",
    "kustom/kustomization.yaml": "resources: []\n",
    "plain/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def remote(
    git_server: GitServer, scripted: dict[str, Answer], tmp_path_factory: object
) -> AsyncIterator[str]:
    """The address of a repository, which the repo-server's answers to questions about access can reach."""
    folder: Path = tmp_path_factory.mktemp("access")  # type: ignore[attr-defined]
    of_its_own = folder.name
    url = await git_server.create(f"{of_its_own}/open/config")
    work = await WorkRepo.clone(url, folder / "work")
    await work.publish(CHART, "a chart")
    await work.tag("v1")
    await work.push("v1")
    await git_server.create(f"{of_its_own}/locked/config")
    git_server.protect(f"{of_its_own}/locked", username="u", password=PASSWORD)
    program = GitProgram(home=folder, networks=Networks(opened=parse_networks("127.0.0.0/8")))
    outbound = Outbound(program.networks)
    mirrors = Mirrors(folder=folder / "mirrors", program=program, book=Repositories(), outbound=outbound)
    seal = Seal(derive(CACHE_SECRET.encode(), access.PURPOSE))
    answers = Access(mirrors=mirrors, offers=Offers(program, outbound), seal=seal)
    verbs = answers.verbs()
    scripted.update(verbs)
    yield url
    for verb in verbs:
        del scripted[verb]
    await mirrors.close()
    await outbound.close()


def at(url: str, below: str = "", path: str = REPOS) -> str:
    return f"{path}/{quote(url, safe='')}{below}"


async def stored(kube: KubeClient, kind: str) -> dict[str, dict[str, str]]:
    found = {}
    for raw in await kube.list_all(
        SECRETS, NAMESPACE, label_selector=f"argocd.argoproj.io/secret-type={kind}"
    ):
        obj = msgspec.json.decode(raw)
        data = obj.get("data") or {}
        found[obj["metadata"]["name"]] = {key: base64.b64decode(v).decode() for key, v in data.items()}
    return found


async def test_a_repository_is_tried_declared_shown_and_forgotten(
    door: Door, kube: KubeClient, remote: str
) -> None:
    assert await asked(door, "POST", at(remote, "/validate"), remote) == {}
    made = await asked(door, "POST", REPOS, {"repo": remote, "type": "git", "name": "config"})
    assert made == {"repo": remote, "type": "git", "name": "config"}
    assert next(iter(await stored(kube, "repository"))).startswith("repo-")
    listed = await asked(door, "GET", REPOS, repo=remote)
    [shown] = listed["items"]  # type: ignore[misc]
    assert shown["connectionState"]["status"] == "Successful"
    assert (await asked(door, "GET", at(remote)))["connectionState"] == shown["connectionState"]
    words = "existing repository spec is different; use upsert flag to force update; difference in keys"
    code, text = await refused(door, "POST", REPOS, {"repo": remote, "type": "git", "username": "x"})
    assert (code, text) == (3, f'{words} "Username,Name"')
    assert await asked(door, "PUT", at(remote), {"repo": remote, "type": "git"}) == {
        "repo": remote,
        "type": "git",
    }
    assert "name" not in await asked(door, "GET", at(remote)), "what is not given any more is gone"
    assert await asked(door, "DELETE", at(remote)) == {}
    assert await refused(door, "GET", at(remote)) == (7, "permission denied")
    assert await stored(kube, "repository") == {}


async def test_what_cannot_be_read_is_refused_in_the_contracts_words(
    door: Door, kube: KubeClient, remote: str
) -> None:
    nowhere = remote.replace("open/config", "open/none")
    words = (
        "error testing repository connectivity: unable to ls-remote HEAD on repository: "
        "failed to list refs: repository not found:"
    )
    assert await refused(door, "POST", at(nowhere, "/validate"), nowhere) == (2, words)
    assert await refused(door, "POST", REPOS, {"repo": nowhere}) == (2, words)
    assert await stored(kube, "repository") == {}
    metadata = "http://169.254.169.254/latest"
    code, text = await refused(door, "POST", at(metadata, "/validate"), metadata)
    assert code == 2
    assert "169.254.169.254" in text
    status, answer = await door.ask("POST", REPOS, {"repo": remote, "tlsClientCertKey": "k"})
    assert (status, answer["message"]) == (  # type: ignore[index]
        500,
        "error testing repository connectivity: the repository's Secret cannot be used: "
        "tlsClientCertKey without tlsClientCertData",
    )
    assert await refused(door, "POST", REPOS, {}) == (3, "missing payload in request")
    text = f"repo '{remote}' not found"
    assert await refused(door, "PUT", at(remote), {"repo": remote}) == (5, text)


async def test_credentials_are_inherited_and_never_shown(door: Door, kube: KubeClient, remote: str) -> None:
    locked = remote.replace("open/config", "locked/config")
    prefix = locked.removesuffix("/config.git")
    given = {"url": prefix, "username": "u", "password": PASSWORD, "type": "git"}
    code, text = await refused(door, "POST", at(locked, "/validate"), locked)
    assert code == 2
    assert "authentication required" in text
    typed = {"repo": locked, "username": "u", "password": PASSWORD}
    assert await asked(door, "POST", at(locked, "/validate"), typed) == {}, "credentials stand in no address"
    code, _ = await refused(door, "POST", at(locked, "/validate"), {**typed, "password": "other"})
    assert code == 2
    assert await asked(door, "POST", CREDS, given) == {"url": prefix}
    assert await asked(door, "POST", at(locked, "/validate"), locked) == {}
    assert await asked(door, "POST", REPOS, {"repo": locked}) == {"repo": locked, "type": "git"}
    [shown] = (await asked(door, "GET", REPOS, repo=locked))["items"]  # type: ignore[misc]
    assert shown["connectionState"]["status"] == "Successful"
    assert (shown["inheritedCreds"], shown["username"]) == (True, "u")
    [template] = (await asked(door, "GET", CREDS))["items"]  # type: ignore[misc]
    assert template == {"url": prefix, "username": "u", "type": "git"}
    code, text = await refused(door, "POST", CREDS, {**given, "password": "other"})
    assert (code, text.rpartition(" ")[2]) == (3, '"Password"')
    wrong = await asked(door, "PUT", at(prefix, path=CREDS), {**given, "password": "wrong"})
    assert wrong == {"url": prefix}
    [shown] = (await asked(door, "GET", REPOS, repo=locked))["items"]  # type: ignore[misc]
    assert shown["connectionState"]["status"] == "Failed"
    for path in (REPOS, CREDS, at(locked)):
        assert PASSWORD not in str(await door.ask("GET", path))
    await asked(door, "DELETE", at(locked))
    assert await asked(door, "DELETE", at(prefix, path=CREDS)) == {}
    text = f"repository credentials '{prefix}' not found"
    assert await refused(door, "DELETE", at(prefix, path=CREDS)) == (5, text)


async def test_a_projects_repository_is_its_own(door: Door, kube: KubeClient, remote: str) -> None:
    for name in ("one", "two"):
        body = {"repo": remote, "project": name, "username": name}
        await asked(door, "POST", REPOS, body)
    code, text = await refused(door, "GET", at(remote))
    assert (code, text) == (2, f'repository not found for url "{remote}" and project ""')
    status, shown = await door.ask("GET", at(remote), appProject="two")
    assert (status, shown["username"], shown["project"]) == (200, "two", "two")  # type: ignore[index]
    body = {"project": {"metadata": {"name": "two"}, "spec": {}}}
    await asked(door, "POST", "/api/v1/projects", body)
    detailed = await asked(door, "GET", "/api/v1/projects/two/detailed")
    assert [item["username"] for item in detailed["repositories"]] == ["two"]  # type: ignore[attr-defined]
    for name in ("one", "two"):
        assert (await door.ask("DELETE", at(remote), appProject=name))[0] == 200
    await asked(door, "DELETE", "/api/v1/projects/two")


async def test_what_is_in_a_repository_is_told(door: Door, remote: str) -> None:
    assert await asked(door, "GET", at(remote, "/refs")) == {"branches": ["main"], "tags": ["v1"]}
    found = await asked(door, "GET", at(remote, "/apps"), revision="v1", appProject="default")
    assert found == {
        "items": [
            {"type": "Helm", "path": "chart"},
            {"type": "Kustomize", "path": "kustom"},
            {"type": "Helm", "path": "odd"},
        ]
    }
    source = {"repoURL": remote, "path": "chart", "helm": {"valueFiles": ["values-prod.yaml"]}}
    body = {"source": source, "appName": "new", "appProject": "default"}
    told = await asked(door, "POST", at(remote, "/appdetails"), body)
    assert told == {
        "type": "Helm",
        "helm": {
            "name": "web",
            "values": CHART["chart/values.yaml"],
            "valueFiles": ["values-prod.yaml", "values.yaml"],
            "parameters": [{"name": "image.tag", "value": "v1"}, {"name": "replicas", "value": "5"}],
        },
    }
    plain = {**body, "source": {"repoURL": remote, "path": "plain"}}
    told = await asked(door, "POST", at(remote, "/appdetails"), plain)
    assert told == {"type": "Directory", "directory": {}}
    rules = "/api/v1/chart-rules"
    bare = {"source": {"repoURL": remote, "path": "chart"}, "appName": "new", "appProject": "default"}
    assert await asked(door, "POST", rules, bare) == {
        "rules": {"properties": {"replicas": {"type": "integer", "minimum": 1}}}
    }
    assert await asked(door, "POST", rules, {**bare, "source": {"repoURL": remote, "path": "plain"}}) == {}
    odd = await asked(door, "POST", rules, {**bare, "source": {"repoURL": remote, "path": "odd"}})
    assert str(odd["problem"]).startswith("values.schema.json cannot be read")
    text = f"repository '{remote}' not permitted in project 'nope'"
    status, answer = await door.ask("POST", rules, {**bare, "appProject": "nope"})
    assert (status, answer["message"]) == (403, text)  # type: ignore[index]
    status, answer = await door.ask("GET", at(remote, "/apps"), appProject="nope")
    assert (status, answer["message"]) == (403, text)  # type: ignore[index]
    code, text = await refused(door, "GET", at(remote, "/helmcharts"))
    assert (code, "/index.yaml" in text) == (2, True)


async def test_charts_are_listed_with_their_versions_and_the_state_of_their_repository(door: Door) -> None:
    async with ChartServer(username="u", password=PASSWORD) as charts:
        for version in ("1.0.0", "1.10.0"):
            charts.add(packed_chart("web", version))
        given = {"repo": charts.url, "type": "helm", "username": "u"}
        code, text = await refused(door, "POST", REPOS, {**given, "password": "other-canary"})
        assert code == 2
        assert text.startswith("error testing repository connectivity: ")
        assert "canary" not in text
        made = await asked(door, "POST", REPOS, {**given, "password": PASSWORD})
        assert made == {"repo": charts.url, "type": "helm"}
        shown = await asked(door, "GET", at(charts.url))
        assert shown["connectionState"]["status"] == "Successful"  # type: ignore[index]
        inline = charts.url.replace("://", f"://u:{PASSWORD}@")
        listed = await asked(door, "GET", at(inline, "/helmcharts"))
        assert listed == {"items": [{"name": "web", "versions": ["1.10.0", "1.0.0"]}]}
        source = {"repoURL": inline, "chart": "web", "targetRevision": "1.*"}
        body = {"source": source, "appName": "new", "appProject": "default"}
        told = await asked(door, "POST", at(inline, "/appdetails"), body)
        assert told == {"type": "Helm", "helm": {"name": "web"}}
        charts.statuses["index.yaml"] = 503
        shown = await asked(door, "GET", at(charts.url))
        assert shown["connectionState"]["status"] == "Successful", "as it was found"  # type: ignore[index]
        shown = await asked(door, "GET", at(charts.url), forceRefresh="true")
        assert shown["connectionState"]["status"] == "Failed"  # type: ignore[index]
        assert "status 503" in shown["connectionState"]["message"]  # type: ignore[index]
        await asked(door, "DELETE", at(charts.url))


async def test_tags_of_a_registry_are_listed(door: Door, oci_registry: RegistryServer, remote: str) -> None:
    async with Pusher(oci_registry.url) as pusher:
        for version in ("1.0.0", "1.1.0"):
            await pusher.chart("listed", packed_chart("web", version))
    url = f"oci://{oci_registry.host}/listed/web"
    given = {"repo": url, "type": "oci", "insecureOCIForceHttp": True}
    assert await asked(door, "POST", REPOS, given) == {"repo": url, "type": "oci"}
    assert (await asked(door, "GET", at(url)))["connectionState"]["status"] == "Successful"  # type: ignore[index]
    await asked(door, "DELETE", at(url))


async def test_a_source_for_a_plugin_is_told_with_the_parameters_that_the_plugin_knows(
    door: Door, remote: str, scripted: dict[str, Answer]
) -> None:
    asked_for: list[SourcesWanted] = []

    async def named(_: str, __: bytes) -> bytes:
        return encode(plugins.ListedPlugins(names=("templates-v1",)))

    async def announced(_: str, payload: bytes) -> bytes:
        asked_for.append(decode(plugins.AnnounceParameters, payload).wanted)
        known = {"name": "size", "collectionType": "map", "map": {"a": "b"}, "required": True}
        return encode(plugins.AnnouncedParameters(is_plugin=True, parameters=(known,)))

    before = {verb: scripted[verb] for verb in (plugins.LIST, plugins.ANNOUNCE)}
    scripted |= {plugins.LIST: named, plugins.ANNOUNCE: announced}
    try:
        told = await asked(door, "GET", "/api/v1/settings/plugins")
        assert told == {"plugins": [{"name": "templates-v1"}]}
        block = {"name": "templates-v1", "env": [{"name": "A", "value": "1"}]}
        source = {"repoURL": remote, "path": "plain", "plugin": block}
        body = {"source": source, "appName": "new", "appProject": "default"}
        known = {"name": "size", "collectionType": "map", "map": {"a": "b"}, "required": True}
        shown = {"type": "Plugin", "plugin": {"parametersAnnouncement": [known]}}
        assert await asked(door, "POST", at(remote, "/appdetails"), body) == shown
        assert asked_for[0].sources[0].options["plugin"] == block
        unnamed = {**body, "source": {"repoURL": remote, "path": "plain"}}
        assert await asked(door, "POST", at(remote, "/appdetails"), unnamed) == shown
        helm = {**body, "source": {"repoURL": remote, "path": "chart", "helm": {}}}
        assert (await asked(door, "POST", at(remote, "/appdetails"), helm))["type"] == "Helm"
    finally:
        scripted |= before


async def test_writing_is_refused_while_there_is_no_hydrator(door: Door, remote: str) -> None:
    for path in ("/api/v1/write-repositories", "/api/v1/write-repocreds"):
        assert await refused(door, "GET", path) == (12, "hydrator is disabled")
        assert await refused(door, "POST", path, {"repo": remote, "url": remote}) == (
            12,
            "hydrator is disabled",
        )


async def test_somebody_elses_secret_only_ceases_to_count(door: Door, kube: KubeClient, remote: str) -> None:
    name = f"declared-{secrets.token_hex(4)}"
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {"argocd.argoproj.io/secret-type": "repository"}},
        "stringData": {"url": remote, "enableLfs": "perhaps"},
    }
    await kube.create(SECRETS, body, NAMESPACE)
    async with asyncio.timeout(120):
        while (await door.ask("GET", at(remote)))[0] != 200:
            await asyncio.sleep(0.02)
    shown = await asked(door, "GET", at(remote))
    assert shown["connectionState"] == {
        "status": "Failed",
        "message": "Configuration error - please check the server logs",
    }
    await asked(door, "DELETE", at(remote))
    raw = msgspec.json.decode(await kube.get(SECRETS, name, NAMESPACE))
    assert "argocd.argoproj.io/secret-type" not in (raw["metadata"].get("labels") or {})
    assert raw["data"]["url"]
    await kube.delete(SECRETS, name, NAMESPACE)


async def test_what_lies_under_a_name_already_does_not_count_beside_what_is_declared(
    door: Door, kube: KubeClient, remote: str
) -> None:
    name = f"repo-{fnv32a(remote)}"
    metadata = {"name": name}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": PASSWORD}}
    await kube.create(SECRETS, body, NAMESPACE)
    words = f"Secret {name} is there already and declares nothing of this kind; delete it first"
    for upsert in ("false", "true"):
        status, answer = await door.ask("POST", REPOS, {"repo": remote}, upsert=upsert)
        assert (status, answer["message"]) == (409, words)  # type: ignore[index]
    await kube.delete(SECRETS, name, NAMESPACE)


async def test_repositories_to_write_to_are_apart_once_the_hydrator_is_on(
    door: Door, kube: KubeClient, remote: str
) -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cmd-params-cm",
            "labels": {"app.kubernetes.io/part-of": "argocd"},
        },
        "data": {"hydrator.enabled": "true"},
    }
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    write, creds = "/api/v1/write-repositories", "/api/v1/write-repocreds"
    try:
        async with asyncio.timeout(30):
            while (await door.ask("GET", write))[0] != 200:
                await asyncio.sleep(0.02)
        assert await asked(door, "POST", write, {"repo": remote}) == {"repo": remote, "type": "git"}
        assert [*await stored(kube, "repository-write")] == [f"repo-write-{fnv32a(remote)}"]
        [shown] = (await asked(door, "GET", write))["items"]  # type: ignore[misc]
        assert shown["connectionState"]["status"] == "Successful"
        assert (await asked(door, "GET", REPOS))["items"] == [], "nothing is read from it"
        text = "write repo 'https://git.example/none' not found"
        none = "https://git.example/none"
        assert await refused(door, "PUT", at(none, path=write), {"repo": none}) == (5, text)
        assert await asked(door, "POST", creds, {"url": none, "username": "u"}) == {"url": none}
        assert await asked(door, "DELETE", at(none, path=creds)) == {}
        assert await asked(door, "DELETE", at(remote, path=write)) == {}
    finally:
        await kube.delete(CONFIG_MAPS, "argocd-cmd-params-cm", NAMESPACE)


async def test_a_repository_whose_secret_has_the_name_of_anothers_changes_nothing_of_it(
    door: Door, kube: KubeClient, remote: str
) -> None:
    theirs, ours = {"repo": remote, "project": "bc"}, {"repo": f"{remote}b", "project": "c"}
    assert fnv32a(theirs["repo"] + theirs["project"]) == fnv32a(ours["repo"] + ours["project"])
    await asked(door, "POST", REPOS, {**theirs, "username": "u", "password": PASSWORD})
    before = await stored(kube, "repository")
    words = f"Secret {next(iter(before))} is there and is another's"
    for upsert in ("false", "true"):
        status, answer = await door.ask("POST", REPOS, {**ours, "password": "x"}, upsert=upsert)
        assert (status, answer["message"]) == (409, words)  # type: ignore[index]
    assert await stored(kube, "repository") == before
    await asked(door, "DELETE", at(remote), appProject="bc")


async def test_a_template_whose_secret_has_the_name_of_anothers_changes_nothing_of_it(
    door: Door, kube: KubeClient
) -> None:
    theirs, ours = "https://git.example/333919", "https://git.example/1724282"
    assert fnv32a(theirs) == fnv32a(ours)
    await asked(door, "POST", CREDS, {"url": theirs, "username": "u", "password": PASSWORD})
    before = await stored(kube, "repo-creds")
    for upsert in ("false", "true"):
        status, _ = await door.ask("POST", CREDS, {"url": ours, "password": "x"}, upsert=upsert)
        assert status == 409
    assert await stored(kube, "repo-creds") == before
    await asked(door, "DELETE", at(theirs, path=CREDS))


@pytest.mark.parametrize("way", [{"proxy": "http://127.0.0.1:9"}, {"insecure": True}])
async def test_a_shared_templates_password_is_tried_through_nobodys_own_proxy(
    door: Door, way: dict[str, object]
) -> None:
    await asked(door, "POST", CREDS, {"url": "https://lent.example", "username": "u", "password": PASSWORD})
    tried = {"repo": "https://lent.example/a", "project": "default", **way}
    status, answer = await door.ask("POST", f"{at(tried['repo'])}/validate", tried)
    assert status == 400
    assert "are not lent to a repository of project default" in answer["message"]
    await asked(door, "DELETE", at("https://lent.example", path=CREDS))


def test_a_refusal_tells_no_password_of_an_address() -> None:
    caller = Caller(username="ann", rights=NONE)
    for obj in (f"https://u:{PASSWORD}@git/x", f"proj/https://{PASSWORD}@git/x", f"p/ssh://g:{PASSWORD}@h/x"):
        with pytest.raises(RefusalError) as refusal:
            authorize.require(caller, "repositories", "create", obj)
        assert PASSWORD not in refusal.value.message
        assert "permission denied: repositories, create, " in refusal.value.message


async def test_a_projects_own_repository_is_permitted_in_it_without_a_rule(
    door: Door, kube: KubeClient, remote: str
) -> None:
    project = {"metadata": {"name": "closed"}, "spec": {"destinations": [{"server": "*", "namespace": "*"}]}}
    assert (await door.ask("POST", "/api/v1/projects", {"project": project}))[0] == 200
    query = {"appName": "x/app", "appProject": "closed"}
    path = f"{REPOS}/{quote(remote, safe='')}/apps"
    assert (await door.ask("GET", path, **query))[0] == 403
    body = {"repo": remote, "project": "closed"}
    assert (await door.ask("POST", REPOS, body))[0] == 200
    async with asyncio.timeout(60):
        while (await door.ask("GET", path, **query))[0] != 200:
            await asyncio.sleep(0.1)
    assert (await door.ask("GET", path, appName="x/app", appProject="default"))[0] == 200
