"""What deploying other manifests would do is tried in the cluster, and told without any state of it."""

from typing import Any

import msgspec

from fairlead.events import decode
from fairlead.kube.collection import APP_PROJECTS, CONFIG_MAPS
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import INSTALLATION_ID, TRACKING_ID
from fairlead.rpc.foreseen import FORESEE, Foresee, Foreseen
from tests.integration.app_controller.lab import (
    Document,
    Lab,
    automated,
    config_map,
    default_project,
    deployment,
)
from tests.integration.app_controller.on_demand.asking import CANARY, Asking, secret


async def foreseen(
    lab: Lab, asking: Asking, manifests: list[Document], dropped: list[Document] | None = None
) -> tuple[Foreseen, bytes]:
    def texts(objects: list[Document]) -> tuple[str, ...]:
        return tuple(msgspec.json.encode(obj).decode() for obj in objects)

    question = Foresee(
        namespace=lab.namespace, name="app", manifests=texts(manifests), dropped=texts(dropped or [])
    )
    answer = await asking.ask(FORESEE, question)
    return decode(Foreseen, answer), answer


def relabelled(obj: Document) -> Document:
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(obj))
    labels = {"app": "another"}
    copy["spec"]["selector"]["matchLabels"] = copy["spec"]["template"]["metadata"]["labels"] = labels
    return copy


async def test_each_object_is_tried_by_itself_and_nothing_of_the_cluster_is_told(
    lab: Lab, asking: Asking
) -> None:
    lab.renderer.holds(lab.repo, [deployment(), config_map(colour="blue"), secret()])
    await lab.create_app(**automated())
    await lab.synced()
    await lab.client.create(CONFIG_MAPS, config_map("apart", text=CANARY), lab.workloads)
    theirs = config_map("theirs", text=CANARY)
    mark = f"elsewhere:/ConfigMap:{lab.workloads}/theirs"
    theirs["metadata"]["annotations"] = {TRACKING_ID: mark, INSTALLATION_ID: lab.namespace}
    await lab.client.create(CONFIG_MAPS, theirs, lab.workloads)
    await lab.create_app("elsewhere")
    hidden = config_map("hidden")
    mark = f"of-another-project:/ConfigMap:{lab.workloads}/hidden"
    hidden["metadata"]["annotations"] = {TRACKING_ID: mark, INSTALLATION_ID: lab.namespace}
    await lab.client.create(CONFIG_MAPS, hidden, lab.workloads)
    await lab.eventually(lambda: _sees(lab, "theirs") and _sees(lab, "hidden"))
    forced = relabelled(deployment())
    forced["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": "Force=true"}
    odd = deployment("odd")
    odd["spec"]["replicas"] = -1
    wanted = [
        deployment(),
        deployment(replicas=2),
        deployment("fresh"),
        relabelled(deployment()),
        forced,
        config_map("apart", text="mine"),
        config_map("theirs", text="mine"),
        odd,
        secret(),
        {"apiVersion": "nobody.example/v1", "kind": "Unknown", "metadata": {"name": "one"}},
        config_map("hidden", text="mine"),
    ]
    found, answer = await foreseen(lab, asking, wanted, [config_map(), config_map("never")])
    verdicts = [item.verdict for item in found.items]
    assert verdicts == [
        "same",
        "changed",
        "created",
        "immutable",
        "replaced",
        "adopted",
        "foreign",
        "refused",
        "same",
        "untried",
        "foreign",
        "pruned",
        "absent",
    ]
    assert (found.items[6].owner, found.is_automated, found.waits) == ("elsewhere", True, "")
    assert (found.items[10].owner, b"of-another-project" in answer) == ("", False)
    assert "immutable" in found.items[3].words
    assert CANARY.encode() not in answer
    assert await lab.get(CONFIG_MAPS, "fresh") is None


async def test_a_prune_that_the_guard_would_hold_back_is_said(lab: Lab, asking: Asking) -> None:
    many = [config_map(f"m{i}") for i in range(12)]
    lab.renderer.holds(lab.repo, [*many, deployment()])
    await lab.create_app(**automated(prune=True))
    await lab.synced()
    kept = config_map("m0")
    found, _ = await foreseen(lab, asking, [], [*many[1:], kept])
    assert {item.verdict for item in found.items} == {"pruned"}
    assert (found.prunes, "more than 50%" in found.waits) == (True, True)


async def test_of_what_the_project_forbids_it_is_not_told_whether_it_is_there(
    lab: Lab, asking: Asking
) -> None:
    project = default_project()
    project["metadata"] = {"name": "narrow"}
    project["spec"]["destinations"] = [{"namespace": lab.workloads, "server": "*"}]
    there = config_map("there")
    mark = f"elsewhere:/ConfigMap:{lab.namespace}/there"
    there["metadata"]["annotations"] = {TRACKING_ID: mark, INSTALLATION_ID: lab.namespace}
    await lab.client.create(APP_PROJECTS, project, lab.namespace)
    await lab.client.create(CONFIG_MAPS, there, lab.namespace)
    try:
        lab.renderer.holds(lab.repo, [config_map()])
        await lab.create_app(project="narrow", **automated())
        await lab.synced()
        await lab.eventually(lambda: _sees(lab, "there", lab.namespace))
        wanted = [config_map("there", text="mine"), config_map("absent")]
        for obj in wanted:
            obj["metadata"]["namespace"] = lab.namespace
        found, _ = await foreseen(lab, asking, wanted)
        assert [(item.verdict, item.owner) for item in found.items] == [("forbidden", "")] * 2
    finally:
        await lab.client.delete(CONFIG_MAPS, "there", lab.namespace)
        await lab.client.delete(APP_PROJECTS, "narrow", lab.namespace)


def _sees(lab: Lab, name: str, namespace: str = "") -> bool:
    assert lab.controller is not None
    key = ResourceKey("", "ConfigMap", namespace or lab.workloads, name)
    return any(cluster.live.get(key) is not None for cluster in lab.controller.clusters.opened_clusters())
