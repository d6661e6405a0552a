"""etcd, the control plane's store.

Why: kube-apiserver keeps everything there. Invariant: its data folder is all there is to back up or wipe.
"""

from pathlib import Path

from fairlead.local.layout import Layout
from fairlead.local.ports import LOOPBACK

NAME = "etcd"
QUOTA_BYTES = 4 * 1024**3


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """etcd with the durability of a development machine: no fsync, so a power cut may lose its data."""
    peer = f"http://{LOOPBACK}:{layout.ports.etcd_peer}"
    return [
        binary,
        NAME,
        "--name=local",
        f"--data-dir={layout.root / 'etcd'}",
        f"--listen-client-urls={layout.etcd_url}",
        f"--advertise-client-urls={layout.etcd_url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        "--unsafe-no-fsync",
        "--snapshot-count=100000",
        f"--quota-backend-bytes={QUOTA_BYTES}",
        "--log-level=warn",
        "--logger=zap",
    ]
