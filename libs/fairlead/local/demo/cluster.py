"""What the demo's checks ask the cluster, past Fairlead: answers are "" when true, else what was seen."""

import base64
from typing import Any

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient

DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)
SERVICES = Resource(group="", version="v1", plural="services", kind="Service", namespaced=True)
APPLICATIONS = Resource(
    group="argoproj.io", version="v1alpha1", plural="applications", kind="Application", namespaced=True
)


class ClusterView:
    """Reads of the cluster, independent of Fairlead."""

    def __init__(self, client: KubeClient, control_namespace: str) -> None:
        self._client = client
        self._control = control_namespace

    async def replicas(self, namespace: str, name: str, wanted: int) -> str:
        """Whether the Deployment asks for `wanted` replicas and has them ready."""
        found = await self._get(DEPLOYMENTS, name, namespace)
        if found is None:
            return f"no Deployment {namespace}/{name}"
        spec, ready = found["spec"].get("replicas"), found.get("status", {}).get("readyReplicas", 0)
        return "" if (spec, ready) == (wanted, wanted) else f"spec.replicas {spec}, ready {ready}"

    async def image(self, namespace: str, name: str, wanted: str) -> str:
        """Whether the Deployment's first container runs this image."""
        found = await self._get(DEPLOYMENTS, name, namespace)
        if found is None:
            return f"no Deployment {namespace}/{name}"
        image = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return "" if image == wanted else f"image {image}"

    async def is_gone(self, namespace: str, name: str) -> str:
        """Whether Deployment and Service of this name are gone."""
        left = [r.kind for r in (DEPLOYMENTS, SERVICES) if await self._get(r, name, namespace) is not None]
        return f"still there: {', '.join(left)}" if left else ""

    async def application(self, name: str, sync: str, health: str, revision: str = "") -> str:
        """Whether the Application has this sync status and health, and this revision when given."""
        found = await self._get(APPLICATIONS, name, self._control)
        if found is None:
            return f"no Application {name}"
        status = found.get("status", {})
        seen = (status.get("sync", {}).get("status"), status.get("health", {}).get("status"))
        at = status.get("sync", {}).get("revision", "")
        if seen == (sync, health) and (not revision or at == revision):
            return ""
        conditions = "; ".join(item["message"] for item in status.get("conditions", ()))
        return f"{seen[0]}, {seen[1]} at {at[:7]} {conditions}".rstrip()

    async def no_application(self, name: str) -> str:
        """Whether the Application is gone."""
        return "" if await self._get(APPLICATIONS, name, self._control) is None else "still there"

    async def _get(self, resource: Resource, name: str, namespace: str) -> dict[str, Any] | None:
        found = await self._client.find(resource, name, namespace)
        return None if found is None else msgspec.json.decode(found, type=dict[str, Any])


def password_of(secret: bytes) -> str:
    """The initial password of admin from its Secret."""
    return base64.b64decode(msgspec.json.decode(secret)["data"]["password"]).decode()
