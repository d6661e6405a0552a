import pytest

from fairlead.kube.errors import ImpossibleNameError
from fairlead.kube.resource import Resource

PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)
ROLES = Resource(
    group="rbac.authorization.k8s.io",
    version="v1",
    plural="clusterroles",
    kind="ClusterRole",
    namespaced=False,
)


def test_paths_name_group_version_namespace_and_subresource() -> None:
    assert PODS.path() == "/api/v1/pods"
    assert PODS.path("a") == "/api/v1/namespaces/a/pods"
    assert PODS.path("a", "p", "log") == "/api/v1/namespaces/a/pods/p/log"
    assert ROLES.path(None, "admin") == "/apis/rbac.authorization.k8s.io/v1/clusterroles/admin"


def test_a_cluster_scoped_kind_has_no_namespace_in_its_path() -> None:
    assert ROLES.path("a", "admin") == ROLES.path(None, "admin")


def test_names_cannot_leave_their_segment() -> None:
    assert ROLES.path(None, "system:node/x?y#z").endswith("/clusterroles/system%3Anode%2Fx%3Fy%23z")
    for name in ("", ".", ".."):
        with pytest.raises(ImpossibleNameError, match="cannot be the name"):
            PODS.path("a", name)
