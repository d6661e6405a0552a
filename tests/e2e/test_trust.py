"""A Git host that nobody knows is fetched from once a ConfigMap vouches for its certificate or its key."""

import base64
from pathlib import Path
from typing import Any

import asyncssh

from fairlead.local.pki import ensure_pki
from fairlead.local.ssh_server import SshServer
from tests.e2e.world import CONFIG_MAPS, CONTROL, SECRETS, World, config_map
from tests.integration.git.test_trust import over_tls

CERTIFICATES = "argocd-tls-certs-cm"
KNOWN_HOSTS = "argocd-ssh-known-hosts-cm"


async def put(world: World, name: str, data: dict[str, str]) -> None:
    """A ConfigMap of the control plane has these data."""
    labels = {"app.kubernetes.io/part-of": "argocd"}
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": labels},
        "data": data,
    }
    if await world.get(CONFIG_MAPS, name, CONTROL) is None:
        await world.client.create(CONFIG_MAPS, body, CONTROL)
    else:
        await world.client.merge_patch(CONFIG_MAPS, name, body, CONTROL)


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
        await put(world, CERTIFICATES, {"localhost": pki.ca.certificate.read_text()})
        await world.settled(name)
        await world.until_data(namespace, "web", {"n": "1"})


async def test_a_known_host_and_a_key_let_an_application_deploy_over_ssh(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with SshServer(world.git.folder) as server:
        server.allow(key)
        url = server.repo_url(repo.folder.name)
        fields = {"url": url.encode(), "sshPrivateKey": key.export_private_key()}
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": world.unique("over-ssh"),
                "labels": {"argocd.argoproj.io/secret-type": "repository"},
            },
            "data": {name: base64.b64encode(value).decode() for name, value in fields.items()},
        }
        await world.client.create(SECRETS, secret, CONTROL)
        namespace = await world.namespace()
        name = await world.application(url, namespace)
        await world.with_condition(name, "knownhosts: key is unknown", server.host_key.get_fingerprint())
        await put(world, KNOWN_HOSTS, {"ssh_known_hosts": server.known_hosts})
        await world.settled(name)
        await world.until_data(namespace, "web", {"n": "1"})
        commit = await repo.publish({"app/config.yaml": config_map("web", n="2")}, "second")
        await world.settled(name, commit)
        await world.until_data(namespace, "web", {"n": "2"})
