"""The chart beside an Argo CD: nothing of Argo CD's is in it, and who only observes may only read."""

from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.integration.chart.helm import CHART, Helm, HelmError

HOME = "argocd"
READING = {"get", "list", "watch"}
Object = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    folder = tmp_path_factory.mktemp("helm-beside")
    return await Helm.against(folder / "none", "fairlead", folder)


async def rendered(helm: Helm, **observe: bool) -> list[Object]:
    values = {"controlPlane": {"namespace": HOME}, "observe": observe}
    text = await helm("template", "fairlead", str(CHART), "--kube-version=1.36.3", values=values)
    return [item for item in yaml.load_all(text, Loader=yaml.CSafeLoader) if item]


def rights(objects: list[Object]) -> list[Object]:
    return [item for item in objects if item["kind"] in ("Role", "ClusterRole")]


def workloads(objects: list[Object]) -> dict[str, Object]:
    kinds = ("Deployment", "StatefulSet")
    return {item["metadata"]["name"]: item for item in objects if item["kind"] in kinds}


def environment(workload: Object) -> dict[str, str]:
    [container] = workload["spec"]["template"]["spec"]["containers"]
    return {one["name"]: one.get("value", "") for one in container["env"]}


@pytest.mark.parametrize("observe", [{"enabled": False}, {"enabled": True}], ids=["acting", "observing"])
async def test_beside_argo_cd_only_rights_of_other_names_are_in_its_namespace(
    helm: Helm, observe: dict[str, bool]
) -> None:
    objects = await rendered(helm, **observe)

    there = [item for item in objects if item["metadata"].get("namespace", HOME) == HOME]
    assert {item["kind"] for item in there} <= {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
    assert all(item["metadata"]["name"].startswith("fairlead-argocd-") for item in there)
    roles = {(item["kind"], item["metadata"]["name"]) for item in rights(objects)}
    for item in there:
        if "roleRef" in item:
            assert (item["roleRef"]["kind"], item["roleRef"]["name"]) in roles
            assert {subject["namespace"] for subject in item["subjects"]} == {"fairlead"}
    for name in ("argocd-application-controller", "argocd-server"):
        assert environment(workloads(objects)[name])["FAIRLEAD_NAMESPACE"] == HOME


async def test_who_observes_may_read_and_nothing_else(helm: Helm) -> None:
    objects = await rendered(helm, enabled=True)

    in_place = {name for name in workloads(objects) if name not in ("argocd-nats", "argocd-redis")}
    assert in_place == {"argocd-application-controller", "argocd-repo-server", "argocd-server"}
    foreign = [item for item in rights(objects) if item["metadata"]["name"].startswith("fairlead-argocd-")]
    assert len(foreign) == 3
    assert {verb for item in foreign for rule in item["rules"] for verb in rule["verbs"]} == READING
    controller = environment(workloads(objects)["argocd-application-controller"])
    assert controller["FAIRLEAD_OBSERVE_WITHOUT_DRY_RUNS"] == "true"
    assert environment(workloads(objects)["argocd-server"])["FAIRLEAD_OBSERVE"] == "true"


async def test_dry_runs_take_the_right_to_patch_for_the_controller_alone(helm: Helm) -> None:
    objects = await rendered(helm, enabled=True, dryRuns=True)

    patching = [item for item in rights(objects) if any("patch" in rule["verbs"] for rule in item["rules"])]
    own = [item for item in patching if item["metadata"]["name"].startswith("fairlead-argocd-")]
    assert [item["metadata"]["name"] for item in own] == ["fairlead-argocd-argocd-application-controller"]
    controller = environment(workloads(objects)["argocd-application-controller"])
    assert controller["FAIRLEAD_OBSERVE"] == "true"


async def test_nothing_is_observed_in_the_release_s_own_namespace(helm: Helm) -> None:
    with pytest.raises(HelmError, match=r"observe\.enabled needs controlPlane\.namespace"):
        await helm("template", "fairlead", str(CHART), values={"observe": {"enabled": True}})
