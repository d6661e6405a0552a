"""A Git host whose certificate nobody knows is fetched from once argocd-tls-certs-cm vouches for it."""

from pathlib import Path

from fairlead.local.pki import ensure_pki
from tests.e2e.world import CONFIG_MAPS, CONTROL, World, config_map
from tests.integration.git.test_trust import over_tls

CERTIFICATES = "argocd-tls-certs-cm"


async def test_an_entry_for_the_host_lets_its_applications_deploy(world: World, tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path / "pki")
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    plain = world.url(repo)
    port = int(world.git.url.rpartition(":")[2])
    async with over_tls(port, pki) as encrypted:
        url = plain.replace(f"http://127.0.0.1:{port}", f"https://localhost:{encrypted}")
        namespace = await world.namespace()
        name = await world.application(url, namespace)
        await world.with_condition(name, "certificate")
        body = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": CERTIFICATES, "labels": {"app.kubernetes.io/part-of": "argocd"}},
            "data": {"localhost": pki.ca.certificate.read_text()},
        }
        if await world.get(CONFIG_MAPS, CERTIFICATES, CONTROL) is None:
            await world.client.create(CONFIG_MAPS, body, CONTROL)
        else:
            await world.client.merge_patch(CONFIG_MAPS, CERTIFICATES, body, CONTROL)
        await world.settled(name)
        await world.until_data(namespace, "web", {"n": "1"})
