"""Kubeconfig files for the clients of a local control plane.

Why: kubectl, the controllers and our own services all start from one. Invariant: a file is self-contained
(keys inside, no paths) and readable by its owner only.
"""

import base64
from pathlib import Path

import msgspec

from fairlead.local.pki import KeyPair

CONTEXT = "fairlead-local"


def write_kubeconfig(file: Path, *, url: str, ca: Path, client: KeyPair) -> Path:
    """Write a kubeconfig (JSON, which is YAML too) whose only context reaches `url` with that certificate."""
    cluster = {"server": url, "certificate-authority-data": _encoded(ca)}
    user = {
        "client-certificate-data": _encoded(client.certificate),
        "client-key-data": _encoded(client.key),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    partial = file.with_name(f".{file.name}.partial")
    partial.touch(mode=0o600)
    partial.write_bytes(msgspec.json.format(msgspec.json.encode(config)))
    partial.replace(file)
    return file


def _encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()
