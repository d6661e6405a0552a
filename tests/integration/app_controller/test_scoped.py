"""What belongs to a project needs no rule in it: the application deploys, and is refused when that ends."""

import msgspec

from fairlead.kube.collection import APP_PROJECTS, SECRETS
from fairlead.kube.rest import KubeClient
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced


async def declare(client: KubeClient, namespace: str, url: str, project: str) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "own", "labels": {"argocd.argoproj.io/secret-type": "repository"}},
        "stringData": {"url": url, "project": project},
    }
    await client.create(SECRETS, msgspec.json.encode(body), namespace)


async def test_a_projects_own_repository_needs_no_rule(lab: Lab) -> None:
    closed = {"spec": {"sourceRepos": ["https://elsewhere.example/*"]}}
    await lab.client.merge_patch(APP_PROJECTS, "default", closed, lab.namespace)
    lab.renderer.holds(lab.repo, [config_map(colour="blue")])
    await lab.create_app(**automated())
    app = await lab.until(lambda app: "InvalidSpecError" in conditions(app))
    assert "is not permitted in project 'default'" in conditions(app)["InvalidSpecError"]
    await declare(lab.client, lab.namespace, lab.repo, "another")
    await lab.client.merge_patch(SECRETS, "own", {"stringData": {"project": "default"}}, lab.namespace)
    await lab.until(is_synced)
    permitted = (await lab.renderer.wish("app", lab.namespace)).source_repos
    assert permitted == ("https://elsewhere.example/*", lab.repo), (
        "and what it needs on the way is as permitted"
    )
    await lab.client.delete(SECRETS, "own", lab.namespace)
    await lab.until(lambda app: "InvalidSpecError" in conditions(app))
