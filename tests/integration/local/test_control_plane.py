"""The simulated cluster does what Deployments, Jobs and failing pods do on a real one."""

import asyncio
import functools
import ssl
import urllib.request

import msgspec
import pytest

from fairlead.local.control_plane import ControlPlane
from fairlead.local.errors import DataFolderInUseError, KubernetesError

SIMULATE = "fairlead.dev/simulate"


def pod_spec(*, image: str = "nginx:1.27", command: str = "", restart: str = "Always") -> dict[str, object]:
    container: dict[str, object] = {"name": "main", "image": image}
    if command:
        container["command"] = ["sh", "-c", command]
    return {"restartPolicy": restart, "containers": [container]}


def deployment(name: str, spec: dict[str, object], *, simulate: str = "") -> dict[str, object]:
    labels = {"app": name}
    metadata = {"labels": labels, "annotations": {SIMULATE: simulate} if simulate else {}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": metadata, "spec": spec},
        },
    }


def job(name: str, command: str = "", *, simulate: str = "") -> dict[str, object]:
    annotations = {SIMULATE: simulate} if simulate else {}
    template = {"metadata": {"annotations": annotations}, "spec": pod_spec(command=command, restart="Never")}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": template},
    }


def pod(name: str, *, image: str = "busybox", command: str = "", simulate: str = "") -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "annotations": {SIMULATE: simulate} if simulate else {}},
        "spec": pod_spec(image=image, command=command, restart="Never"),
    }


async def apply(cluster: ControlPlane, manifest: dict[str, object]) -> None:
    await cluster.kubectl("apply", "-f", "-", stdin=msgspec.json.encode(manifest))


async def wait_for(cluster: ControlPlane, resource: str, condition: str) -> None:
    await cluster.kubectl("wait", resource, f"--for={condition}", "--timeout=45s")


async def test_a_deployment_of_two_becomes_available(control_plane: ControlPlane) -> None:
    await apply(control_plane, deployment("available", pod_spec()))
    await wait_for(control_plane, "deployment/available", "jsonpath={.status.readyReplicas}=2")
    await wait_for(control_plane, "deployment/available", "condition=Available")


async def test_a_job_completes(control_plane: ControlPlane) -> None:
    await apply(control_plane, job("completes"))
    await wait_for(control_plane, "job/completes", "condition=Complete")


async def test_a_job_fails_when_its_annotation_says_so(control_plane: ControlPlane) -> None:
    await apply(control_plane, job("told-to-fail", simulate="fail"))
    await wait_for(control_plane, "job/told-to-fail", "condition=Failed")


async def test_a_job_fails_when_its_command_exits_with_one(control_plane: ControlPlane) -> None:
    await apply(control_plane, job("exits", "echo broken; exit 1"))
    await wait_for(control_plane, "job/exits", "condition=Failed")


async def test_a_job_takes_as_long_as_it_sleeps_and_then_completes(control_plane: ControlPlane) -> None:
    await apply(control_plane, job("sleeps", "sleep 12 && echo done"))
    await wait_for(control_plane, "job/sleeps", "jsonpath={.status.ready}=1")
    await wait_for(control_plane, "job/sleeps", "condition=Complete")


async def test_a_bare_pod_that_is_not_restarted_succeeds(control_plane: ControlPlane) -> None:
    await apply(control_plane, pod("bare"))
    await wait_for(control_plane, "pod/bare", "jsonpath={.status.phase}=Succeeded")


async def test_a_bare_pod_keeps_running_when_told_to(control_plane: ControlPlane) -> None:
    await apply(control_plane, pod("runs", simulate="run"))
    await wait_for(control_plane, "pod/runs", "condition=Ready")


async def test_a_bare_pod_fails_when_its_annotation_says_so(control_plane: ControlPlane) -> None:
    await apply(control_plane, pod("fails", simulate="fail"))
    await wait_for(control_plane, "pod/fails", "jsonpath={.status.phase}=Failed")


async def test_a_deployment_told_to_fail_crash_loops(control_plane: ControlPlane) -> None:
    await apply(control_plane, deployment("crashes", pod_spec(), simulate="fail"))
    await wait_for(control_plane, "deployment/crashes", "jsonpath={.status.unavailableReplicas}=2")
    path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff"
    await control_plane.kubectl("wait", "pod", "-l", "app=crashes", f"--for={path}", "--timeout=45s")


@pytest.mark.parametrize(("image", "simulate"), [("nginx:does-not-exist", ""), ("nginx", "image-pull")])
async def test_an_image_that_cannot_be_pulled_is_said_so(
    control_plane: ControlPlane, image: str, simulate: str
) -> None:
    name = f"unpullable-{'annotated' if simulate else 'tagged'}"
    await apply(control_plane, deployment(name, pod_spec(image=image), simulate=simulate))
    path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff"
    await wait_for(control_plane, f"deployment/{name}", "jsonpath={.status.replicas}=2")
    await control_plane.kubectl("wait", "pod", "-l", f"app={name}", f"--for={path}", "--timeout=45s")


async def test_a_deleted_deployment_leaves_no_pods(control_plane: ControlPlane) -> None:
    await apply(control_plane, deployment("deleted", pod_spec()))
    await wait_for(control_plane, "deployment/deleted", "condition=Available")
    await control_plane.kubectl("delete", "deployment", "deleted", "--cascade=foreground", "--timeout=45s")
    assert await control_plane.kubectl("get", "pods", "-l", "app=deleted", "-o", "name") == ""


async def test_a_service_account_gets_a_token_that_rbac_knows(control_plane: ControlPlane) -> None:
    await control_plane.kubectl("create", "serviceaccount", "caller")
    token = (await control_plane.kubectl("create", "token", "caller")).strip()
    headers = {"Authorization": f"Bearer {token}"}
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    session = control_plane.administrator.session
    async with session.post("/apis/authentication.k8s.io/v1/tokenreviews", json=review) as answer:
        status = (await answer.json())["status"]
    assert headers["Authorization"].count(".") == 2
    assert status["user"]["username"] == "system:serviceaccount:default:caller"
    with pytest.raises(KubernetesError, match="forbidden"):
        await control_plane.kubectl(
            "get", "secrets", "--as=system:serviceaccount:default:caller", "--as-group=system:serviceaccounts"
        )


async def test_the_version_is_one_that_clients_can_parse(control_plane: ControlPlane) -> None:
    version = msgspec.json.decode(await control_plane.kubectl("version", "-o", "json"))
    assert version["serverVersion"]["gitVersion"] == version["clientVersion"]["gitVersion"] == "v1.36.3"
    assert (version["serverVersion"]["major"], version["serverVersion"]["minor"]) == ("1", "36")


async def test_a_restarted_or_killed_apiserver_keeps_its_data(control_plane: ControlPlane) -> None:
    url = control_plane.url
    await control_plane.kubectl("create", "configmap", "kept", "--from-literal=key=value")
    await control_plane.restart_apiserver()
    assert "value" in await control_plane.kubectl("get", "configmap", "kept", "-o", "yaml")
    await control_plane.kill("kube-apiserver")
    await control_plane.start_server("kube-apiserver")
    assert "value" in await control_plane.kubectl("get", "configmap", "kept", "-o", "yaml")
    assert control_plane.url == url


async def test_a_second_suite_on_the_same_folder_is_refused(control_plane: ControlPlane) -> None:
    with pytest.raises(DataFolderInUseError, match="belongs to a suite"):
        await ControlPlane(control_plane.data_dir).start()
    assert all(server.running for server in control_plane.servers.values())


@pytest.mark.parametrize("port", ["etcd_client", "etcd_peer", "etcd_http"])
async def test_the_store_serves_nobody_without_a_certificate_of_ours(
    control_plane: ControlPlane, port: str
) -> None:
    number = getattr(control_plane.layout.ports, port)
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    for scheme, context in (("http", None), ("https", trusting)):
        asking = functools.partial(
            urllib.request.urlopen, f"{scheme}://127.0.0.1:{number}/version", timeout=30, context=context
        )
        with pytest.raises(OSError, match=r"certificate|reset|closed|400|EOF|violation"):
            await asyncio.to_thread(asking)
    assert control_plane.layout.root.stat().st_mode & 0o777 == 0o700
