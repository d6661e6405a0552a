"""What a started api-server has not read: modules that cost memory and that only others need."""

import os
import subprocess
import sys

OF_OTHERS = (
    "fairlead.app_controller",
    "fairlead.cli",
    "fairlead.git.ls_refs",
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


def test_the_process_holds_no_authorities_but_those_of_its_own_connections() -> None:
    program = """
import os, ssl
os.environ["SSL_CERT_DIR"] = "/somewhere"
import fairlead.api_server.__main__, aiohttp.connector
assert aiohttp.connector._SSL_CONTEXT_VERIFIED.get_ca_certs() == []
assert aiohttp.connector._SSL_CONTEXT_VERIFIED.verify_mode == ssl.CERT_REQUIRED
assert os.environ["SSL_CERT_DIR"] == "/somewhere"
assert "SSL_CERT_FILE" not in os.environ
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120, env=environment)
