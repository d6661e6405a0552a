"""What the stock command writes arrives over gRPC as it sends it: whole messages, zeros and all."""

import base64

from fairlead.kube.rest import KubeClient
from fairlead.rpc import clusters as rpc
from tests.integration.api_server.conftest import Answer, Door
from tests.integration.api_server.test_clusters import SERVER, states
from tests.integration.api_server.test_projects import asked
from tests.integration.api_server.test_repositories import at, remote, stored
from tests.integration.api_server.test_trust import KEY
from tests.transports import Native

__all__ = ["remote", "states"]

PROJECT = {
    "metadata": {
        "name": "stock",
        "generateName": "",
        "namespace": "",
        "selfLink": "",
        "uid": "",
        "resourceVersion": "",
        "generation": "0",
        "creationTimestamp": {},
    },
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"server": "https://kubernetes.default.svc", "namespace": "a", "name": ""}],
        "description": "",
        "permitOnlyProjectScopedClusters": False,
    },
    "status": {},
}


async def test_a_project_is_made_and_changed_as_the_stock_command_does(door: Door) -> None:
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        made = await client.ask("/project.ProjectService/Create", {"project": PROJECT})
        version = made.metadata.resourceVersion
        role = {
            "name": "ci",
            "description": "",
            "policies": ["p, proj:stock:ci, applications, *, stock/*, allow"],
        }
        metadata = {**PROJECT["metadata"], "resourceVersion": version}  # type: ignore[dict-item]
        changed = {**PROJECT, "metadata": metadata, "spec": {**PROJECT["spec"], "roles": [role]}}  # type: ignore[dict-item]
        written = await client.ask("/project.ProjectService/Update", {"project": changed})
        assert written.spec.roles[0].name == "ci"
        detailed = await client.ask("/project.ProjectService/GetDetailedProject", {"name": "stock"})
        assert detailed.project.spec.roles[0].policies == role["policies"]
        await client.ask("/project.ProjectService/Delete", {"name": "stock"})


async def test_repositories_and_credentials_are_declared_as_the_stock_command_does(
    door: Door, remote: str, kube: KubeClient
) -> None:
    plain = {"repo": remote, "username": "", "password": "", "type": "git", "githubAppID": "0", "depth": "0"}
    whole = {**plain, "connectionState": {"status": "", "message": ""}, "insecure": False, "enableOCI": False}
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        await client.ask("/repository.RepositoryService/ValidateAccess", {"repo": remote, "type": "git"})
        made = await client.ask("/repository.RepositoryService/CreateRepository", {"repo": whole})
        assert (made.repo, made.type) == (remote, "git")
        [values] = [one for one in (await stored(kube, "repository")).values() if one["url"] == remote]
        assert values == {"url": remote, "type": "git"}, "zeros are not written"
        listed = await client.ask("/repository.RepositoryService/ListRepositories", {})
        states = [one.connectionState.status for one in listed.items if one.repo == remote]
        assert states == ["Successful"]
        await client.ask("/repository.RepositoryService/DeleteRepository", {"repo": remote})
        creds = {"url": "https://git.example/x", "username": "u", "password": "p", "githubAppID": "7"}
        service = "/repocreds.RepoCredsService"
        await client.ask(f"{service}/CreateRepositoryCredentials", {"creds": creds})
        [values] = [one for one in (await stored(kube, "repo-creds")).values() if one["url"] == creds["url"]]
        assert values == creds
        await client.ask(f"{service}/DeleteRepositoryCredentials", {"url": creds["url"]})
    assert at(remote)


async def test_a_cluster_is_registered_as_the_stock_command_does(
    door: Door, states: dict[str, rpc.ClusterState], scripted: dict[str, Answer]
) -> None:
    pem = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    config = {
        "username": "",
        "password": "",
        "bearerToken": "t",
        "tlsClientConfig": {"insecure": False, "serverName": "", "caData": pem},
        "disableCompression": False,
        "proxyUrl": "",
    }
    whole = {
        "server": SERVER,
        "name": "stock",
        "config": config,
        "connectionState": {"status": "", "message": ""},
        "serverVersion": "",
        "info": {"connectionState": {"status": "", "message": ""}, "cacheInfo": {}, "applicationsCount": "0"},
        "clusterResources": False,
        "project": "",
        "configHash": "0",
    }
    assert rpc.STATE in scripted
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        made = await client.ask("/cluster.ClusterService/Create", {"cluster": whole, "upsert": True})
        assert (made.server, made.name, made.config.bearerToken) == (SERVER, "stock", "")
        change = {"cluster": {**whole, "name": "other", "config": {}}, "updatedFields": ["name"]}
        changed = await client.ask("/cluster.ClusterService/Update", change)
        assert (changed.name, changed.shard) == ("other", 0)
        got = await client.ask("/cluster.ClusterService/Get", {"name": "other"})
        assert got.server == SERVER
        await client.ask("/cluster.ClusterService/Delete", {"server": SERVER})
    assert states == {}


async def test_a_known_host_is_added_as_the_stock_command_does(door: Door) -> None:
    encoded = base64.b64encode(KEY.encode()).decode()
    item = {"serverName": "h", "certType": "ssh", "certSubType": "ssh-ed25519", "certData": encoded}
    service = "/certificate.CertificateService"
    async with Native(door.url.removeprefix("http://"), door.token) as client:
        body = {"certificates": {"metadata": {}, "items": [item]}}
        made = await client.ask(f"{service}/CreateCertificate", body)
        assert made.items[0].certData == KEY.encode()
        listed = await client.ask(f"{service}/ListCertificates", {"hostNamePattern": "h"})
        assert [one.certInfo[:7] for one in listed.items] == ["SHA256:"]
        await client.ask(f"{service}/DeleteCertificate", {"hostNamePattern": "h"})
    assert (await asked(door, "GET", "/api/v1/certificates", hostNamePattern="h"))["items"] == []
