"""What Git drops leaves the cluster, whoever wrote it first; what Git never named stays."""

import msgspec
import pytest

from fairlead.diff.dry_run import interpret
from fairlead.kube.adopt import adopt
from fairlead.kube.apply import apply
from fairlead.kube.dry_run import dry_run_apply
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.kube.write import replace
from fairlead.kube.writer import ClusterWriter
from fairlead.local.control_plane import ControlPlane
from tests.integration.kube.cluster import CONFIG_MAPS, config_map

DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)
Object = dict[str, object]


class Lab:
    """An object's life: others write it, then Git's states are applied one after the other."""

    def __init__(self, client: KubeClient, writer: ClusterWriter, namespace: str) -> None:
        self.client, self.writer, self.namespace = client, writer, namespace

    async def live(self, resource: Resource, name: str = "a") -> dict[str, object]:
        found: dict[str, object] = msgspec.json.decode(await self.client.get(resource, name, self.namespace))
        return found

    async def sync(self, resource: Resource, desired: Object) -> dict[str, object]:
        """What a sync does: the dry run that decides, the adoption, the apply; then nothing more differs."""
        live = await self.live(resource)
        await adopt(self.writer, resource, live, desired)
        done = await apply(self.writer, resource, "a", desired, self.namespace)
        after: dict[str, object] = msgspec.json.decode(done.object)
        assert await adopt(self.writer, resource, after, desired) is None
        assert await self.is_equal(resource, desired)
        return after

    async def is_equal(self, resource: Resource, desired: Object) -> bool:
        live = await self.live(resource)
        answer = await dry_run_apply(self.writer, resource, "a", desired, self.namespace)
        predicted = msgspec.json.decode(answer.object)
        return interpret(predicted, live, manager="argocd-controller", desired=desired).equal


@pytest.fixture
def lab(client: KubeClient, writer: ClusterWriter, namespace: str) -> Lab:
    return Lab(client, writer, namespace)


async def test_what_kubectl_applied_leaves_the_cluster_with_git(
    control_plane: ControlPlane, lab: Lab, namespace: str
) -> None:
    body = msgspec.json.encode(config_map("a", kept="1", dropped="1"))
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=body)
    assert not await lab.is_equal(CONFIG_MAPS, config_map("a", kept="1"))
    after = await lab.sync(CONFIG_MAPS, config_map("a", kept="1"))
    assert after["data"] == {"kept": "1"}


async def test_what_kubectl_applies_after_us_stays_when_git_never_named_it(
    control_plane: ControlPlane, lab: Lab, namespace: str
) -> None:
    await lab.client.create(CONFIG_MAPS, config_map("a", kept="1"), namespace)
    await lab.sync(CONFIG_MAPS, config_map("a", kept="1"))
    body = msgspec.json.encode(config_map("a", kept="1", theirs="1"))
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=body)
    after = await lab.sync(CONFIG_MAPS, config_map("a", kept="1"))
    assert after["data"] == {"kept": "1", "theirs": "1"}


@pytest.mark.parametrize(
    "manager", ["kubectl-create", "kubectl-edit", "kubectl-patch", "kubectl-replace", "Helm", "HashiCorp"]
)
async def test_what_any_client_wrote_first_leaves_the_cluster_with_git(lab: Lab, manager: str) -> None:
    theirs = config_map("a", keep="1", drop="1", foreign="1")
    await lab.client.create(CONFIG_MAPS, theirs, lab.namespace, params={"fieldManager": manager})
    await lab.sync(CONFIG_MAPS, config_map("a", keep="1", drop="1"))
    assert not await lab.is_equal(CONFIG_MAPS, config_map("a", keep="1"))
    after = await lab.sync(CONFIG_MAPS, config_map("a", keep="1"))
    assert after["data"] == {"keep": "1", "foreign": "1"}


@pytest.mark.parametrize("manager", ["helm", "Terraform", "argocd-controller-of-another"])
async def test_what_another_apply_owns_too_leaves_the_cluster_with_git(lab: Lab, manager: str) -> None:
    ours = config_map("a", keep="1", drop="1")
    await lab.client.create(CONFIG_MAPS, ours, lab.namespace)
    await lab.sync(CONFIG_MAPS, ours)
    theirs = config_map("a", keep="1", drop="1", foreign="1")
    await apply(lab.writer, CONFIG_MAPS, "a", theirs, lab.namespace, field_manager=manager)
    after = await lab.sync(CONFIG_MAPS, config_map("a", keep="1"))
    assert after["data"] == {"keep": "1", "foreign": "1"}


def deployment(*containers: Object, volumes: list[Object] | None = None, **spec: object) -> Object:
    labels = {"app": "a"}
    pod: Object = {"containers": list(containers)}
    if volumes is not None:
        pod["volumes"] = volumes
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
            **spec,
        },
    }


def container(name: str, **more: object) -> Object:
    return {"name": name, "image": "nginx:1.27", **more}


def pod_of(obj: dict[str, object]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = obj["spec"]["template"]["spec"]  # type: ignore[index]
    return found


async def test_a_container_that_git_drops_goes_whoever_created_the_deployment(lab: Lab) -> None:
    both = deployment(container("one"), container("two"))
    await lab.client.create(DEPLOYMENTS, both, lab.namespace, params={"fieldManager": "kubectl-create"})
    await lab.sync(DEPLOYMENTS, both)
    after = await lab.sync(DEPLOYMENTS, deployment(container("one")))
    assert [item["name"] for item in pod_of(after)["containers"]] == ["one"]


async def test_a_container_goes_with_the_limit_that_somebody_else_applied_to_it(lab: Lab) -> None:
    both = deployment(container("one"), container("two"))
    await lab.client.create(DEPLOYMENTS, both, lab.namespace)
    await lab.sync(DEPLOYMENTS, both)
    limit = {"name": "two", "resources": {"limits": {"cpu": "1"}}}
    theirs = deployment(limit)
    theirs["spec"] = {"template": {"spec": {"containers": [limit]}}}
    await apply(lab.writer, DEPLOYMENTS, "a", theirs, lab.namespace, field_manager="somebody")
    after = await lab.sync(DEPLOYMENTS, deployment(container("one")))
    assert [item["name"] for item in pod_of(after)["containers"]] == ["one"]


async def test_one_kind_of_volume_takes_the_place_of_another(lab: Lab) -> None:
    empty: Object = {"name": "v", "emptyDir": {"medium": "Memory"}}
    first = deployment(container("one"), volumes=[empty])
    await lab.client.create(DEPLOYMENTS, first, lab.namespace, params={"fieldManager": "kubectl-create"})
    await lab.sync(DEPLOYMENTS, first)
    path: Object = {"name": "v", "hostPath": {"path": "/tmp", "type": ""}}
    after = await lab.sync(DEPLOYMENTS, deployment(container("one"), volumes=[path]))
    assert pod_of(after)["volumes"] == [path]


async def test_replicas_stay_with_the_autoscaler_when_git_drops_them(lab: Lab) -> None:
    first = deployment(container("one"), replicas=2)
    await lab.client.create(DEPLOYMENTS, first, lab.namespace, params={"fieldManager": "kubectl-create"})
    await lab.sync(DEPLOYMENTS, first)
    await lab.client.merge_patch(
        DEPLOYMENTS,
        "a",
        {"spec": {"replicas": 5}},
        lab.namespace,
        subresource="scale",
        params={"fieldManager": "horizontal-pod-autoscaler"},
    )
    second = deployment(container("one"))
    del second["spec"]["replicas"]  # type: ignore[attr-defined]
    after = await lab.sync(DEPLOYMENTS, second)
    assert after["spec"]["replicas"] == 5  # type: ignore[index]


async def test_a_field_that_falls_back_to_its_default_is_no_lasting_difference(lab: Lab) -> None:
    first = deployment(container("one", imagePullPolicy="IfNotPresent"), revisionHistoryLimit=10)
    await lab.client.create(DEPLOYMENTS, first, lab.namespace)
    await lab.sync(DEPLOYMENTS, first)
    await lab.sync(DEPLOYMENTS, deployment(container("one")))


async def test_a_map_with_a_key_of_somebody_else_keeps_it(lab: Lab) -> None:
    ours = config_map("a", k="1")
    ours["metadata"] = {"name": "a", "labels": {"ours": "1"}, "finalizers": ["x.io/ours"]}
    await lab.client.create(CONFIG_MAPS, ours, lab.namespace, params={"fieldManager": "kubectl-create"})
    await lab.sync(CONFIG_MAPS, ours)
    patch = {"metadata": {"labels": {"theirs": "1"}, "finalizers": ["x.io/ours", "x.io/theirs"]}}
    await lab.client.merge_patch(CONFIG_MAPS, "a", patch, lab.namespace)
    after = await lab.sync(CONFIG_MAPS, config_map("a", k="1"))
    metadata = msgspec.to_builtins(after["metadata"])
    assert (metadata["labels"], metadata["finalizers"]) == ({"theirs": "1"}, ["x.io/theirs"])
    await lab.client.merge_patch(CONFIG_MAPS, "a", {"metadata": {"finalizers": None}}, lab.namespace)


async def test_an_object_that_changed_meanwhile_is_read_again(
    control_plane: ControlPlane, lab: Lab, namespace: str
) -> None:
    body = msgspec.json.encode(config_map("a", k="1"))
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=body)
    live = await lab.live(CONFIG_MAPS)
    await lab.client.merge_patch(CONFIG_MAPS, "a", {"data": {"k": "2"}}, namespace)
    desired = config_map("a", other="1")
    adopted = await adopt(lab.writer, CONFIG_MAPS, live, desired)
    assert adopted is not None
    assert msgspec.json.decode(adopted)["data"] == {"k": "2"}


CLAIMS = Resource(
    group="", version="v1", plural="persistentvolumeclaims", kind="PersistentVolumeClaim", namespaced=True
)
STORAGE_CLASSES = Resource(
    group="storage.k8s.io", version="v1", plural="storageclasses", kind="StorageClass", namespaced=False
)
HELM_MARKS: Object = {
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "a", "meta.helm.sh/release-namespace": "shop"},
}


async def test_what_the_server_chose_for_kubectl_stays_as_it_is(
    control_plane: ControlPlane, lab: Lab, namespace: str
) -> None:
    """A class that admission wrote into a claim is nobody's to take out: it cannot be changed."""
    default = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": f"default-{namespace}",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "example.io/none",
    }
    await lab.client.create(STORAGE_CLASSES, default)
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    try:
        await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=msgspec.json.encode(claim))
        labelled = {**claim, "metadata": {"name": "a", "labels": {"by": "git"}}}
        after = await lab.sync(CLAIMS, labelled)
    finally:
        await lab.client.delete(STORAGE_CLASSES, f"default-{namespace}")
    assert after["spec"]["storageClassName"] == f"default-{namespace}"  # type: ignore[index]


@pytest.mark.parametrize("marks", [HELM_MARKS, {}], ids=["an object of a release", "any object"])
async def test_what_a_helm_release_named_leaves_with_git_and_its_own_marks_stay(
    lab: Lab, marks: Object
) -> None:
    theirs = {**config_map("a", keep="1", drop="1"), "metadata": {"name": "a", **marks}}
    await lab.client.create(CONFIG_MAPS, theirs, lab.namespace, params={"fieldManager": "helm"})
    after = await lab.sync(CONFIG_MAPS, config_map("a", keep="1"))
    assert after["data"] == ({"keep": "1"} if marks else {"keep": "1", "drop": "1"})
    metadata = msgspec.to_builtins(after["metadata"])
    assert metadata.get("annotations", {}) == marks.get("annotations", {})
    assert metadata.get("labels", {}) == marks.get("labels", {})


async def test_a_deployment_of_a_helm_release_keeps_what_the_server_chose(lab: Lab) -> None:
    created = deployment(container("one"), replicas=1)
    created["metadata"] = {"name": "a", **HELM_MARKS}
    await lab.client.create(DEPLOYMENTS, created, lab.namespace, params={"fieldManager": "helm"})
    before = await lab.live(DEPLOYMENTS)
    after = await lab.sync(DEPLOYMENTS, deployment(container("one"), replicas=1))
    assert after["spec"] == before["spec"]


async def test_what_we_replaced_with_leaves_the_cluster_with_git_although_we_applied_before(lab: Lab) -> None:
    ours = config_map("a", keep="1")
    await lab.client.create(CONFIG_MAPS, ours, lab.namespace)
    await lab.sync(CONFIG_MAPS, ours)
    live = await lab.live(CONFIG_MAPS)
    more = {**live, "data": {"keep": "1", "drop": "1"}}
    await replace(lab.writer, CONFIG_MAPS, "a", msgspec.json.encode(more), lab.namespace)
    after = await lab.sync(CONFIG_MAPS, ours)
    assert after["data"] == {"keep": "1"}


async def test_what_argo_cd_applied_from_both_sides_leaves_the_cluster_with_git(lab: Lab) -> None:
    """First client-side (operation Update), then server-side under the same name."""
    theirs = config_map("a", keep="1", drop="1")
    manager = "argocd-controller"
    await lab.client.create(CONFIG_MAPS, theirs, lab.namespace, params={"fieldManager": manager})
    await apply(lab.writer, CONFIG_MAPS, "a", config_map("a", keep="1"), lab.namespace, field_manager=manager)
    after = await lab.sync(CONFIG_MAPS, config_map("a", keep="1"))
    assert after["data"] == {"keep": "1"}
