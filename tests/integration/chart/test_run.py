"""What the chart says, run: Helm installs it on a real cluster, and its pods are made real."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import nats
import nats.errors
import pytest
import pytest_asyncio

from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.builds import controlplane_binary
from fairlead.local.control_plane import ControlPlane
from fairlead.local.demo.cluster import ClusterView, password_of
from fairlead.local.demo.milestones import MILESTONES
from fairlead.local.demo.run import own_registry
from fairlead.local.demo.stage import Stage
from fairlead.local.demo.story import Story
from fairlead.local.git_server import GitServer, Webhook
from fairlead.local.ports import LOOPBACK
from fairlead.local.pushing import Hook
from fairlead.local.registry import RegistryServer
from fairlead.local.ssh_server import SshServer
from tests.integration.chart import next_release
from tests.integration.chart.helm import CHART, Helm
from tests.integration.chart.rights import Right, granted, used
from tests.kubelet import Kubelet
from tests.kubelet.volumes import SECRETS, Sources

NAMESPACE = "argocd"
RELEASE = "fairlead"
VALUES = {"insecure": True, "repoServer": {"gitNetworks": {"opened": ["127.0.0.0/8"]}}}
"""The Git server of the tests is on loopback, from where nothing is fetched unless it is said."""
IN_CLUSTER = "https://kubernetes.default.svc"
PATIENCE = 120.0
FLAGS = ("--take-ownership", "--force-conflicts")
KEYS = "fairlead-keys"
RBAC = "rbac.authorization.k8s.io"
ROLES = Resource(group=RBAC, version="v1", plural="roles", kind="Role", namespaced=True)
BINDINGS = Resource(group=RBAC, version="v1", plural="rolebindings", kind="RoleBinding", namespaced=True)

CONTROLLER, SERVER = "argocd-application-controller", "argocd-server"
SETS, NOTIFICATIONS = "argocd-applicationset-controller", "argocd-notifications-controller"
UNUSED: dict[Right, str] = {
    **{
        (CONTROLLER, "argoproj.io", "applications", verb): "an app of apps without a ClusterRole"
        for verb in ("create", "get")
    },
    (CONTROLLER, "coordination.k8s.io", "leases", "get"): "one's own Lease after a beat that was refused",
    (CONTROLLER, "coordination.k8s.io", "leases", "delete"): "Leases of replicas that are gone",
    **{
        (account, "coordination.k8s.io", "leases", verb): "as the controller's"
        for account in (SETS, NOTIFICATIONS)
        for verb in ("get", "delete")
    },
    **{
        (SETS, "argoproj.io", "applications", verb): "the Applications of a set"
        for verb in ("create", "get", "list", "watch", "update", "patch", "delete")
    },
    **{
        (SETS, "argoproj.io", "applicationsets", verb): "a set, and its finalizer"
        for verb in ("get", "list", "watch", "patch")
    },
    (SETS, "argoproj.io", "applicationsets/status", "patch"): "what became of a set",
    (SETS, "argoproj.io", "applicationsets/finalizers", "update"): "owner references that hold a set",
    **{
        (SETS, "argoproj.io", "appprojects", verb): "what the project of a set's Applications permits"
        for verb in ("get", "list", "watch")
    },
    **{
        (SETS, "", resource, verb): "what generators look at"
        for resource in ("configmaps", "secrets")
        for verb in ("get", "list", "watch")
    },
    (SETS, "", "events", "create"): "Events of a set",
    **{
        (NOTIFICATIONS, "argoproj.io", "applications", verb): "whom to tell of, and the memory of it"
        for verb in ("get", "list", "watch", "patch")
    },
    **{
        (NOTIFICATIONS, "argoproj.io", "appprojects", verb): "subscriptions of a project"
        for verb in ("get", "list", "watch")
    },
    **{
        (NOTIFICATIONS, "", resource, verb): "what is configured"
        for resource in ("configmaps", "secrets")
        for verb in ("get", "list", "watch")
    },
    (NOTIFICATIONS, "", "events", "create"): "a message that cannot be sent",
    (CONTROLLER, "argoproj.io", "appprojects", "create"): "the project default, where no server makes it",
    (CONTROLLER, "argoproj.io", "appprojects", "patch"): "the finalizer of a project that is deleted",
    (CONTROLLER, "", "secrets", "get"): "a cluster's token that is replaced",
    (CONTROLLER, "", "secrets", "patch"): "a cluster's token that is replaced",
    (SERVER, "", "secrets", "delete"): "a cluster, repository or template that the API declared",
    (SERVER, "", "configmaps", "create"): "certificates, known hosts and public keys, by the API",
    (SERVER, "", "configmaps", "patch"): "certificates, known hosts and public keys, by the API",
    **{
        (SERVER, "argoproj.io", "appprojects", verb): "a project, by the API"
        for verb in ("get", "update", "delete")
    },
    (SERVER, "argoproj.io", "applications", "update"): "an application's spec, by the API",
    (SERVER, "", "events", "list"): "the events of an application, by the API",
    **{
        (SERVER, "argoproj.io", "applicationsets", verb): "an ApplicationSet, by the API"
        for verb in ("create", "get", "update", "delete")
    },
    (SERVER, "argoproj.io", "applicationsets", "patch"): "a set that a webhook wakes",
}
"""Rights that these runs do not use, and what they are for."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(control_plane: ControlPlane) -> AsyncIterator[KubeClient]:
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def helm(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return await Helm.against(control_plane.kubeconfig, NAMESPACE, tmp_path_factory.mktemp("helm"))


async def test_the_chart_comes_up_beside_what_argo_cd_left_and_is_upgraded(
    control_plane: ControlPlane, client: KubeClient, helm: Helm, git_server: GitServer, tmp_path: Path
) -> None:
    await leave_what_argo_cd_leaves(control_plane)
    await helm("install", RELEASE, str(CHART), *FLAGS, values=VALUES)
    assert "argocd-redis: mine" in await left_behind(control_plane)
    async with Kubelet(client, NAMESPACE, tmp_path / "node") as kubelet:
        await kubelet.until_ready()
        keys = await Sources(client, NAMESPACE).secret(KEYS)
        reader = await connected(kubelet, "events-reader", keys["nats-events-reader"].decode())
        events = await reader.subscribe("fairlead.v1.>")
        async with SshServer(git_server.folder) as ssh, own_registry(tmp_path / "registry") as registry:
            await walk_the_milestones(control_plane, client, kubelet, (git_server, ssh, registry), tmp_path)
        assert (await events.next_msg(timeout=PATIENCE)).subject.startswith("fairlead.v1.")
        await reader.close()
        await check_nats_is_closed(kubelet)
        await upgrade(client, helm, kubelet, tmp_path)
        await check_rights(control_plane, client)
        assert kubelet.restarts() == {}
        assert "bus.permission.violated" not in kubelet.logs()
    await helm("uninstall", RELEASE)
    kept = await control_plane.kubectl("-n", NAMESPACE, "get", "secret,configmap,crd", "-o", "name")
    assert f"secret/{KEYS}" in kept
    assert "configmap/argocd-cm" in kept
    assert "applications.argoproj.io" in kept


async def leave_what_argo_cd_leaves(control_plane: ControlPlane) -> None:
    """The Secrets that stay behind when Argo CD is removed."""
    await control_plane.kubectl("create", "namespace", NAMESPACE)
    kubectl = partial(control_plane.kubectl, "-n", NAMESPACE, "create", "secret", "generic")
    await kubectl("argocd-redis", "--from-literal=auth=mine")
    known = ("webhook.github.secret=mine", "webhook.harbor.secret=mine too")
    await kubectl("argocd-secret", *(f"--from-literal={one}" for one in known))
    await control_plane.kubectl(
        "-n", NAMESPACE, "label", "secret", "argocd-secret", "app.kubernetes.io/part-of=argocd"
    )


async def left_behind(control_plane: ControlPlane) -> str:
    """The values of what Argo CD left, as they are now."""
    template = "{{range .items}}{{.metadata.name}}: {{range .data}}{{base64decode .}} {{end}}\n{{end}}"
    return await control_plane.kubectl("-n", NAMESPACE, "get", "secrets", "-o", f"go-template={template}")


async def walk_the_milestones(
    control_plane: ControlPlane,
    client: KubeClient,
    kubelet: Kubelet,
    servers: tuple[GitServer, SshServer, RegistryServer],
    folder: Path,
) -> None:
    git, ssh, registry = servers
    address = f"{LOOPBACK}:{kubelet.port('argocd-server', 80)}"
    webhook = Webhook(url=f"http://{address}/api/webhook", secret="mine")  # as Argo CD's Secret says
    git.webhooks.append(webhook)
    kubectl = [str(controlplane_binary()), "kubectl", f"--kubeconfig={control_plane.kubeconfig}"]
    story = Story(
        {"fairlead": [sys.executable, "-m", "fairlead.cli"], "kubectl": kubectl},
        {"ARGOCD_CONFIG_DIR": str(folder / "cli"), "NO_COLOR": "1"},
    )
    stage = Stage(
        story=story,
        view=ClusterView(client, NAMESPACE),
        git=git,
        ssh=ssh,
        registry=registry,
        hook=Hook(url=webhook.url, secret="mine too"),
        folder=folder / "work",
        namespace=NAMESPACE,
        login=f"fairlead login {address} --plaintext --username admin --password",
        password=password_of(await client.get(SECRETS, "argocd-initial-admin-secret", NAMESPACE)),
    )
    for milestone in MILESTONES:
        await milestone(stage)
    repository = git.repo_url("order-gateway-config")
    target = f"--dest-server {IN_CLUSTER} --dest-namespace {NAMESPACE}"
    await story.run(f"fairlead app create by-hand --repo {repository} --path overlays/staging {target}")
    await story.run("fairlead app delete by-hand --yes")
    git.webhooks.remove(webhook)


async def check_rights(control_plane: ControlPlane, client: KubeClient) -> None:
    """No right was missing, and none is there that nothing uses."""
    roles = [msgspec.json.decode(item) for item in await client.list_all(ROLES, NAMESPACE)]
    bindings = [msgspec.json.decode(item) for item in await client.list_all(BINDINGS, NAMESPACE)]
    has = granted(roles, bindings)
    uses, refused = used(control_plane.layout.audit_log, NAMESPACE)
    assert refused == []
    unused = [" ".join(right) for right in sorted(has - uses - UNUSED.keys())]
    assert not unused, "nothing used these rights, nor does UNUSED say what they are for:\n" + "\n".join(
        unused
    )
    assert UNUSED.keys() <= has, "UNUSED explains rights that no Role gives any more"


async def check_nats_is_closed(kubelet: Kubelet) -> None:
    """Without a password nobody gets in."""
    with pytest.raises(nats.errors.Error):
        await connected(kubelet, "events-reader", "wrong")


async def upgrade(client: KubeClient, helm: Helm, kubelet: Kubelet, folder: Path) -> None:
    """A release that has one service and one subject more: passwords stay, rights are the new ones."""
    before = await Sources(client, NAMESPACE).secret(KEYS)
    chart = folder / "chart"
    await asyncio.to_thread(shutil.copytree, CHART, chart)
    next_release.write(chart, kubelet.programs)
    await helm("upgrade", RELEASE, str(chart), values=VALUES)
    assert await kubelet.update() == ["argocd-nats"]
    await kubelet.until_ready()
    after = await Sources(client, NAMESPACE).secret(KEYS)
    assert before.items() <= after.items()
    assert set(after) - set(before) == {f"nats-{next_release.SERVICE}"}
    password = after[f"nats-{next_release.SERVICE}"].decode()
    reporter = await connected(kubelet, next_release.SERVICE, password)
    await reporter.publish(next_release.SUBJECT, b"")
    await reporter.flush()
    assert reporter.last_error is None
    await reporter.close()


async def connected(kubelet: Kubelet, user: str, password: str) -> "nats.NATS":
    return await nats.connect(
        f"tls://{LOOPBACK}:{kubelet.port('argocd-nats', 4222)}",
        user=user,
        password=password,
        tls=await kubelet.authority(KEYS),
        allow_reconnect=False,
    )
