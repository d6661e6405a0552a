"""`--core` on a real cluster: applications and projects without a server."""

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from fairlead.cli.core.objects import APPLICATIONS, SECRETS
from fairlead.kube.collection import APPLICATION_SETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import POD, KubeClient
from fairlead.local.control_plane import ControlPlane
from tests.servers import with_kinds

HOME = "cli-core"
DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)


async def core(file: Path, line: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", *shlex.split(line), "--core"),
        env={**os.environ, "KUBECONFIG": str(file), "ARGOCD_CONFIG_DIR": str(file.parent)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_applications_and_projects_are_worked_on_without_a_server(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    await with_kinds(control_plane)
    await control_plane.kubectl("create", "namespace", HOME)
    file = tmp_path / "kubeconfig"
    shutil.copy(control_plane.kubeconfig, file)
    chosen = ("config", "set-context", "--current", f"--namespace={HOME}")
    await control_plane.kubectl(*chosen, f"--kubeconfig={file}")

    async def ok(line: str) -> str:
        code, out, err = await core(file, line)
        assert code == 0, (line, out, err)
        return out

    await ok("proj create team -s https://git.example/* -d https://kubernetes.default.svc,x")
    assert "team" in await ok("proj list -o name")
    await ok("proj role create team ci")
    flags = "--repo https://git.example/a.git --path a --dest-namespace x --project team"
    assert "application 'web' created" in await ok(f"app create web {flags} --label a=b")
    assert await ok("app list -l a=b -o name") == f"{HOME}/web\n"
    assert await ok("app list -p other -o name") == ""
    await ok("app set web --revision v2")
    found = json.loads(await ok("app get web -o json"))
    assert found["spec"]["source"]["targetRevision"] == "v2"
    await ok("""app patch web --type merge --patch '{"metadata":{"labels":{"c":"d"}}}' -o json""")
    await ok("app sync web --async --prune --revision v3")
    async with KubeClient(from_kubeconfig(file)) as client:
        operation = json.loads(await client.get(APPLICATIONS, "web", HOME))["operation"]
        assert operation["sync"]["revision"] == "v3"
        assert operation["sync"]["prune"] is True
        code, _, err = await core(file, "app sync web --async")
        assert code == 20
        assert "another operation is already in progress" in err
        code, _, err = await core(file, "app manifests web")
        assert code == 20
        assert "needs a server" in err
        code, _, err = await core(file, "proj delete team")
        assert code == 20
        assert "referenced by 1 applications" in err
        await ok("app delete web --cascade=false --yes --wait")
        assert await client.find(APPLICATIONS, "web", HOME) is None
    await ok("proj delete team")
    code, _, err = await core(file, "app get web")
    assert code == 20
    assert "NotFound" in err
    await ok("login")
    assert "kubernetes" in (tmp_path / "config").read_text()


Command = Callable[[str], Awaitable[str]]


async def prepared(control_plane: ControlPlane, folder: Path, home: str) -> tuple[Path, Command, Command]:
    """A kubeconfig whose context has its own namespace; what runs a command that has to succeed, and one that
    has to be refused."""
    await with_kinds(control_plane)
    await control_plane.kubectl("create", "namespace", home)
    file = folder / "kubeconfig"
    shutil.copy(control_plane.kubeconfig, file)
    chosen = ("config", "set-context", "--current", f"--namespace={home}")
    await control_plane.kubectl(*chosen, f"--kubeconfig={file}")

    async def ok(line: str) -> str:
        code, out, err = await core(file, line)
        assert code == 0, (line, out, err)
        return out

    async def refused(line: str) -> str:
        code, _, err = await core(file, line)
        assert code == 20, line
        return err

    return file, ok, refused


async def test_what_is_connected_is_declared_without_a_server(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    home = "cli-core-declared"
    file, ok, refused = await prepared(control_plane, tmp_path, home)
    url = "https://git.example/team/a.git"
    await ok(f"repo add {url} --username me --password hidden --project team")
    assert "use upsert" in await refused(f"repo add {url} --username you --password hidden --project team")
    await ok(f"repo add {url} --username you --password hidden --project team --upsert")
    listed = await ok("repo list -o json")
    assert "hidden" not in listed
    assert json.loads(listed)[0]["username"] == "you"
    assert await ok(f"repo get {url} -o url") == f"{url}\n"
    generated = await core(
        file, f"admin repo generate-spec {url} --username you --password hidden --project team -o json"
    )
    name = json.loads(generated[1])["metadata"]["name"]
    async with KubeClient(from_kubeconfig(file)) as client:
        assert await client.find(SECRETS, name, home) is not None
        foreign = {
            "metadata": {"name": "theirs", "labels": {"argocd.argoproj.io/secret-type": "repository"}},
            "stringData": {"url": "https://git.example/theirs"},
        }
        await client.create(SECRETS, foreign, home)
        await ok(f"repo rm {url}")
        await ok("repo rm https://git.example/theirs")
        assert await client.find(SECRETS, name, home) is None
        assert await client.find(SECRETS, "theirs", home) is not None
    assert await ok("repo list -o url") == ""
    assert "not found" in await refused(f"repo rm {url}")

    await ok("repocreds add https://git.example/team --username me --password hidden")
    assert "hidden" not in await ok("repocreds list -o yaml")
    await ok("repocreds rm https://git.example/team")


async def test_clusters_and_application_sets_are_declared_without_a_server(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    home = "cli-core-sets"
    file, ok, refused = await prepared(control_plane, tmp_path, home)
    context = (await control_plane.kubectl("config", "current-context", f"--kubeconfig={file}")).strip()
    way = "--exec-command /bin/true --exec-command-api-version client.authentication.k8s.io/v1"
    await ok(f"cluster add {context} --name there --namespace x,y {way} --yes")
    assert json.loads(await ok("cluster get there -o json"))["namespaces"] == ["x", "y"]
    assert "in-cluster" in await ok("cluster list")
    assert "no Secret declares cluster in-cluster" in await refused("cluster rm in-cluster --yes")
    await ok("cluster rm there --yes")

    spec = {
        "generators": [{"list": {"elements": []}}],
        "template": {"metadata": {"name": "x"}, "spec": {"project": "default", "destination": {}}},
    }
    written = tmp_path / "set.yaml"
    written.write_text(json.dumps({"kind": "ApplicationSet", "metadata": {"name": "shops"}, "spec": spec}))
    await ok(f"appset create {written}")
    assert await ok("appset list -o name") == f"{home}/shops\n"
    assert "needs a server" in await refused(f"appset generate {written}")
    assert "Nothing of applicationset 'shops' waits" in await ok("appset confirm-deletion shops")
    held = {"type": "DeletionHeld", "status": "True", "reason": "DeletionHeld"}
    held["message"] = "Deleting waits to be confirmed. Confirmations since … count (list 0123abcd)."
    async with KubeClient(from_kubeconfig(file)) as client:
        status = {"status": {"conditions": [held]}}
        await client.merge_patch(APPLICATION_SETS, "shops", status, home, subresource="status")
    assert held["message"] in await ok("appset confirm-deletion shops")
    annotations = json.loads(await ok("appset get shops -o json"))["metadata"]["annotations"]
    moment = annotations["argocd.argoproj.io/deletion-approved"]
    assert annotations["fairlead.dev/approved-list"] == f"{moment} 0123abcd"
    await ok("appset delete shops --yes")
    assert await ok("appset list -o name") == ""


async def test_live_objects_and_what_pods_say_are_shown_without_a_server(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    home = "cli-core-live"
    file, ok, refused = await prepared(control_plane, tmp_path, home)
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels, "annotations": {"fairlead.dev/log": "hello"}},
        "spec": {"containers": [{"name": "main", "image": "none"}]},
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template},
    }
    listed = [
        {"group": "apps", "kind": "Deployment", "version": "v1", "namespace": home, "name": "web"},
        {"kind": "Secret", "version": "v1", "namespace": home, "name": "hidden"},
        {"kind": "ConfigMap", "version": "v1", "namespace": home, "name": "gone"},
    ]
    app = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/a.git", "path": "a"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": home},
        },
        "status": {"resources": listed},
    }
    async with KubeClient(from_kubeconfig(file)) as client:
        await client.create(DEPLOYMENTS, deployment, home)
        await client.create(SECRETS, {"metadata": {"name": "hidden"}, "stringData": {"a": "canary"}}, home)
        await client.create(APPLICATIONS, app, home)
        async with asyncio.timeout(180):
            while True:
                pods = [json.loads(raw) for raw in await client.list_all(POD, home)]
                if len(pods) == 2 and all(pod["status"].get("phase") == "Running" for pod in pods):
                    break
                await asyncio.sleep(0.1)
    shown = await ok("app get web -o tree")
    assert "Deployment/web" in shown
    assert shown.count("Pod/web-") == 2
    assert "ConfigMap/gone" not in shown
    found = json.loads(await ok("app get-resource web --kind Deployment -o json"))
    assert found["spec"]["replicas"] == 2
    secret = await ok("app get-resource web --kind Secret -o yaml")
    assert "a: ++++++++" in secret
    said = await ok("app logs web --kind Deployment --name web --tail 1 --prefix")
    assert len(said.splitlines()) == 2
    assert all("hello" in line for line in said.splitlines())
    assert await ok("app logs web --filter '!hello'") == ""
    assert await ok("app logs web --kind Service") == ""
    assert "needs a server" in await refused("app diff web")
