"""kwok, which plays the kubelets.

Why: there are no containers here, yet Deployments must become available and Jobs complete. Invariant: what
nodes and pods do is written in `deploy/local/kwok/stages.yaml` and nowhere else.
"""

from pathlib import Path

from fairlead.local.layout import Layout
from fairlead.local.sources import source_folder

NAME = "kwok"
STAGES = "stages.yaml"


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """The arguments; every node of this cluster is simulated."""
    return [
        binary,
        f"--kubeconfig={layout.kubeconfig('kwok')}",
        f"--config={source_folder('deploy/local/kwok') / STAGES}",
        "--manage-all-nodes=true",
        "--node-ip=10.1.0.1",
        "--cidr=10.2.0.0/16",
    ]
