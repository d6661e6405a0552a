"""A chart of a repository and an artifact of a registry in the cluster: deployed, followed, gone back to."""

import base64
from collections.abc import Awaitable, Callable, Mapping

import aiohttp

from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed, packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer
from tests.e2e.world import CONTROL, SECRETS, Object, World, config_map

TEMPLATE = config_map("{{ .Release.Name }}").replace("  {}\n", "  colour: {{ .Values.colour }}\n")


def chart(version: str, colour: str) -> bytes:
    return packed_chart("web", version, {"values.yaml": f"colour: {colour}\n", "templates/cm.yaml": TEMPLATE})


async def declared(world: World, **data: str) -> None:
    """A repository as a Secret declares it."""
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    metadata = {"name": world.unique("repository"), "namespace": CONTROL, "labels": labels}
    body: Object = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(data)}
    await world.client.create(SECRETS, body, CONTROL)


async def gone_back_to(world: World, name: str, revision: str) -> None:
    """An earlier deployment again, as the API asks for it; it is refused while sync is automatic."""
    await world.patch_app(name, {"spec": {"syncPolicy": {"automated": None}}})
    app = await world.app(name)
    [earlier] = [entry for entry in app["status"]["history"] if entry["revision"] == revision]
    sync = {"revision": revision, "source": earlier["source"], "syncStrategy": {"apply": {}}}
    await world.patch_app(name, {"operation": {"initiatedBy": {"username": "somebody"}, "sync": sync}})
    await world.until_app(
        name,
        lambda app: (
            not app.get("operation")
            and app["status"]["operationState"]["phase"] == "Succeeded"
            and app["status"]["history"][-1]["revision"] == revision
        ),
    )


Publish = Callable[[str, str], Awaitable[str]]
"""Publishes a version with a colour; what people are told of it."""


async def followed(world: World, source: Mapping[str, object], publish: Publish) -> None:
    """An application of a source goes with its range, and back when somebody wants that."""
    namespace = await world.namespace()
    first = await publish("1.0.0", "red")
    name = await world.application("", namespace, source=dict(source))
    app = await world.settled(name, first)
    object_name = name if "chart" in source else "web"
    await world.until_data(namespace, object_name, {"colour": "red"})
    assert app["status"]["history"][-1]["revision"] == first
    second = await publish("1.1.0", "blue")
    await world.settled(name, second)
    await world.until_data(namespace, object_name, {"colour": "blue"})
    await publish("2.0.0", "never")
    await gone_back_to(world, name, first)
    await world.until_data(namespace, object_name, {"colour": "red"})
    app = await world.until_app(name, lambda app: app["status"]["sync"]["status"] == "OutOfSync")
    assert app["status"]["sync"]["revision"] == second
    assert app["status"]["operationState"]["syncResult"]["revision"] == first


async def test_a_chart_of_a_repository_is_deployed_by_its_range_and_gone_back_to(world: World) -> None:
    async with ChartServer(username="reader", password="canary-of-charts") as charts:
        await declared(
            world, url=charts.url, type="helm", name="charts", username="reader", password="canary-of-charts"
        )

        async def publish(version: str, colour: str) -> str:
            charts.add(chart(version, colour))
            return version

        source = {"repoURL": charts.url, "chart": "web", "targetRevision": ">=1.0.0 <2"}
        await followed(world, source, publish)


async def test_an_artifact_of_a_registry_is_deployed_by_its_range_and_gone_back_to(
    world: World, tmp_path_factory: object
) -> None:
    folder = tmp_path_factory.mktemp("registry")  # type: ignore[attr-defined]
    async with (
        RegistryServer(folder, username="reader", password="canary-of-registry") as registry,
        Pusher(registry.url, username="reader", password="canary-of-registry") as pusher,
    ):
        url = f"oci://{registry.host}/team/config"
        await declared(
            world,
            url=url,
            type="oci",
            insecureOCIForceHttp="true",
            username="reader",
            password="canary-of-registry",
        )

        async def publish(version: str, colour: str) -> str:
            files = {"app/config.yaml": config_map("web", colour=colour)}
            return await pusher.artifact("team/config", version, packed(files))

        await followed(world, {"repoURL": url, "path": "app", "targetRevision": "1.x"}, publish)


async def test_people_make_sync_and_roll_back_an_application_of_a_chart_through_the_api(world: World) -> None:
    shown = await world.get(SECRETS, "argocd-initial-admin-secret", CONTROL)
    assert shown is not None
    login = {"username": "admin", "password": base64.b64decode(shown["data"]["password"]).decode()}
    async with ChartServer() as charts, aiohttp.ClientSession(world.suite.api_url) as http:
        for version, colour in (("1.0.0", "red"), ("1.1.0", "blue"), ("2.0.0", "green")):
            charts.add(chart(version, colour))
        async with http.post("/api/v1/session", json=login) as answer:
            http.headers["Authorization"] = f"Bearer {(await answer.json())['token']}"

        async def asked(verb: str, path: str, body: object = None, status: int = 200) -> Object:
            async with http.request(verb, f"/api/v1/{path}", json=body) as answer:
                told: Object = await answer.json()
                assert answer.status == status, told
                return told

        namespace, name = await world.namespace(), world.unique("app")
        source = {"repoURL": charts.url, "chart": "web", "targetRevision": "1.*"}
        destination = {"server": "https://kubernetes.default.svc", "namespace": namespace}
        spec = {"project": "default", "source": source, "destination": destination}
        body = {"metadata": {"name": name}, "spec": spec}
        missing = {
            "metadata": {"name": name},
            "spec": {**spec, "source": {**source, "targetRevision": "9.*"}},
        }
        refused = await asked("POST", "applications", missing, 400)
        assert "Unable to generate manifests in web: rpc error: code = InvalidArgument" in refused["message"]
        assert "version matching constraint '9.*' not found" in refused["message"]
        unversioned = {**spec, "source": {"repoURL": charts.url, "chart": "web"}}
        refused = await asked("POST", "applications", {"metadata": {"name": name}, "spec": unversioned}, 400)
        assert (
            "spec.source.targetRevision is required if the manifest source is a helm chart"
            in refused["message"]
        )
        await asked("POST", "applications", body)
        for revision, colour in (("1.0.0", "red"), ("", "blue")):
            await asked("POST", f"applications/{name}/sync", {"revision": revision})
            await world.until_data(namespace, name, {"colour": colour})
            await world.until_app(name, lambda app: not app.get("operation"))
        app = await asked("GET", f"applications/{name}")
        assert [entry["revision"] for entry in app["status"]["history"]] == ["1.0.0", "1.1.0"]
        assert app["status"]["sync"]["revision"] == "1.1.0"
        await asked("POST", f"applications/{name}/rollback", {"id": app["status"]["history"][0]["id"]})
        await world.until_data(namespace, name, {"colour": "red"})
        assert await asked("GET", f"applications/{name}/revisions/1.0.0/chartdetails") == {}
        found = await asked("GET", f"applications/{name}/manifests?revision=2.0.0")
        assert "green" in found["manifests"][0]
