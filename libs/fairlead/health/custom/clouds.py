"""Resources of clouds: Crossplane, Upbound, AWS Controllers, Config Connector, SAP, spot.io, kro.

Conditions: docs.crossplane.io/latest/concepts, aws-controllers-k8s.github.io,
cloud.google.com/config-connector, github.com/SAP/sap-btp-service-operator, kro.run/docs,
github.com/keikoproj/iam-manager.
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_count import ByCount
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, COMING, GOING, KSTATUS_IF_ANY, OK, THERE, Table

PROVIDED = ByConditions(demanded=("Synced", "LastAsyncOperation"), on_false=GOING)
PACKAGE = ByConditions(
    ready=("Installed", "Healthy"), passing=("UnpackingPackage", "UnknownPackageRevisionHealth")
)
DEFINED = ByConditions(
    ready=("Established",), passing=("WatchingCompositeResource", "TerminatingCompositeResource")
)
PLAIN = (
    "ClusterProviderConfig ClusterProviderConfigUsage Composition CompositionRevision ControllerConfig "
    "DeploymentRuntimeConfig EnvironmentConfig ImageConfig ProviderConfigUsage StoreConfig"
)
"""Kinds of Crossplane that are only read, and have no conditions."""
ACK = ByConditions(
    ready=("ACK.ResourceSynced",), failed=("ACK.Terminal",), working=("ACK.Recoverable",), on_false=GOING
)
CONNECTED = ByConditions(passing=("Updating", "DependencyNotReady", "DependencyNotFound", "Deleting"))
BOUND = ByConditions(
    ready=("Succeeded", "Ready"),
    failed=("Failed",),
    passing=("CreateInProgress", "UpdateInProgress", "DeleteInProgress", "InProgress", "Provisioning"),
    optional=True,
)
INSTANCE = ByWord(
    words={"ACTIVE": OK, "IN_PROGRESS": GOING, "FAILED": BAD, "ERROR": BAD, "DELETING": GOING},
    path=("status", "state"),
    rest=KSTATUS_IF_ANY,
    none=KSTATUS_IF_ANY,
)
GRAPH = ByWord(
    words={"Active": OK, "Inactive": BAD},
    path=("status", "state"),
    message=("status", "topologicalOrderError"),
    none=ByConditions(),
)
ROLE = ByWord(
    words={
        "Ready": OK,
        "Error": BAD,
        "PolicyNotAllowed": BAD,
        "RolesMaxLimitReached": BAD,
        "RoleNameNotAvailable": BAD,
    },
    path=("status", "state"),
    message=("status", "errorDescription"),
)

TABLE: Table = {
    "iammanager.keikoproj.io": {"Iamrole": ROLE},
    "kro.run": {"ResourceGraphDefinition": GRAPH, "*": INSTANCE},
    "pkg.crossplane.io": {"Configuration Function Provider": PACKAGE, PLAIN: THERE},
    "apiextensions.crossplane.io": {"CompositeResourceDefinition": DEFINED, PLAIN: THERE},
    "services.cloud.sap.com": {"ServiceBinding ServiceInstance": BOUND},
    "spot.io": {
        "SpotDeployment": ByCount(
            counts=(
                ("status", "updatedReplicas"),
                ("status", "readyReplicas"),
                ("status", "availableReplicas"),
            )
        )
    },
    "stacks.crossplane.io": {"ClusterStackInstall": COMING},
    "*.cnrm.cloud.google.com": {"*": CONNECTED},
    "*.crossplane.io": {"ProviderConfig": THERE, PLAIN: THERE, "*": PROVIDED},
    "*.services.k8s.aws": {"*": ACK},
    "*.upbound.io": {"ProviderConfig": THERE, PLAIN: THERE, "*": PROVIDED},
}
