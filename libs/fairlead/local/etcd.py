"""etcd, the control plane's store.

Why: kube-apiserver keeps everything there. Invariant: its data folder is all there is to back up or wipe.
"""

from pathlib import Path

from fairlead.local.layout import Layout
from fairlead.local.ports import LOOPBACK

NAME = "etcd"
QUOTA_BYTES = 4 * 1024**3


def argv(binary: Path, layout: Layout) -> list[str | Path]:
    """etcd with the durability of a development machine: no fsync, so a power cut may lose its data.

    It serves whoever has a certificate of ours: other users of the machine reach its port too. HTTP has a
    port of its own, which nobody asks: beside it gRPC would be served by Go's HTTP server, which takes a
    third more of the processor.
    """
    peer, pki = f"https://{LOOPBACK}:{layout.ports.etcd_peer}", layout.pki
    return [
        binary,
        NAME,
        "--name=local",
        f"--data-dir={layout.root / 'etcd'}",
        f"--listen-client-urls={layout.etcd_url}",
        f"--listen-client-http-urls=https://{LOOPBACK}:{layout.ports.etcd_http}",
        f"--advertise-client-urls={layout.etcd_url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=local={peer}",
        f"--cert-file={pki.server.certificate}",
        f"--key-file={pki.server.key}",
        "--client-cert-auth",
        f"--trusted-ca-file={pki.ca.certificate}",
        f"--peer-cert-file={pki.server.certificate}",
        f"--peer-key-file={pki.server.key}",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={pki.ca.certificate}",
        "--enable-grpc-gateway=false",
        "--unsafe-no-fsync",
        "--snapshot-count=100000",
        f"--quota-backend-bytes={QUOTA_BYTES}",
        "--log-level=warn",
        "--logger=zap",
    ]
