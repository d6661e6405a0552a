"""Applications through REST, on the real control plane."""

import asyncio

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS, PROJECTS
from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.bus.topology import SOURCES_BUCKET
from fairlead.events import RepositorySource, SignaturesDemanded, SourcesWanted, subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.errors import NotFoundError
from fairlead.kube.rest import KubeClient
from fairlead.local.nats_server import NatsServer
from fairlead.rpc import controller, repo
from tests.integration.api_server.conftest import (
    CACHE_SECRET,
    NAMESPACE,
    Answer,
    Door,
    application,
    names,
    stored,
)
from tests.integration.api_server.one_application import LOCAL, SHA, SOURCE, app, message


async def test_the_default_project_is_there_from_the_start(door: Door, kube: KubeClient) -> None:
    status, projects = await door.ask("GET", "/api/v1/projects")
    assert status == 200
    assert [p["metadata"]["name"] for p in msgspec.convert(projects, dict)["items"]] == ["default"]
    assert message(await door.ask("GET", "/api/v1/projects/nope/detailed")) == (
        404,
        'error getting app project "nope": appproject.argoproj.io "nope" not found',
    )


@pytest.mark.usefixtures("repository")
async def test_a_created_application_is_listed_got_and_deleted_with_what_it_manages(
    door: Door, kube: KubeClient
) -> None:
    sent = {**app("life"), "operation": {"sync": {}}, "status": {"health": {"status": "Healthy"}}}
    status, created = await door.ask("POST", "/api/v1/applications", sent)
    assert status == 200
    assert "operation" not in msgspec.convert(created, dict)
    assert "operation" not in await stored(kube, "life")
    _, listed = await door.ask("GET", "/api/v1/applications", fields="items.metadata.name")
    assert {"metadata": {"name": "life"}} in msgspec.convert(listed, dict)["items"]
    status, got = await door.ask("GET", "/api/v1/applications/life")
    assert msgspec.convert(got, dict)["spec"]["source"] == SOURCE
    assert "managedFields" not in msgspec.convert(got, dict)["metadata"]

    assert await door.ask("DELETE", "/api/v1/applications/life") == (200, {})
    waiting = await stored(kube, "life")
    assert waiting["metadata"]["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    assert waiting["metadata"]["deletionTimestamp"]
    await kube.merge_patch(APPLICATIONS, "life", {"metadata": {"finalizers": []}}, NAMESPACE)
    assert message(await door.ask("GET", "/api/v1/applications/nope")) == (403, "permission denied")
    assert message(await door.ask("GET", "/api/v1/applications/nope", project="default")) == (
        404,
        'applications.argoproj.io "nope" not found',
    )


@pytest.mark.usefixtures("repository")
async def test_an_existing_application_is_changed_only_with_upsert(door: Door, kube: KubeClient) -> None:
    labelled = app("twice")
    labelled["metadata"] = {"name": "twice", "labels": {"a": "b"}}
    assert (await door.ask("POST", "/api/v1/applications", labelled))[0] == 200
    assert (await door.ask("POST", "/api/v1/applications", labelled))[0] == 200
    other = app("twice", source={**SOURCE, "path": "other"})
    assert message(await door.ask("POST", "/api/v1/applications", other)) == (
        400,
        "existing application spec is different, use upsert flag to force update",
    )
    status, changed = await door.ask("POST", "/api/v1/applications", other, upsert="true")
    assert status == 200
    assert msgspec.convert(changed, dict)["spec"]["source"]["path"] == "other"
    assert msgspec.convert(changed, dict)["metadata"]["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    ("name", "spec", "words"),
    [
        (
            "no-project",
            {"project": "zzz"},
            'app is not allowed in project "zzz", or the project does not exist',
        ),
        (
            "no-cluster",
            {"destination": {"name": "moon", "namespace": "x"}},
            "application destination spec for no-cluster is invalid: "
            "there are no clusters with this name: moon",
        ),
        (
            "two-clusters",
            {"destination": {"name": "in-cluster", "server": LOCAL}},
            "application destination spec for two-clusters is invalid: application destination "
            f"can't have both name and server defined: in-cluster {LOCAL}",
        ),
        (
            "nowhere",
            {"destination": {"namespace": "x"}},
            "application destination spec for nowhere is invalid: Destination server missing from app spec",
        ),
        (
            "no-source",
            {"source": {"repoURL": ""}},
            "application spec for no-source is invalid: InvalidSpecError: spec.source.repoURL and either "
            "spec.source.path or spec.source.chart are required",
        ),
    ],
)
@pytest.mark.usefixtures("repository")
async def test_an_unsound_application_is_refused_in_the_words_people_know(
    door: Door, kube: KubeClient, name: str, spec: dict[str, object], words: str
) -> None:
    assert message(await door.ask("POST", "/api/v1/applications", app(name, **spec))) == (400, words)
    with pytest.raises(NotFoundError):
        await kube.get(APPLICATIONS, name, NAMESPACE)


async def test_what_does_not_render_is_refused_unless_validation_is_off(
    door: Door, repository: dict[str, Answer]
) -> None:
    async def generate(_: str, __: bytes) -> bytes:
        raise RemoteError("Unknown", "apps/web: app path does not exist")

    repository[repo.GENERATE] = generate
    words = (
        "application spec for hollow is invalid: InvalidSpecError: Unable to generate manifests in apps/web: "
        "rpc error: code = Unknown desc = apps/web: app path does not exist"
    )
    assert message(await door.ask("POST", "/api/v1/applications", app("hollow"))) == (400, words)
    status, _ = await door.ask("POST", "/api/v1/applications", app("hollow"), validate="false")
    assert status == 200


async def test_an_unreachable_repository_is_named(door: Door, repository: dict[str, Answer]) -> None:
    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(problem="connection refused"))

    repository[repo.TEST] = test
    answer = message(await door.ask("POST", "/api/v1/applications", app("far")))
    assert answer[1].endswith("InvalidSpecError: repository not accessible: connection refused")


@pytest.mark.usefixtures("repository")
async def test_a_refresh_waits_until_the_controller_has_taken_the_mark_off(
    door: Door, kube: KubeClient
) -> None:
    await door.ask("POST", "/api/v1/applications", app("fresh"))

    async def compare() -> None:
        while "argocd.argoproj.io/refresh" not in (await stored(kube, "fresh"))["metadata"].get(
            "annotations", {}
        ):
            await asyncio.sleep(0.02)
        annotations = {"argocd.argoproj.io/refresh": None, "argocd.argoproj.io/refresh-timestamp": None}
        body = {
            "metadata": {"annotations": annotations},
            "status": {"reconciledAt": "2026-02-02T00:00:00Z"},
        }
        await kube.merge_patch(APPLICATIONS, "fresh", body, NAMESPACE)

    (status, answer), _ = await asyncio.gather(
        door.ask("GET", "/api/v1/applications/fresh", refresh="hard"), compare()
    )
    assert status == 200
    assert msgspec.convert(answer, dict)["status"]["reconciledAt"] == "2026-02-02T00:00:00Z"


@pytest.mark.usefixtures("repository")
async def test_shown_manifests_carry_our_mark_and_no_secret(door: Door) -> None:
    await door.ask("POST", "/api/v1/applications", app("shown"))
    status, answer = await door.ask("GET", "/api/v1/applications/shown/manifests")
    assert status == 200
    (text,) = msgspec.convert(answer, dict)["manifests"]
    assert "canary" not in text
    mark = msgspec.json.decode(text)["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert mark == "shown:/Secret:web/s"


async def test_the_tree_fills_in_the_health_that_the_status_leaves_out(
    door: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    async def tree(_: str, payload: bytes) -> bytes:
        assert decode(controller.ApplicationQuery, payload).name == "grown"
        node = controller.ResourceNode(
            group="apps", kind="Deployment", namespace="web", name="web", health={"status": "Healthy"}
        )
        return encode(controller.ResourceTree(nodes=(node,), digest="one"))

    scripted[controller.TREE] = scripted[controller.AWAIT_TREE] = tree
    resource = {"group": "apps", "version": "v1", "kind": "Deployment", "namespace": "web", "name": "web"}
    await application(
        kube,
        "grown",
        status={"resourceHealthSource": "appTree", "resources": [{**resource, "status": "Synced"}]},
    )
    async with asyncio.timeout(120):
        while (answer := await door.ask("GET", "/api/v1/applications/grown"))[0] != 200:
            await asyncio.sleep(0.02)
    assert msgspec.convert(answer[1], dict)["status"]["resources"][0]["health"] == {"status": "Healthy"}
    url = f"{door.url}/api/v1/stream/applications/grown/resource-tree"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with asyncio.timeout(120), door.http.get(url, headers=headers) as stream:
        shown = msgspec.json.decode(await stream.content.readline())["result"]
        assert shown["nodes"][0]["name"] == "web"
    _, answered = await door.ask("GET", "/api/v1/applications/grown/resource-tree")
    assert msgspec.convert(answered, dict)["nodes"][0]["kind"] == "Deployment"


async def test_selectors_and_projects_narrow_a_list_and_nonsense_is_refused(
    door: Door, kube: KubeClient
) -> None:
    await application(
        kube, "blue", metadata={"name": "blue", "namespace": NAMESPACE, "labels": {"colour": "blue"}}
    )
    async with asyncio.timeout(120):
        while not (await names(door, selector="colour in (blue, red)")):
            await asyncio.sleep(0.02)
    assert await names(door, selector="colour=blue") == ["blue"]
    assert await names(door, selector="colour=blue", projects="other") == []
    assert "blue" in await names(door, repo="ssh://git@git.example:22/team/config")
    assert (await door.ask("GET", "/api/v1/applications", selector="((("))[0] == 400
    answer = await door.ask("GET", "/api/v1/applications", appNamespace="elsewhere")
    assert message(answer) == (403, "namespace 'elsewhere' is not permitted")


@pytest.mark.usefixtures("repository")
async def test_a_project_that_does_not_allow_it_keeps_an_application_out(
    door: Door, kube: KubeClient
) -> None:
    project = {
        "apiVersion": PROJECTS.api_version,
        "kind": "AppProject",
        "metadata": {"name": "team", "namespace": NAMESPACE},
        "spec": {
            "sourceRepos": ["https://git.example/team/*"],
            "destinations": [{"server": LOCAL, "namespace": "team-*"}],
        },
    }
    await kube.create(PROJECTS, project, NAMESPACE)
    async with asyncio.timeout(120):
        while (await door.ask("GET", "/api/v1/projects/team"))[0] != 200:
            await asyncio.sleep(0.02)
    answer = message(await door.ask("POST", "/api/v1/applications", app("out", project="team")))
    assert answer == (
        400,
        f"application spec for out is invalid: InvalidSpecError: application destination server '{LOCAL}' "
        "and namespace 'web' do not match any of the allowed destinations in project 'team'",
    )
    inside = app("in", project="team", destination={"server": LOCAL, "namespace": "team-web"})
    assert (await door.ask("POST", "/api/v1/applications", inside))[0] == 200


async def test_an_object_of_somebody_else_is_not_shown(
    door: Door, kube: KubeClient, scripted: dict[str, Answer]
) -> None:
    async def live(_: str, __: bytes) -> bytes:
        raise RemoteError("NotFound", "not known")

    scripted[controller.LIVE] = live
    await application(kube, "mine")
    async with asyncio.timeout(120):
        while (await door.ask("GET", "/api/v1/applications/mine"))[0] != 200:
            await asyncio.sleep(0.02)
    path = "/api/v1/applications/mine/resource"
    answer = await door.ask("GET", path, kind="Deployment", group="apps", resourceName="web", version="v1")
    assert message(answer) == (400, "Deployment apps web not found as part of application mine")


async def test_clusters_are_listed_without_credentials(door: Door) -> None:
    status, clusters = await door.ask("GET", "/api/v1/clusters")
    (local,) = msgspec.convert(clusters, dict)["items"]
    assert (status, local["name"], local["server"]) == (200, "in-cluster", LOCAL)
    assert local["config"] == {"tlsClientConfig": {"insecure": False}}


async def test_a_commit_is_described_with_its_signature_where_one_is_demanded(
    door: Door, repository: dict[str, Answer], nats_server: NatsServer
) -> None:
    problem = f"Failed verifying revision {SHA} by 'Ann <ann@shop.example>': unsigned (key_id=)"

    async def describe(_: str, payload: bytes) -> bytes:
        asked = decode(repo.DescribeRevision, payload)
        told = repo.RevisionDescription(
            author="Ann <ann@shop.example>", date="2026-01-01T00:00:00Z", message="m"
        )
        if asked.signatures is None:
            return encode(told)
        return encode(msgspec.structs.replace(told, signature="Revision is not signed.", problems=(problem,)))

    repository[repo.DESCRIBE] = describe
    await door.ask("POST", "/api/v1/applications", app("signed"))
    path = f"/api/v1/applications/signed/revisions/{SHA}/metadata"
    status, plain = await door.ask("GET", path)
    assert (status, set(msgspec.convert(plain, dict))) == (200, {"author", "date", "message"})
    source = RepositorySource(repo_url=SOURCE["repoURL"], signatures=SignaturesDemanded(keys={"k": ""}))
    wish = SourcesWanted(
        namespace=NAMESPACE, name="signed", instance="signed", project="default", sources=(source,)
    )
    controller_bus = BusConfig(url=nats_server.url, service="app-controller", secret=CACHE_SECRET.encode())
    bus = await Bus.connect(controller_bus)
    await bus.key_value(SOURCES_BUCKET).put(subjects.app_tokens(NAMESPACE, "signed"), encode(wish))
    await bus.close()
    status, told = await door.ask("GET", path)
    found = msgspec.convert(told, dict)
    assert found["signatureInfo"] == "Revision is not signed."
    assert found["sourceIntegrityResult"] == {"Checks": [{"Name": "GIT/GPG", "Problems": [problem]}]}
