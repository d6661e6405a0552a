"""The project `default`, which every installation has: whoever starts first makes it."""

from fairlead.kube.errors import AlreadyExistsError
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.model.application import DEFAULT_PROJECT

PROJECTS = Resource(
    group="argoproj.io", version="v1alpha1", plural="appprojects", kind="AppProject", namespaced=True
)
SPEC = {
    "sourceRepos": ["*"],
    "destinations": [{"server": "*", "namespace": "*"}],
    "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
}
"""Everything is allowed (contract 3)."""


async def ensure_default_project(client: KubeClient, namespace: str) -> None:
    """Make the project when it is missing; one that is there is left alone. Raises KubeError."""
    if await client.find(PROJECTS, DEFAULT_PROJECT, namespace) is not None:
        return
    body = {
        "apiVersion": PROJECTS.api_version,
        "kind": PROJECTS.kind,
        "metadata": {"name": DEFAULT_PROJECT, "namespace": namespace},
        "spec": SPEC,
    }
    try:
        await client.create(PROJECTS, body, namespace)
    except AlreadyExistsError:
        return
