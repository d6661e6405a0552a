"""Secrets that come from elsewhere: External Secrets, Sealed Secrets, 1Password, SOPS.

Conditions: external-secrets.io/latest/api/spec, github.com/bitnami-labs/sealed-secrets,
developer.1password.com/docs/k8s, projectcapsule.dev (sops-operator).
"""

from __future__ import annotations

from fairlead.health.by_conditions import ByConditions
from fairlead.health.custom.shapes import KSTATUS, READY, Table
from fairlead.health.judge import By
from fairlead.health.status import Health, degraded, healthy, progressing
from fairlead.manifest.fields import Manifest, text_at


def fetched(obj: Manifest) -> Health:
    """ExternalSecret of kubernetes-external-secrets: `SUCCESS`, or `ERROR, ` and what went wrong."""
    word = text_at(obj, "status", "status")
    if word == "SUCCESS":
        return healthy()
    return degraded(word) if word.startswith("ERROR") else progressing("Waiting for the secret")


TABLE: Table = {
    "addons.projectcapsule.dev": {"GlobalSopsSecret SopsProvider SopsSecret": KSTATUS},
    "bitnami.com": {"SealedSecret": ByConditions(ready=("Synced",))},
    "external-secrets.io": {
        "ClusterExternalSecret ClusterSecretStore ExternalSecret PushSecret SecretStore": READY,
    },
    "kubernetes-client.io": {"ExternalSecret": By(fetched)},
    "onepassword.com": {"OnePasswordItem": READY},
}
