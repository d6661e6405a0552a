"""The install manifests go into a real cluster as they are, and give each service only its rights."""

import os
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
import yaml

from fairlead.local.control_plane import ControlPlane
from fairlead.local.errors import KubernetesError
from fairlead.local.plain_manifests import BUNDLES
from tests.integration.crds.conftest import MANIFESTS

CHOSEN = "any-namespace/"
"""Of no installation until somebody wants it: applied only where Applications may be anywhere."""
CONTROL_NAMESPACE = "crd-install"
OTHER_NAMESPACE = "default"
OVERLAY = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {namespace}
resources:
- {manifests}
patches:  # the cluster is shared, and a binding of the usual name may be somebody else's
- target: {{kind: ClusterRoleBinding}}
  options: {{allowNameChange: true}}
  patch: |
    - {{op: replace, path: /metadata/name, value: {namespace}}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installed(
    cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ControlPlane]:
    """The cluster with everything applied in a namespace of this module's own."""
    overlay = tmp_path_factory.mktemp("overlay").resolve()
    manifests = os.path.relpath(MANIFESTS.resolve(), overlay)
    text = OVERLAY.format(namespace=CONTROL_NAMESPACE, manifests=manifests)
    (overlay / "kustomization.yaml").write_text(text)
    await cluster.kubectl("create", "namespace", CONTROL_NAMESPACE)
    apply = ("apply", "--server-side", "--force-conflicts", "--validate=strict")
    await cluster.kubectl(*apply, "-k", str(overlay))
    yield cluster
    await cluster.kubectl("delete", "clusterrolebinding", CONTROL_NAMESPACE)
    await cluster.kubectl("delete", "namespace", CONTROL_NAMESPACE, "--wait=false")


class Request(NamedTuple):
    """A service's account, and what it wants to do."""

    account: str
    verb: str
    resource: str
    namespace: str


async def allowed(cluster: ControlPlane, request: Request) -> bool:
    subject = f"--as=system:serviceaccount:{CONTROL_NAMESPACE}:{request.account}"
    question = (request.verb, request.resource, "-n", request.namespace)
    try:
        answer = await cluster.kubectl("auth", "can-i", *question, subject)
    except KubernetesError:  # kubectl's way to say no
        return False
    return answer.strip() == "yes"


async def test_settings_arrive_with_the_marks_that_make_them_seen(installed: ControlPlane) -> None:
    names = await installed.kubectl(
        "get",
        "configmaps,secrets",
        "-n",
        CONTROL_NAMESPACE,
        "-l",
        "app.kubernetes.io/part-of=argocd",
        "-o",
        "name",
    )
    expected = {"cm", "cmd-params-cm", "rbac-cm", "ssh-known-hosts-cm", "tls-certs-cm", "gpg-keys-cm"}
    assert set(names.split()) >= {f"configmap/argocd-{name}" for name in expected} | {"secret/argocd-secret"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Request("argocd-repo-server", "list", "secrets", CONTROL_NAMESPACE), False),
        (Request("argocd-repo-server", "get", "secrets", CONTROL_NAMESPACE), False),
        (Request("argocd-repo-server", "watch", "configmaps", CONTROL_NAMESPACE), False),
        (Request("argocd-repo-server", "update", "secrets", CONTROL_NAMESPACE), False),
        (Request("argocd-repo-server", "get", "applications.argoproj.io", CONTROL_NAMESPACE), False),
        (Request("argocd-repo-server", "get", "secrets", OTHER_NAMESPACE), False),
        (Request("argocd-server", "delete", "applications.argoproj.io", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "create", "appprojects.argoproj.io", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "patch", "applicationsets.argoproj.io", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "create", "events", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "patch", "secrets", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "delete", "secrets", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "patch", "configmaps", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "delete", "configmaps", CONTROL_NAMESPACE), False),
        (Request("argocd-server", "delete", "appprojects.argoproj.io", CONTROL_NAMESPACE), True),
        (Request("argocd-server", "delete", "secrets", OTHER_NAMESPACE), False),
        (Request("argocd-server", "get", "pods", CONTROL_NAMESPACE), False),
        (Request("argocd-server", "patch", "secrets", OTHER_NAMESPACE), False),
        (Request("argocd-server", "delete", "deployments.apps", OTHER_NAMESPACE), False),
        (Request("argocd-application-controller", "delete", "deployments.apps", OTHER_NAMESPACE), True),
        (
            Request(
                "argocd-application-controller", "update", "leases.coordination.k8s.io", CONTROL_NAMESPACE
            ),
            True,
        ),
    ],
)
async def test_each_service_may_do_its_work_and_no_more(
    installed: ControlPlane, asked: Request, expected: bool
) -> None:
    assert await allowed(installed, asked) is expected


def test_every_file_holds_one_object_and_is_part_of_the_whole() -> None:
    made = {bundle.file for bundle in BUNDLES}  # each a whole by itself
    files = {str(path.relative_to(MANIFESTS)) for path in MANIFESTS.glob("*/*.yaml")} - made
    kustomization = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())
    assert set(kustomization["resources"]) == {file for file in files if not file.startswith(CHOSEN)}
    for file in files:
        documents = list(yaml.load_all((MANIFESTS / file).read_text(), Loader=yaml.CSafeLoader))
        assert len(documents) == 1
        assert documents[0]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"


def test_default_settings_are_yaml_inside() -> None:
    data = yaml.safe_load((MANIFESTS / "config" / "argocd-cm.yaml").read_text())["data"]
    exclusions = yaml.safe_load(data["resource.exclusions"])
    assert all(set(rule) == {"apiGroups", "kinds", "clusters"} for rule in exclusions)
    ignored = {
        key.removeprefix("resource.customizations.ignoreResourceUpdates."): yaml.safe_load(text)
        for key, text in data.items()
        if key.startswith("resource.customizations.")
    }
    assert ignored["all"] == {"jsonPointers": ["/status"]}
    assert "/operation" in ignored["argoproj.io_Application"]["jsonPointers"]
    assert len(ignored) == 8
