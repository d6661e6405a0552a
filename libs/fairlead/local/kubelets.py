"""What plays the kubelets: one more program of the control plane's binary.

Why: there are no containers here, yet Deployments must become available and Jobs complete. Invariant: what
nodes and pods do is written in `deploy/local/controlplane/nodes` and nowhere else.
"""

from pathlib import Path

from fairlead.local.layout import Layout

NAME = "nodes"


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """The arguments; every node of this cluster is simulated."""
    return [binary, NAME, f"--kubeconfig={layout.kubeconfig(NAME)}"]
