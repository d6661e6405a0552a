"""What a started api-server has not read: modules that cost memory and that only others need."""

import subprocess
import sys

OF_OTHERS = (
    "fairlead.app_controller",
    "fairlead.cli",
    "fairlead.local",
    "fairlead.repo_server",
    "grpc",
    "google.protobuf",
    "kubernetes_asyncio",
    "pygments",
    "pytest",
    "rich",
)


def test_a_fresh_api_server_has_not_imported_what_only_others_need() -> None:
    program = "import sys, fairlead.api_server.__main__, fairlead.api_server.wiring; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    imported = set(run.stdout.split())
    assert {"fairlead.api_server.wiring", "structlog"} <= imported
    assert imported.isdisjoint(OF_OTHERS)


def test_rich_is_there_for_whoever_asks_for_it_afterwards() -> None:
    program = "import fairlead.process, structlog.dev, rich.table; print(structlog.dev.rich)"
    run = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=120
    )
    assert run.stdout.strip() == "None"
