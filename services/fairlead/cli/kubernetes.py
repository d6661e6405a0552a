"""Which Kubernetes a command talks to where no server of ours is asked, and as whom.

The invariant: what is named wins over the environment, that over the file at home, and only where none of
them is there does a pod's own account act: so a backup that runs in the cluster needs no kubeconfig.
"""

import os
from pathlib import Path

from fairlead.cli.config_file import home
from fairlead.cli.errors import SettingsError
from fairlead.kube.connection import Connection, in_cluster
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.kubeconfig import from_kubeconfig

CONTROL_PLANE = "argocd"
"""Namespace of a control plane where nothing names another."""


def kubernetes(named: str = "", context: str = "", *, cluster: str = "", user: str = "") -> Connection:
    """The connection of a kubeconfig, else of a pod. Raises SettingsError."""
    try:
        if not named and not context and not _is_there():
            return in_cluster()
    except ConnectionConfigError:
        """We are in no pod, so the kubeconfig that is missing is what is to be told."""
    try:
        return from_kubeconfig(named or kubeconfig_file(), context or None, cluster=cluster, user=user)
    except ConnectionConfigError as error:
        raise SettingsError(f"no cluster to ask: {error}; KUBECONFIG names another file") from error


def kubeconfig_file() -> str:
    """The kubeconfig of the environment: the first of KUBECONFIG that is there, else the one at home."""
    named = _named()
    there = (name for name in named if Path(name).exists())
    return next(there, named[0] if named else "") or str(home() / ".kube" / "config")


def namespace_of(connection: Connection) -> str:
    """The namespace of the control plane, as the context says; a context that chooses none says `default`."""
    return connection.namespace if connection.namespace != "default" else CONTROL_PLANE


def _named() -> list[str]:
    return [name for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]


def _is_there() -> bool:
    """Whether there is a kubeconfig, or one was named that should be there."""
    try:
        return bool(_named()) or Path(kubeconfig_file()).exists()
    except SettingsError:
        return False
