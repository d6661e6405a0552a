"""`admin export` and `import` on a real cluster: what came out goes in, and comes out the same."""

import asyncio
import base64
import sys
from pathlib import Path

import pytest
import yaml

from fairlead.cli.admin.backup import APPLICATIONS, PROJECTS
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from tests.servers import with_kinds

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)
HOME, OTHER = "cli-backup", "cli-restored"


async def admin(file: Path, namespace: str, *words: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", "admin", *words, "--kubeconfig", str(file), "-n", namespace),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def filled(client: KubeClient, namespace: str) -> None:
    """A control plane's objects, and one that is not its."""
    for name in (namespace, OTHER):
        await client.create(NAMESPACES, {"metadata": {"name": name}})
    data = {"resource.exclusions": "[]", "timeout.reconciliation": "soon"}
    await client.create(CONFIG_MAPS, {"metadata": {"name": "argocd-cm"}, "data": data}, namespace)
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    url = base64.b64encode(b"https://git.example/a.git").decode()
    for name, more in (("repo-1", {"labels": labels}), ("not-ours", {})):
        await client.create(SECRETS, {"metadata": {"name": name, **more}, "data": {"url": url}}, namespace)
    typed = {"apiVersion": PROJECTS.api_version, "kind": "AppProject"}
    project = {**typed, "metadata": {"name": "team"}, "spec": {"sourceRepos": ["*"]}}
    await client.create(PROJECTS, project, namespace)
    source = {"repoURL": "https://git.example/a.git", "path": "."}
    spec = {"project": "team", "source": source, "destination": {"namespace": "x"}}
    typed["kind"] = "Application"
    await client.create(APPLICATIONS, {**typed, "metadata": {"name": "web"}, "spec": spec}, namespace)


async def test_a_backup_restores_what_it_was_made_of(control_plane: ControlPlane, tmp_path: Path) -> None:
    file, backup = Path(control_plane.kubeconfig), tmp_path / "backup.yaml"
    await with_kinds(control_plane)
    async with KubeClient(from_kubeconfig(file)) as client:
        await filled(client, HOME)
        code, out, err = await admin(file, HOME, "export", "-o", str(backup))
        assert (code, out, err) == (0, "", "")
        assert backup.stat().st_mode & 0o077 == 0
        found = [each for each in yaml.safe_load_all(backup.read_text()) if each]
        names = [(each["kind"], each["metadata"]["name"]) for each in found]
        assert names == [
            ("ConfigMap", "argocd-cm"),
            ("Secret", "repo-1"),
            ("AppProject", "team"),
            ("Application", "web"),
        ]
        code, out, _ = await admin(file, OTHER, "import", str(backup), "--dry-run")
        assert code == 0
        assert f"argoproj.io/Application web in namespace {OTHER} created (dry run)" in out
        assert await client.find(APPLICATIONS, "web", OTHER) is None
        assert (await admin(file, OTHER, "import", str(backup)))[0] == 0
        code, again, _ = await admin(file, OTHER, "export")
        assert [each for each in yaml.safe_load_all(again) if each] == found
        assert (await admin(file, OTHER, "import", str(backup)))[1] == ""
        few = tmp_path / "few.yaml"
        few.write_text(yaml.safe_dump_all(found[:3]))
        assert (await admin(file, OTHER, "import", str(few)))[1] == ""
        assert await client.find(APPLICATIONS, "web", OTHER) is not None
        assert (
            "web in namespace cli-restored pruned"
            in (await admin(file, OTHER, "import", str(few), "--prune"))[1]
        )
        assert await client.find(APPLICATIONS, "web", OTHER) is None
    code, out, _ = await admin(file, HOME, "settings", "validate", "--load-cluster-settings")
    assert code == 1
    assert "timeout.reconciliation" in out


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        (
            "app generate-spec web --repo https://git.example/a --path a --dest-namespace x",
            "Application",
            "web",
        ),
        ("proj generate-spec team -s *", "AppProject", "team"),
        ("repo generate-spec https://git.example/a", "Secret", "repo-"),
    ],
)
async def test_what_would_be_made_is_printed_for_git(words: str, kind: str, name: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fairlead.cli", "admin", *words.split()), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(120):
        out, _ = await process.communicate()
    found = yaml.safe_load(out)
    assert process.returncode == 0
    assert found["kind"] == kind
    assert found["metadata"]["name"].startswith(name)
