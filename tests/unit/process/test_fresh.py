"""What started services have not read: modules that cost memory and that only others need."""

import subprocess
import sys

import pytest

OF_OTHERS = (
    "fairlead.api_server",
    "fairlead.app_controller",
    "fairlead.cache.remote",
    "fairlead.cli",
    "fairlead.git",
    "fairlead.local",
    "fairlead.repo_server",
    "asyncssh",
    "cryptography",
    "git",
    "grpclib",
    "kubernetes_asyncio",
    "pygments",
    "pytest",
    "redis",
    "rich",
)


NEEDED = {"notifications": {"fairlead.git"}}
"""By service; senders show themselves to GitHub and to clouds."""


@pytest.mark.parametrize("service", ["applicationset_controller", "notifications"])
def test_a_fresh_service_has_not_imported_what_only_others_need(service: str) -> None:
    program = f"import sys, fairlead.{service}.__main__; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    imported = set(run.stdout.split())
    assert {f"fairlead.{service}.wiring", "structlog"} <= imported
    assert imported & set(OF_OTHERS) <= NEEDED.get(service, set())
