"""What those who operate a control plane ask of it, on a real cluster and without a server of ours."""

import asyncio
import base64
import json
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest_asyncio
import yaml

from fairlead.cli.admin.backup import APPLICATIONS
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.process.lease import Lease, Leases
from fairlead.process.shard import View
from tests.servers import with_kinds

HOME = "cli-operating"
LOCAL, AWAY = "https://kubernetes.default.svc", "https://away.invalid"


class Admin:
    """Runs `admin` commands on the control plane's namespace."""

    def __init__(self, file: Path, client: KubeClient) -> None:
        self.file = file
        self.client = client

    async def __call__(self, line: str) -> tuple[int | None, str, str]:
        place: tuple[str, ...] = ("--kubeconfig", str(self.file))
        place = () if "diff-reconcile" in line else place if "generate-spec" in line else (*place, "-n", HOME)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fairlead.cli", "admin", *shlex.split(line), *place),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(180):
            out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    async def ok(self, line: str) -> str:
        code, out, err = await self(line)
        assert code == 0, (line, out, err)
        return out


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(control_plane: ControlPlane) -> AsyncIterator["Admin"]:
    await with_kinds(control_plane)
    await control_plane.kubectl("create", "namespace", HOME)
    file = Path(control_plane.kubeconfig)
    async with KubeClient(from_kubeconfig(file)) as client:
        await declare(client, "here", from_kubeconfig(file).server, _config(file))
        await declare(client, "away", AWAY, {"bearerToken": "t", "tlsClientConfig": {"insecure": True}})
        for name, namespace in (("web", "shop"), ("api", "shop"), ("db", "data")):
            await application(client, name, namespace)
        yield Admin(file, client)


def _config(file: Path) -> dict[str, object]:
    known = from_kubeconfig(file)
    tls = {
        "insecure": False,
        "caData": base64.b64encode(known.ca or b"").decode(),
        "certData": base64.b64encode(known.client_cert or b"").decode(),
        "keyData": base64.b64encode(known.client_key or b"").decode(),
    }
    return {"tlsClientConfig": tls, "bearerToken": known.token or ""}


async def declare(client: KubeClient, name: str, server: str, config: object) -> None:
    labels = {"argocd.argoproj.io/secret-type": "cluster"}
    data = {"name": name, "server": server, "config": json.dumps(config)}
    body = {"metadata": {"name": f"cluster-{name}", "labels": labels}, "stringData": data}
    await client.create(SECRETS, body, HOME)


async def application(client: KubeClient, name: str, namespace: str) -> None:
    source = {"repoURL": "https://git.example/a.git", "path": "."}
    spec = {"project": "default", "source": source, "destination": {"server": AWAY, "namespace": namespace}}
    resources = [{"kind": "Service", "name": name, "namespace": namespace}] * 2 if name == "web" else []
    status = {"resources": resources, "sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
    typed = {"apiVersion": APPLICATIONS.api_version, "kind": "Application"}
    await client.create(
        APPLICATIONS, {**typed, "metadata": {"name": name}, "spec": spec, "status": status}, HOME
    )


async def test_namespaces_that_are_deployed_to_are_listed_and_clusters_limited_to_them(admin: Admin) -> None:
    listed = await admin.ok("cluster namespaces")
    rows = [line.split() for line in listed.splitlines()]
    assert rows[0] == ["CLUSTER", "NAMESPACES"]
    assert [AWAY, "data,shop"] in rows
    flags = "--max-namespace-count 5"
    said = await admin.ok(f"cluster namespaces enable-namespaced-mode '*away*' {flags}")
    assert said == f"Setting cluster {AWAY} namespaces to [data shop]...done (dry run)\n"
    assert "namespaces" not in json.loads(await admin.client.get(SECRETS, "cluster-away", HOME))["data"]
    assert await admin.ok("cluster namespaces enable-namespaced-mode '*' --dry-run=false") == ""
    await admin.ok(f"cluster namespaces enable-namespaced-mode '*away*' {flags} --dry-run=false")
    data = json.loads(await admin.client.get(SECRETS, "cluster-away", HOME))["data"]
    assert base64.b64decode(data["namespaces"]) == b"data,shop"
    assert base64.b64decode(data["clusterResources"]) == b"false"
    said = await admin.ok("cluster namespaces disable-namespaced-mode '*' --dry-run=false")
    assert said == f"Disabling namespaced mode for cluster {AWAY}...done\n"
    data = json.loads(await admin.client.get(SECRETS, "cluster-away", HOME))["data"]
    assert not data.get("namespaces")


async def test_clusters_are_counted_by_the_replica_that_has_them(admin: Admin) -> None:
    rows = [line.split() for line in (await admin.ok("cluster stats")).splitlines()]
    assert rows[0][:3] == ["SERVER", "SHARD", "CONNECTION"]
    assert [AWAY, "-", "Failed", "2", "3", "2"] in rows
    async with replica(admin.client):
        await counted(admin)


@asynccontextmanager
async def replica(client: KubeClient) -> AsyncIterator[None]:
    """A replica of the controller as the others see it, of shard 3, that goes on renewing its Lease."""
    leases, view = Leases(client, HOME, "app-controller"), View(members={"one": 3})
    known = await leases.put("one", view, origin="test", shard=3, seconds=10, known=None)

    async def renew(lease: Lease) -> None:
        while True:
            await asyncio.sleep(2)
            lease = await leases.put("one", view, origin="test", shard=3, seconds=10, known=lease)

    renewing = asyncio.create_task(renew(known))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def counted(admin: Admin) -> None:
    rows = [line.split() for line in (await admin.ok("cluster stats --shard 3")).splitlines()]
    assert [AWAY, "3", "Failed", "2", "3", "2"] in rows
    assert [from_kubeconfig(admin.file).server, "3", "Successful", "0", "0", "0"] in rows
    assert (await admin.ok("cluster stats --shard 0")).splitlines()[1:] == []
    assert await admin.ok("cluster shards") == "SHARD  RESOURCES COUNT\n3      2 (100%)\n"
    code, _, err = await admin("cluster stats nowhere")
    assert code == 20
    assert "there is no cluster nowhere" in err


async def test_a_cluster_is_reached_by_the_kubeconfig_that_is_written(admin: Admin, tmp_path: Path) -> None:
    file = tmp_path / "written"
    file.write_text("x")
    file.chmod(0o644)
    await admin.ok(f"cluster kubeconfig here {file}")
    assert file.stat().st_mode & 0o077 == 0
    async with KubeClient(from_kubeconfig(file)) as client:
        await client.reaches("/version")
    assert "token: t" in await admin.ok(f"cluster kubeconfig {AWAY} -")
    code, _, err = await admin("cluster kubeconfig in-cluster -")
    assert code == 20
    assert "control plane's own account" in err


async def test_a_cluster_is_declared_with_the_token_of_an_account_there(
    admin: Admin, control_plane: ControlPlane
) -> None:
    await control_plane.kubectl("create", "serviceaccount", "deployer", "-n", HOME)
    context = yaml.safe_load(admin.file.read_text())["current-context"]
    account = f"--service-account deployer --system-namespace {HOME} --generate-bearer-token"
    found = json.loads(await admin.ok(f"cluster generate-spec {context} {account} -o json"))
    assert json.loads(found["stringData"]["config"])["bearerToken"].count(".") == 2
    found = json.loads(await admin.ok(f"cluster generate-spec {context} -o json"))
    assert json.loads(found["stringData"]["config"])["bearerToken"] == "bearer-token"


async def test_a_project_permits_what_a_role_may_create(admin: Admin, tmp_path: Path) -> None:
    role = tmp_path / "role.yaml"
    rules = [
        {"apiGroups": [""], "resources": ["configmaps", "pods/log"], "verbs": ["get", "create"]},
        {"apiGroups": ["apps"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]},
    ]
    role.write_text(yaml.safe_dump({"kind": "ClusterRole", "metadata": {"name": "x"}, "rules": rules}))
    project = yaml.safe_load(await admin.ok(f"proj generate-allow-list {role} team"))
    kinds = [(each["group"], each["kind"]) for each in project["spec"]["namespaceResourceWhitelist"]]
    assert project["metadata"] == {"name": "team"}
    assert kinds[0] == ("", "ConfigMap")
    assert ("apps", "Deployment") in kinds
    assert ("", "Secret") not in kinds


async def test_two_summaries_of_all_applications_say_what_changed(admin: Admin, tmp_path: Path) -> None:
    before, after = tmp_path / "before.yaml", tmp_path / "after.json"
    await admin.ok(f"app get-reconcile-results {before}")
    assert [each["name"] for each in yaml.safe_load(before.read_text())["applications"]] == [
        "api",
        "db",
        "web",
    ]
    sick = json.dumps({"status": {"health": {"status": "Degraded"}}}).encode()
    await admin.client.merge_patch(APPLICATIONS, "db", sick, HOME)

    async def compare() -> None:
        """What a controller does with the mark of a refresh."""
        left = {"api", "db", "web"}
        mark = "argocd.argoproj.io/refresh"
        while left:
            for name in sorted(left):
                found = json.loads(await admin.client.get(APPLICATIONS, name, HOME))
                if mark in (found["metadata"].get("annotations") or {}):
                    gone = json.dumps({"metadata": {"annotations": {mark: None}}}).encode()
                    await admin.client.merge_patch(APPLICATIONS, name, gone, HOME)
                    left.discard(name)
            await asyncio.sleep(0.05)

    controller = asyncio.create_task(compare())
    await admin.ok(f"app get-reconcile-results {after} --refresh -o json")
    await controller
    said = await admin.ok(f"app diff-reconcile-results {before} {after}")
    assert [line for line in said.splitlines() if line in ("api", "db", "web")] == ["api", "db", "web"]
    assert "<   status: Healthy" in said
    assert ">   status: Degraded" in said
    assert (await admin(f"app diff-reconcile-results {before} /etc/hostname"))[0] == 20


async def test_what_is_configured_of_notifications_is_shown(admin: Admin) -> None:
    data = {
        "template.app-failed": "message: |\n  {{.app.metadata.name}} failed\n  badly\n",
        "trigger.on-failed": (
            "- when: app.status.x == 'y'\n  send: [app-failed]\n- when: 'true'\n  send: [a, b]\n"
        ),
        "service.slack": "token: $t\n",
    }
    await admin.client.create(
        CONFIG_MAPS, {"metadata": {"name": "argocd-notifications-cm"}, "data": data}, HOME
    )
    assert await admin.ok("notifications template get") == (
        "NAME        PREVIEW\napp-failed  {{.app.metadata.name}} failed\n"
    )
    assert await admin.ok("notifications trigger get") == (
        "NAME       TEMPLATE    CONDITION\n"
        "on-failed  app-failed  app.status.x == 'y'\n"
        "           a, b        true\n"
    )
    assert await admin.ok("notifications trigger get -o name") == "on-failed\n"
    found = yaml.safe_load(await admin.ok("notifications template get app-failed -o yaml"))
    assert found["app-failed"]["message"].endswith("badly\n")
    code, _, err = await admin("notifications trigger get none")
    assert code == 1
    assert "found on-failed" in err


async def test_a_trigger_is_tried_and_a_template_is_sent(admin: Admin, tmp_path: Path) -> None:
    app, settings, secret = (tmp_path / f"{name}.yaml" for name in ("app", "settings", "secret"))
    app.write_text("{kind: Application, metadata: {name: shop}, status: {sync: {status: Synced}}}")
    data = {
        "trigger.on-synced": "[{when: app.status.sync.status == 'Synced'}, {when: app.metadata.name == 'x'}]",
        "trigger.broken": "[{when: app.a.b.c == 1}]",
        "trigger.on-event": "[{when: event.type == 'x'}]",
        "template.said": "message: '{{.app.metadata.name}} to {{.recipient}}'\nemail: {subject: s}",
    }
    settings.write_text(yaml.safe_dump({"kind": "ConfigMap", "data": data}))
    secret.write_text("{kind: Secret, stringData: {token: t}}")
    files = f"{app} --config-map {settings} --secret {secret}"
    assert await admin.ok(f"notifications trigger run on-synced {files}") == (
        "CONDITION                           RESULT\n"
        "app.status.sync.status == 'Synced'  true\n"
        "app.metadata.name == 'x'            false\n"
    )
    assert "asked by events alone" in await admin.ok(f"notifications trigger run on-event {files}")
    code, _, err = await admin(f"notifications trigger run broken {files}")
    assert (code, "cannot be judged whole" in err) == (20, True)
    assert yaml.safe_load(await admin.ok(f"notifications template notify said {files}")) == {
        "message": "shop to stdout"
    }
    code, _, err = await admin(f"notifications template notify said {files} --recipient nobody:x")
    assert (code, "nobody:x: the service is not configured" in err) == (20, True)
    assert (await admin(f"notifications template notify none {files}"))[0] == 1


async def test_kubectls_flags_say_how_the_cluster_is_reached(admin: Admin, tmp_path: Path) -> None:
    known = from_kubeconfig(admin.file)
    authority = tmp_path / "ca"
    authority.write_bytes(known.ca or b"")
    code, _, err = await admin("export --server https://127.0.0.1:1 --request-timeout 20s")
    assert code == 20
    assert "https://127.0.0.1:1" in err
    code, _, err = await admin("export --as nobody")
    assert code == 20
    assert "nobody" in err
    assert "kind: Application" in await admin.ok(f"export --certificate-authority {authority}")
    assert "kind: Application" in await admin.ok("export --as admin --as-group system:masters")
    context = yaml.safe_load(admin.file.read_text())["current-context"]
    assert "kind: Application" in await admin.ok(f"export --context {context}")
    for flags, words in (
        ("--as-uid 7", "--as-uid"),
        ("--context x", "no context"),
    ):
        code, _, err = await admin(f"export {flags}")
        assert code == 20, flags
        assert words in err
