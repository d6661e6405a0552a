"""kube-scheduler.

Why: pods become a node's only through it. Invariant: the real default profile, with no client-side rate
limit.
"""

from pathlib import Path

from fairlead.local.layout import Layout

NAME = "kube-scheduler"
REQUESTS_PER_SECOND = 4000


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """The arguments."""
    kubeconfig = layout.kubeconfig("scheduler")
    return [
        binary,
        NAME,
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        f"--kube-api-qps={REQUESTS_PER_SECOND}",
        f"--kube-api-burst={2 * REQUESTS_PER_SECOND}",
    ]
