"""What the corpus' charts depend on, offered by a real chart repository and a real registry on loopback.

The corpus names them by hosts that do not exist; their addresses of this run are put in where it is copied.
The digest of a lock is of the addresses in it, so it is computed here.
"""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
import yaml

from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from fairlead.local.pushing import Pusher
from fairlead.local.registry import RegistryServer

CHARTS = Path(__file__).parent / "charts"


class Offered(msgspec.Struct, frozen=True):
    """Where things are."""

    charts: str
    registry: str

    def files(self, repo: Path) -> dict[str, bytes | Path]:
        """What a case's repository has in this run, a link as where it leads."""
        found: dict[str, bytes | Path] = {}
        for file in sorted(repo.rglob("*")):
            name = file.relative_to(repo).as_posix()
            if file.is_symlink():
                found[name] = file.readlink()
            elif file.name.endswith(".lock"):
                found[name] = self._locked(file)
            elif file.is_file():
                found[name] = self._put_in(file.read_bytes())
        return found

    def _put_in(self, content: bytes) -> bytes:
        return content.replace(b"http://charts.invalid", self.charts.encode()).replace(
            b"oci://registry.invalid", f"oci://{self.registry}".encode()
        )

    def _locked(self, file: Path) -> bytes:
        """A lock with the digest that Helm would give it: of the dependencies, names of repositories replaced
        by addresses, and of what they are locked to."""
        text = self._put_in(file.read_bytes())
        needs = file.with_name("Chart.yaml" if file.name == "Chart.lock" else "requirements.yaml")
        wanted = yaml.safe_load(self._put_in(needs.read_bytes()))["dependencies"]
        plain = [{**one, "repository": self.charts} for one in wanted]
        locked = yaml.safe_load(text)["dependencies"]
        both = [[_in_order(one) for one in group] for group in (plain, locked)]
        digest = hashlib.sha256(json.dumps(both, separators=(",", ":")).encode()).hexdigest()
        return text.replace(b"COMPUTED", f"sha256:{digest}".encode())


def _in_order(dependency: dict[str, object]) -> dict[str, object]:
    """The fields in the order in which Helm writes them."""
    order = ("name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias")
    return {name: dependency[name] for name in order if name in dependency}


def _archives() -> list[bytes]:
    """The charts of the folder; no name of one has a dash."""
    found = []
    for folder in sorted(CHARTS.iterdir()):
        name, _, version = folder.name.partition("-")
        files = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file()
        }
        found.append(packed_chart(name, version, files))
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def offered(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Offered]:
    """Both servers, filled."""
    async with (
        ChartServer() as charts,
        RegistryServer(tmp_path_factory.mktemp("registry")) as registry,
        Pusher(registry.url) as pusher,
    ):
        for archive in _archives():
            charts.add(archive)
            await pusher.chart("charts", archive)
        yield Offered(charts.url, registry.host)
