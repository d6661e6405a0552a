"""Charts and artifacts over https: who vouches for the server, and which certificate it is shown."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from fairlead.charts import ChartRepository, ChartTransientError
from fairlead.git import Credential
from fairlead.local.chart_server import ChartServer
from fairlead.local.packing import packed_chart
from fairlead.local.pki import Pki, ensure_pki
from fairlead.local.registry import RegistryServer
from fairlead.oci import OciNotFoundError, OciTransientError, Reference, Registry
from fairlead.outbound import Outbound
from fairlead.outbound.trust import Trust
from tests.integration.charts.test_repository import LOOPBACK


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return ensure_pki(tmp_path_factory.mktemp("pki"))


@pytest_asyncio.fixture(loop_scope="session")
async def trusting(pki: Pki, tmp_path: Path) -> AsyncIterator[Outbound]:
    """Believes hosts on the word of the local authority."""
    trust = Trust(tmp_path)
    trust.put({"127.0.0.1": pki.ca.certificate.read_text()})
    client = Outbound(LOOPBACK, trust=trust)
    yield client
    await client.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stranger() -> AsyncIterator[Outbound]:
    client = Outbound(LOOPBACK)
    yield client
    await client.close()


async def test_a_repository_is_believed_on_the_word_of_its_hosts_authority_or_where_nobody_has_to(
    pki: Pki, trusting: Outbound, stranger: Outbound
) -> None:
    async with ChartServer(certificate=pki.server) as server:
        server.add(packed_chart("web", "1.0.0"))
        assert (await ChartRepository(trusting, server.url).index()).names() == ("web",)
        with pytest.raises(ChartTransientError, match="certificate"):
            await ChartRepository(stranger, server.url).index()
        careless = ChartRepository(stranger, server.url, Credential(insecure=True))
        assert (await careless.index()).names() == ("web",)


async def test_a_client_certificate_opens_a_repository_and_is_needed_for_its_charts_too(
    pki: Pki, trusting: Outbound
) -> None:
    ours = Credential(
        client_certificate=pki.clients["admin"].certificate.read_text(),
        client_key=pki.clients["admin"].key.read_text(),
    )
    async with ChartServer(certificate=pki.server, client_ca=str(pki.ca.certificate)) as server:
        archive = packed_chart("web", "1.0.0")
        server.add(archive)
        with pytest.raises(ChartTransientError):
            await ChartRepository(trusting, server.url).index()
        repository = ChartRepository(trusting, server.url, ours)
        [version] = await (await repository.index()).versions("web")
        assert await repository.archive(version) == archive


async def test_a_registry_is_believed_on_the_word_of_its_hosts_authority(
    pki: Pki, trusting: Outbound, stranger: Outbound, tmp_path: Path
) -> None:
    async with RegistryServer(tmp_path / "registry", certificate=pki.server) as server:
        reference = Reference.parse(f"oci://{server.host}/nothing")
        with pytest.raises(OciNotFoundError):
            await Registry(trusting, reference).tags()
        with pytest.raises(OciTransientError, match="certificate"):
            await Registry(stranger, reference).tags()
        with pytest.raises(OciNotFoundError):
            await Registry(stranger, reference, Credential(insecure=True)).tags()
