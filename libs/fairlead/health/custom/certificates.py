"""Certificates and what issues them: cert-manager, its trust bundles, Google's managed certificates.

Conditions: cert-manager.io/docs/reference/api-docs, cloud.google.com/kubernetes-engine (ManagedCertificate).
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.by_word import ByWord
from fairlead.health.custom.shapes import BAD, GOING, OK, READY, Table

ISSUED = ByConditions(working=("Issuing",), bare="Waiting for the certificate")
REQUESTED = ByConditions(failed=("InvalidRequest", "Denied"), passing=("Pending",))
ORDERED = ByWord(
    words={"valid": OK, "invalid": BAD, "errored": BAD, "expired": BAD},
    path=("status", "state"),
    message=("status", "reason"),
)
MANAGED = ByWord(
    words={
        "Active": OK,
        "Provisioning": GOING,
        "FailedNotVisible": BAD,
        "ProvisioningFailed": BAD,
        "ProvisioningFailedPermanently": BAD,
        "RenewalFailed": BAD,
    },
    path=("status", "certificateStatus"),
)

TABLE: Table = {
    "acme.cert-manager.io": {"Challenge Order": ORDERED},
    "cert-manager.io": {
        "Certificate": ISSUED,
        "CertificateRequest": REQUESTED,
        "ClusterIssuer Issuer": READY,
    },
    "certmanager.k8s.io": {"Certificate": ISSUED, "Issuer": READY},
    "networking.gke.io": {"ManagedCertificate": MANAGED},
    "trust.cert-manager.io": {"Bundle": ByConditions(ready=("Synced",))},
}
