"""The objects that the benchmark makes and watches, as much of them as it looks at."""

import msgspec

from fairlead.kube.resource import Resource
from tests.bench.observer import Metadata


def _resource(group: str, version: str, kind: str, plural: str, *, namespaced: bool = True) -> Resource:
    return Resource(group=group, version=version, plural=plural, kind=kind, namespaced=namespaced)


NAMESPACES = _resource("", "v1", "Namespace", "namespaces", namespaced=False)
DEPLOYMENTS = _resource("apps", "v1", "Deployment", "deployments")
SERVICES = _resource("", "v1", "Service", "services")
CONFIG_MAPS = _resource("", "v1", "ConfigMap", "configmaps")
APPLICATIONS = _resource("argoproj.io", "v1alpha1", "Application", "applications")
EVENTS = _resource("", "v1", "Event", "events")
SECRETS = _resource("", "v1", "Secret", "secrets")
WORKLOAD = {resource.kind: resource for resource in (DEPLOYMENTS, SERVICES, CONFIG_MAPS)}


class Container(msgspec.Struct, frozen=True):
    image: str = ""


class PodSpec(msgspec.Struct, frozen=True):
    containers: tuple[Container, ...] = ()


class Template(msgspec.Struct, frozen=True):
    spec: PodSpec = PodSpec()


class DeploymentSpec(msgspec.Struct, frozen=True):
    replicas: int = 1
    template: Template = Template()


class DeploymentStatus(msgspec.Struct, frozen=True, rename="camel"):
    available_replicas: int = 0


class Deployment(msgspec.Struct, frozen=True):
    """A Deployment: how many, of what, and how many are available."""

    metadata: Metadata
    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()

    @property
    def image(self) -> str:
        """The image of its first container."""
        return self.spec.template.spec.containers[0].image

    @property
    def is_available(self) -> bool:
        """Whether as many pods are available as are asked for."""
        return self.status.available_replicas >= self.spec.replicas


class SyncStatus(msgspec.Struct, frozen=True):
    status: str = ""
    revision: str = ""


class HealthStatus(msgspec.Struct, frozen=True):
    status: str = ""


class Condition(msgspec.Struct, frozen=True):
    type: str = ""
    message: str = ""


class ApplicationStatus(msgspec.Struct, frozen=True):
    sync: SyncStatus = SyncStatus()
    health: HealthStatus = HealthStatus()
    conditions: tuple[Condition, ...] = ()


class Application(msgspec.Struct, frozen=True):
    """An Application: what its status says."""

    metadata: Metadata
    status: ApplicationStatus = ApplicationStatus()

    @property
    def is_settled(self) -> bool:
        """Synced and Healthy."""
        return self.status.sync.status == "Synced" and self.status.health.status == "Healthy"

    @property
    def revision(self) -> str:
        """The commit it is compared with."""
        return self.status.sync.revision
