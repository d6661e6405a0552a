"""What a suite is started with."""

import os
from pathlib import Path

import msgspec

OBSERVING = ("repo-server", "app-controller", "api-server")
"""Those of a suite that only observes: the others would write, or tell others what happens."""
SERVICES = ("repo-server", "app-controller", "api-server", "applicationset-controller", "notifications")
"""The processes of Fairlead itself, in the order in which they are stopped in reverse."""
HYDRATING = ("commit-server",)
"""Those beside them of a suite that hydrates."""
PREVIEWING = ("preview",)
"""Those beside them of a suite that previews pull requests."""


def default_data_dir() -> Path:
    """Where a suite keeps its data unless told otherwise."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "fairlead"


class SuiteConfig(msgspec.Struct, frozen=True, kw_only=True):
    """`kubeconfig` None means a control plane of our own; port 0 means any free one."""

    data_dir: Path
    kubeconfig: Path | None = None
    kube_context: str = ""
    namespace: str = "argocd"
    port: int = 8080
    insecure: bool = False
    log_format: str = "console"
    log_level: str = "info"
    nodes: int = 2
    poll_seconds: float = 120.0
    service_flags: dict[str, tuple[str, ...]] = {}
    """Further flags by service, for tests and experiments."""
    service_variables: dict[str, dict[str, str]] = {}
    """The same of the environment."""
    longest_pause: float = 5.0
    """Seconds at most before a service that ended is started again."""
    replicas: dict[str, int] = {}
    """How many processes of a service, one unless said."""
    observes: bool = False
    """Whether nothing is written to the cluster of `kubeconfig`, which everybody uses as its owner does."""
    hydrates: bool = False
    """Whether there is a commit server, and `hydrator.enabled` is on where nobody said otherwise."""
    previews: bool = False
    """Whether pull requests are told what they would deploy."""
    builds_ui: bool = False
    """Whether the web UI is built when it is not; otherwise it is served if it was built before."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services that run."""
        if self.observes:
            return OBSERVING
        beside = (*(HYDRATING if self.hydrates else ()), *(PREVIEWING if self.previews else ()))
        return (*SERVICES, *beside)

    def instances(self) -> dict[str, str]:
        """The service of each process by the process's name: `api-server`, `api-server-2`, …"""
        return {
            service if number == 1 else f"{service}-{number}": service
            for service in self.services
            for number in range(1, self.replicas.get(service, 1) + 1)
        }
