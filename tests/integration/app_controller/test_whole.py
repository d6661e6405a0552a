"""What a server-side apply cannot say or gets stuck at is written whole, and stays the object it was."""

from typing import Any

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.resource import Resource
from tests.integration.app_controller.lab import DEPLOYMENTS, Lab, automated, config_map, deployment
from tests.integration.app_controller.renderer import Document

SERVICES = Resource(group="", version="v1", plural="services", kind="Service", namespaced=True)


def with_ports(*names: str, **more: Any) -> Document:
    """A deployment that calls its one port by several names."""
    document = deployment(replicas=0)
    container = document["spec"]["template"]["spec"]["containers"][0]
    container["ports"] = [{"containerPort": 9090, "name": name} for name in names]
    document["spec"].update(more)
    return document


def ports_of(live: Document | None) -> list[str]:
    assert live is not None
    return [item["name"] for item in live["spec"]["template"]["spec"]["containers"][0]["ports"]]


def service(*ports: Document, **more: Any) -> Document:
    spec = {"selector": {"app": "web"}, "ports": list(ports), **more}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": spec}


async def test_one_port_under_two_names_is_created_kept_and_changed(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [with_ports("http", "metrics", revisionHistoryLimit=3)])
    await lab.create_app(**automated())
    await lab.synced()
    first = await lab.get(DEPLOYMENTS, "web")
    assert first is not None
    assert ports_of(first) == ["http", "metrics"]
    patch = {"metadata": {"labels": {"somebody": "else"}}}
    await lab.client.merge_patch(DEPLOYMENTS, "web", patch, lab.workloads)
    revision = await lab.renderer.commit(lab.repo, [with_ports("http", "metrics", "debug")])
    await lab.synced(revision=revision)
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert ports_of(live) == ["http", "metrics", "debug"]
    assert live["metadata"]["uid"] == first["metadata"]["uid"]
    assert live["metadata"]["labels"] == {"somebody": "else"}
    assert live["spec"]["revisionHistoryLimit"] == 10

    at = "/spec/template/spec/containers/0/ports/1/name"
    await lab.client.json_patch(
        DEPLOYMENTS, "web", [{"op": "replace", "path": at, "value": "other"}], lab.workloads
    )
    await lab.until_live(DEPLOYMENTS, "web", lambda live: ports_of(live)[1] == "metrics")
    await lab.synced()

    revision = await lab.renderer.commit(lab.repo, [with_ports("http")])
    await lab.synced(revision=revision)
    assert ports_of(await lab.get(DEPLOYMENTS, "web")) == ["http"]


async def test_a_port_that_gets_a_second_name_and_loses_it_again(lab: Lab) -> None:
    for names in (["http"], ["http", "metrics"], ["metrics", "http"], ["metrics"]):
        revision = await lab.renderer.commit(lab.repo, [with_ports(*names), config_map()])
        if names == ["http"]:
            await lab.create_app(**automated())
        await lab.synced(revision=revision)
        assert ports_of(await lab.get(DEPLOYMENTS, "web")) == names
    assert await lab.get(CONFIG_MAPS, "settings") is not None


async def test_a_hand_changed_service_port_is_healed_in_place(lab: Lab) -> None:
    port = {"name": "http", "port": 80, "targetPort": 8080}
    lab.renderer.holds(lab.repo, [service(port, type="NodePort")])
    await lab.create_app(**automated())
    await lab.synced()
    first = await lab.get(SERVICES, "shop")
    assert first is not None
    change = [{"op": "replace", "path": "/spec/ports/0/port", "value": 83}]
    await lab.client.json_patch(SERVICES, "shop", change, lab.workloads)

    def is_healed(live: Document | None) -> bool:
        return live is not None and [item["port"] for item in live["spec"]["ports"]] == [80]

    live = await lab.until_live(SERVICES, "shop", is_healed)
    await lab.synced()
    assert live is not None
    assert live["metadata"]["uid"] == first["metadata"]["uid"]
    assert live["spec"]["clusterIP"] == first["spec"]["clusterIP"]
    assert live["spec"]["ports"] == first["spec"]["ports"]


async def test_what_others_put_beside_a_hand_changed_port_stays(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [service({"name": "http", "port": 80, "targetPort": 8080})])
    await lab.create_app(**automated())
    await lab.synced()
    change = [
        {"op": "replace", "path": "/spec/ports/0/port", "value": 83},
        {"op": "add", "path": "/spec/ports/-", "value": {"name": "theirs", "port": 9000}},
    ]
    await lab.client.json_patch(SERVICES, "shop", change, lab.workloads)

    def is_healed(live: Document | None) -> bool:
        return live is not None and 83 not in [item["port"] for item in live["spec"]["ports"]]

    live = await lab.until_live(SERVICES, "shop", is_healed)
    assert live is not None
    assert {(item["name"], item["port"]) for item in live["spec"]["ports"]} == {
        ("http", 80),
        ("theirs", 9000),
    }


async def test_what_stays_invalid_fails_with_its_own_words_and_changes_nothing(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [with_ports("http")])
    await lab.create_app(**automated())
    await lab.synced()
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    theirs = {"name": "theirs", "image": "nginx:1.27"}
    both = [*live["spec"]["template"]["spec"]["containers"], theirs]
    body = {"spec": {"template": {"spec": {"containers": both}}}}
    await lab.client.merge_patch(DEPLOYMENTS, "web", body, lab.workloads)
    broken = with_ports("http", selector={"matchLabels": {"app": "another"}})
    await lab.renderer.commit(lab.repo, [broken])
    app = await lab.until(
        lambda app: any(
            "selector" in item.message and "immutable" in item.message
            for state in (app.status.operation_state,)
            if state is not None and state.sync_result is not None
            for item in state.sync_result.resources
        )
    )
    assert app.status.sync.status == "OutOfSync"
    live = await lab.get(DEPLOYMENTS, "web")
    assert live is not None
    assert len(live["spec"]["template"]["spec"]["containers"]) == 2
