"""kube-apiserver.

Why: it is the cluster, as far as Fairlead can tell. Invariant: RBAC decides, tokens are signed by keys of
this folder, and it listens on loopback only.
"""

from pathlib import Path

import msgspec

from fairlead.local.layout import Layout
from fairlead.local.pki import SERVICE_RANGE
from fairlead.local.ports import LOOPBACK

NAME = "kube-apiserver"
ISSUER = "https://kubernetes.default.svc"
READS_IN_FLIGHT = 800
WRITES_IN_FLIGHT = 400


AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}],
}
"""Who asked for what, of service accounts alone, and no bodies."""


def argv(binary: Path, layout: Layout, *, audit: bool = False) -> list[str | Path]:
    """The arguments; a loopback address can be no endpoint, so nothing reconciles those of `kubernetes`.

    The ServiceAccount admission is off: it makes every pod wait for its namespace's default account, and no
    simulated pod reads a token. Priority and fairness is off too, the limits in flight stay: 300 Deployments
    with their Services and ConfigMaps took the apiserver 5.8 CPU-seconds with it and 4.7 without. Nodes
    answer for logs at their external address, which is this machine.
    """
    pki = layout.pki
    return [
        binary,
        NAME,
        f"--etcd-servers={layout.etcd_url}",
        f"--etcd-cafile={pki.ca.certificate}",
        f"--etcd-certfile={pki.clients['admin'].certificate}",
        f"--etcd-keyfile={pki.clients['admin'].key}",
        f"--secure-port={layout.ports.apiserver}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",
        f"--tls-cert-file={pki.server.certificate}",
        f"--tls-private-key-file={pki.server.key}",
        f"--client-ca-file={pki.ca.certificate}",
        f"--service-account-issuer={ISSUER}",
        f"--service-account-key-file={pki.service_account_public_key}",
        f"--service-account-signing-key-file={pki.service_account_key}",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--authorization-mode=RBAC",
        "--kubelet-preferred-address-types=ExternalIP",
        "--disable-admission-plugins=ServiceAccount",
        f"--max-requests-inflight={READS_IN_FLIGHT}",
        f"--max-mutating-requests-inflight={WRITES_IN_FLIGHT}",
        "--enable-priority-and-fairness=false",
        "--profiling=false",
        "--shutdown-delay-duration=0s",
        *(_audit(layout) if audit else ()),
    ]


def _audit(layout: Layout) -> list[str]:
    policy = layout.root / "audit-policy.json"
    policy.write_bytes(msgspec.json.encode(AUDIT_POLICY))
    return [
        f"--audit-policy-file={policy}",
        f"--audit-log-path={layout.audit_log}",
        "--audit-log-mode=blocking",
    ]
