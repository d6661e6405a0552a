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


NEEDED = {
    "app_controller": {
        "fairlead.app_controller",
        "fairlead.cache.remote",
        "fairlead.git",
        "cryptography",
        "redis",
    },
    "notifications": {"fairlead.git"},
    "repo_server": {
        "fairlead.repo_server",
        "fairlead.cache.remote",
        "fairlead.git",
        "cryptography",
        "git",
        "grpclib",
        "redis",
    },
}
"""By service. Senders of notifications show themselves to GitHub and to clouds; SSH is spoken, and imported,
when the first repository over SSH is looked at."""


@pytest.mark.parametrize(
    "service", ["app_controller", "applicationset_controller", "notifications", "repo_server"]
)
def test_a_fresh_service_has_not_imported_what_only_others_need(service: str) -> None:
    program = f"import sys, fairlead.{service}.__main__; from aiohttp import connector; print(*sys.modules)"
    program += "; assert connector._SSL_CONTEXT_VERIFIED.cert_store_stats()['x509'] == 0"
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    imported = set(run.stdout.split())
    assert {f"fairlead.{service}.wiring", "structlog"} <= imported
    assert imported & set(OF_OTHERS) <= NEEDED.get(service, set())
