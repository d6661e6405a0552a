"""When a desired state is still right after the cluster serves something else."""

from types import SimpleNamespace
from typing import cast

from fairlead.app_controller.comparing.desired import Basis, from_documents
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.kube.catalogue import Catalogue, GroupVersion
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import Tracking

BASIS = Basis(digest="d", instance="web", namespace="work", tracking=Tracking())
DOCUMENT = b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}'


class Discovered:
    """The discovery of a cluster, which counts who asks for the scope of a kind."""

    def __init__(self) -> None:
        self.asked = 0
        self.turn(namespaced=True)

    def turn(self, *, namespaced: bool) -> None:
        kind = Resource(group="", version="v1", plural="configmaps", kind="ConfigMap", namespaced=namespaced)
        self.catalogue = Catalogue([GroupVersion(group="", version="v1", resources=(kind,))])

    def is_namespaced(self, group: str, kind: str) -> bool | None:
        self.asked += 1
        found = self.catalogue.resource_for(group, kind)
        return found.namespaced if found else None


def test_only_a_change_of_what_is_served_asks_for_each_object() -> None:
    discovered = Discovered()
    cluster = cast(Cluster, SimpleNamespace(discovery=discovered))
    state = from_documents((DOCUMENT,), BASIS, cluster)
    assert state.fitted(BASIS, cluster) is state
    discovered.turn(namespaced=True)
    discovered.asked = 0
    renewed = state.fitted(BASIS, cluster)
    assert renewed is not None and renewed.prepared is state.prepared
    assert discovered.asked == 1
    assert renewed.fitted(BASIS, cluster) is renewed
    assert discovered.asked == 1, "what was found right is not asked for at every look"


def test_a_state_is_wrong_when_its_basis_or_an_objects_scope_is_another() -> None:
    discovered = Discovered()
    cluster = cast(Cluster, SimpleNamespace(discovery=discovered))
    state = from_documents((DOCUMENT,), BASIS, cluster)
    other = Basis(digest="e", instance="web", namespace="work", tracking=Tracking())
    assert state.fitted(other, cluster) is None
    discovered.turn(namespaced=False)
    assert state.fitted(BASIS, cluster) is None
