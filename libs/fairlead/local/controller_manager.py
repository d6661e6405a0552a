"""kube-controller-manager.

Why: Deployments, Jobs, garbage collection and namespaces are its work. Invariant: node lifecycle stays on, or
the not-ready taint of new nodes would never go and every pod would stay Pending.
"""

from pathlib import Path

from fairlead.local.layout import Layout

NAME = "kube-controller-manager"
REQUESTS_PER_SECOND = 4000
SYNCS = 20
CONTROLLERS = (
    "deployment",
    "replicaset",
    "statefulset",
    "daemonset",
    "job",
    "cron-job",
    "endpoint",
    "service-endpoint",
    "gc",
    "namespace",
)


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """The arguments; many syncs at once and no client-side rate limit, as hundreds of apps are measured."""
    kubeconfig = layout.kubeconfig("controller-manager")
    return [
        binary,
        NAME,
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        f"--root-ca-file={layout.pki.ca.certificate}",
        f"--service-account-private-key-file={layout.pki.service_account_key}",
        "--use-service-account-credentials",
        "--leader-elect=false",
        "--secure-port=0",
        "--controllers=*,-nodeipam,-cloud-node-lifecycle",
        f"--kube-api-qps={REQUESTS_PER_SECOND}",
        f"--kube-api-burst={2 * REQUESTS_PER_SECOND}",
        *(f"--concurrent-{controller}-syncs={SYNCS}" for controller in CONTROLLERS),
    ]
