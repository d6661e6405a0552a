"""The plain manifests: applied with kubectl alone, and their pods made real like the chart's."""

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local import plain_manifests
from fairlead.local.control_plane import ControlPlane
from fairlead.local.demo.cluster import ClusterView
from fairlead.local.git_server import GitServer
from fairlead.local.work_repo import WorkRepo
from tests.integration.chart.helm import ROOT
from tests.kubelet import Kubelet

MANIFESTS = ROOT / plain_manifests.MANIFESTS
IN_CLUSTER = "https://kubernetes.default.svc"
PATIENCE = 120.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(control_plane: ControlPlane) -> AsyncIterator[KubeClient]:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as running:
        yield running


def test_the_plain_manifests_are_current() -> None:
    assert plain_manifests.main(["--check"]) == 0


async def test_they_are_what_the_chart_renders_now(tmp_path: Path) -> None:
    before = {bundle.file: (MANIFESTS / bundle.file).read_text() for bundle in plain_manifests.BUNDLES}
    root = tmp_path / "tree"
    for part in ("charts", plain_manifests.DASHBOARDS, plain_manifests.MANIFESTS):
        shutil.copytree(ROOT / part, root / part, symlinks=True)
    await plain_manifests.write(root)
    for name, text in before.items():
        assert (root / plain_manifests.MANIFESTS / name).read_text() == text


@pytest.mark.parametrize("change", ["body", "input", "gone"])
def test_a_stale_file_fails_the_check(change: str, tmp_path: Path) -> None:
    for part in ("charts", plain_manifests.DASHBOARDS, plain_manifests.MANIFESTS):
        shutil.copytree(ROOT / part, tmp_path / part, symlinks=True)
    file = tmp_path / plain_manifests.MANIFESTS / "install.yaml"
    (bundle,) = [each for each in plain_manifests.BUNDLES if each.file == file.name]
    assert plain_manifests.is_current(tmp_path, bundle)
    if change == "gone":
        file.unlink()
    else:
        other = tmp_path / "charts/fairlead/values.yaml" if change == "input" else file
        other.write_text(other.read_text() + "# by hand\n")
    assert not plain_manifests.is_current(tmp_path, bundle)


async def test_install_comes_up_with_one_kubectl_and_serves_over_tls(
    control_plane: ControlPlane, client: KubeClient, git_server: GitServer, tmp_path: Path
) -> None:
    namespace = await applied(control_plane, "install.yaml", "argocd-plain")
    async with Kubelet(client, namespace, tmp_path / "node") as kubelet:
        await kubelet.until_ready()
        address = f"localhost:{kubelet.port('argocd-server', 80)}"
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://{address}/healthz", allow_redirects=False) as answer:
                assert answer.status == 307
            async with http.get(f"http://{address}/healthz", ssl=False) as answer:
                assert (str(answer.url), answer.status) == (f"https://{address}/healthz", 200)
        await deploys(control_plane, client, git_server, namespace, server=IN_CLUSTER)
        assert kubelet.restarts() == {}


async def test_core_install_deploys_without_an_api(
    control_plane: ControlPlane, client: KubeClient, git_server: GitServer, tmp_path: Path
) -> None:
    namespace = await applied(control_plane, "core-install.yaml", "argocd-core")
    async with Kubelet(client, namespace, tmp_path / "node") as kubelet:
        await kubelet.until_ready()
        assert not {"argocd-server", "argocd-notifications-controller"} & kubelet.pods.keys()
        assert "argocd-applicationset-controller" in kubelet.pods
        await deploys(control_plane, client, git_server, namespace, server=IN_CLUSTER)
        assert kubelet.restarts() == {}


async def test_namespace_install_deploys_to_a_cluster_whose_credentials_it_is_given(
    control_plane: ControlPlane, client: KubeClient, git_server: GitServer, tmp_path: Path
) -> None:
    await control_plane.kubectl("apply", "-f", str(MANIFESTS / "crds"))
    namespace = await applied(control_plane, "namespace-install.yaml", "argocd-own")
    bound = await control_plane.kubectl("get", "clusterrolebindings", "-o", "yaml")
    assert f"namespace: {namespace}" not in bound
    await register(control_plane, namespace, into=f"{namespace}-web")
    async with Kubelet(client, namespace, tmp_path / "node") as kubelet:
        await kubelet.until_ready()
        await deploys(control_plane, client, git_server, namespace, server=control_plane.url)
        assert kubelet.restarts() == {}


async def applied(control_plane: ControlPlane, name: str, namespace: str) -> str:
    """Apply a file as its first lines say, in a namespace of the test's own; the namespace."""
    text = (MANIFESTS / name).read_text()
    rest = text.replace("  namespace: argocd\n", f"  namespace: {namespace}\n")
    await control_plane.kubectl("create", "namespace", namespace)
    await control_plane.kubectl("apply", "-n", namespace, "-f", "-", stdin=rest)
    opened = "FAIRLEAD_GIT_NETWORKS_OPENED=127.0.0.0/8"  # where the Git server of the tests is
    await control_plane.kubectl("-n", namespace, "set", "env", "deployment/argocd-repo-server", opened)
    return namespace


async def register(control_plane: ControlPlane, namespace: str, *, into: str) -> None:
    """The cluster itself as one that the suite has credentials of, for one namespace."""
    await control_plane.kubectl("create", "namespace", into)
    kubectl = control_plane.kubectl
    await kubectl("-n", into, "create", "serviceaccount", "deployer")
    account = f"--serviceaccount={into}:deployer"
    await kubectl("-n", into, "create", "rolebinding", "deployer", "--clusterrole=admin", account)
    token = (await kubectl("-n", into, "create", "token", "deployer")).strip()
    ca = base64.b64encode(control_plane.ca_pem.encode()).decode()
    config = msgspec.json.encode({"bearerToken": token, "tlsClientConfig": {"caData": ca}}).decode()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "own", "labels": {"argocd.argoproj.io/secret-type": "cluster"}},
        "stringData": {"name": "own", "server": control_plane.url, "namespaces": into, "config": config},
    }
    await kubectl("-n", namespace, "apply", "-f", "-", stdin=msgspec.json.encode(secret))


async def deploys(
    control_plane: ControlPlane, client: KubeClient, git: GitServer, namespace: str, *, server: str
) -> None:
    """An Application, applied with kubectl, becomes Synced and Healthy, and is deleted with what it made."""
    repo = await WorkRepo.clone(await git.create(namespace), control_plane.data_dir / f"work-{namespace}")
    await repo.publish(
        {"app/web.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a: b\n"}, "first"
    )
    app = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "finalizers": ["resources-finalizer.argocd.argoproj.io"]},
        "spec": {
            "project": "default",
            "source": {"repoURL": git.repo_url(namespace), "path": "app", "targetRevision": "main"},
            "destination": {"server": server, "namespace": f"{namespace}-web"},
            "syncPolicy": {
                "automated": {},
                "syncOptions": ["CreateNamespace=true"] if server == IN_CLUSTER else [],
            },
        },
    }
    await control_plane.kubectl("-n", namespace, "apply", "-f", "-", stdin=msgspec.json.encode(app))
    view = ClusterView(client, namespace)
    await until(lambda: view.application("web", "Synced", "Healthy"))
    await control_plane.kubectl("-n", namespace, "delete", "application", "web", "--wait=false")
    await until(lambda: view.no_application("web"))


async def until(seen: Callable[[], Awaitable[str]]) -> None:
    """Wait until a check of the cluster says nothing."""
    what = ""
    try:
        async with asyncio.timeout(PATIENCE):
            while what := await seen():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"not true after {PATIENCE:.0f} s: {what}") from None
