"""A suite that observes: the API shows what there is, says that it only looks, and refuses every write."""

import asyncio
import base64
from pathlib import Path

import aiohttp

from fairlead.auth.bootstrap import signing_key
from fairlead.cli.admin.backup import APPLICATIONS, PROJECTS
from fairlead.cli.admin.control_plane import CONFIG_MAPS, SECRETS
from fairlead.kube.kubeconfig import from_kubeconfig
from fairlead.kube.rest import KubeClient
from fairlead.local.control_plane import ControlPlane
from fairlead.local.suite import Suite, SuiteConfig
from tests.e2e.world import IN_CLUSTER
from tests.integration.cli.test_migrate_compare import project
from tests.servers import with_kinds

HOME = "observed-home"
PART_OF = {"app.kubernetes.io/part-of": "argocd"}


async def prepared(client: KubeClient) -> None:
    """A control plane in which everybody may do everything, as Argo CD has made it."""
    key = base64.b64encode(signing_key().encode()).decode()
    settings = {"users.anonymous.enabled": "true", "admin.enabled": "false"}
    for name, data in (("argocd-cm", settings), ("argocd-rbac-cm", {"policy.default": "role:admin"})):
        await client.create(CONFIG_MAPS, {"metadata": {"name": name, "labels": PART_OF}, "data": data}, HOME)
    secret = {"metadata": {"name": "argocd-secret", "labels": PART_OF}, "data": {"server.secretkey": key}}
    await client.create(SECRETS, secret, HOME)
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.invalid/x.git", "path": "."},
            "destination": {"server": IN_CLUSTER, "namespace": HOME},
        },
    }
    await client.create(PROJECTS, project(), HOME)
    await client.create(APPLICATIONS, body, HOME)


async def test_who_asks_an_observing_api_to_write_is_refused_in_words(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    await with_kinds(control_plane)
    await control_plane.kubectl("create", "namespace", HOME)
    config = SuiteConfig(
        data_dir=tmp_path / "suite",
        kubeconfig=control_plane.kubeconfig,
        namespace=HOME,
        port=0,
        insecure=True,
        observes=True,
        log_format="json",
    )
    async with KubeClient(from_kubeconfig(control_plane.kubeconfig)) as client:
        await prepared(client)
        before = await client.get(APPLICATIONS, "web", HOME)
        async with Suite(config) as suite, aiohttp.ClientSession(suite.api_url) as session:
            async with asyncio.timeout(60), session.get("/api/v1/settings") as answer:
                assert "only observes" in (await answer.json())["uiBannerContent"]
            async with session.get("/api/v1/applications/web") as answer:
                assert (await answer.json())["metadata"]["name"] == "web"
            for method, path, body in (
                ("POST", "/api/v1/projects", {"project": {"metadata": {"name": "another"}, "spec": {}}}),
                ("DELETE", "/api/v1/applications/web", {}),
            ):
                async with session.request(method, path, json=body) as answer:
                    said = await answer.json()
                    assert (answer.status, said["code"]) == (400, 9), said
                    assert "this process only observes" in said["message"]
        assert await client.get(APPLICATIONS, "web", HOME) == before
