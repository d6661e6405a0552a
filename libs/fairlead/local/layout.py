"""Where a control plane keeps its things, and on which ports it listens.

Why: every program's arguments are made of the same few places. Invariant: nothing of a suite is outside
`root`.
"""

from pathlib import Path

import msgspec

from fairlead.local.pki import Pki
from fairlead.local.ports import LOOPBACK, choose_port


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """TCP ports on the loopback address; 0 lets one be chosen."""

    apiserver: int = 0
    etcd_client: int = 0
    etcd_peer: int = 0
    etcd_http: int = 0

    def chosen(self) -> "Ports":
        """The same with every 0 replaced by a free port."""
        return Ports(
            apiserver=choose_port(self.apiserver),
            etcd_client=choose_port(self.etcd_client),
            etcd_peer=choose_port(self.etcd_peer),
            etcd_http=choose_port(self.etcd_http),
        )


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """One control plane's folder, ports and keys."""

    root: Path
    ports: Ports
    pki: Pki

    @property
    def url(self) -> str:
        """The apiserver's address."""
        return f"https://{LOOPBACK}:{self.ports.apiserver}"

    @property
    def etcd_url(self) -> str:
        """Where etcd serves its clients, on loopback only and to those with a certificate."""
        return f"https://{LOOPBACK}:{self.ports.etcd_client}"

    def kubeconfig(self, client: str) -> Path:
        """The kubeconfig file of one of `pki.CLIENTS`."""
        return self.root / f"{client}.kubeconfig"

    @property
    def audit_log(self) -> Path:
        """Where the apiserver writes what service accounts asked for, when it is told to."""
        return self.root / "logs" / "audit.log"

    def log_file(self, server: str) -> Path:
        """Where that program's output goes."""
        return self.root / "logs" / f"{server}.log"
