"""What the tests of hosts have in common: the fakes, what a set may read, and one block for each provider."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.generating.hosts.hosts import Hosts
from fairlead.applicationset_controller.generating.hosts.rules import HostRules
from fairlead.applicationset_controller.generating.pull_requests.pull_requests import pull_requests
from fairlead.applicationset_controller.generating.scm.repositories import repositories
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.matching.networks import Networks, parse_networks
from fairlead.model.generators import PullRequestGenerator, ScmProviderGenerator
from tests.fakes.scm import aws, azure
from tests.fakes.scm.host import Host

Opens = Callable[..., "World"]
OPENED = Networks(opened=parse_networks("127.0.0.0/8"))
TOKEN = {"secretName": "scm", "key": "token"}
BASIC = {"username": "robot", "passwordRef": TOKEN}
NAMESPACE = "argocd"


class World:
    """What the cluster of a set holds; `strict` is what was asked strictly."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self.namespace = NAMESPACE
        self.secrets: dict[tuple[str, str], dict[str, str]] = {(NAMESPACE, "scm"): {"token": "t0ken"}}
        self.config_maps: dict[tuple[str, str], dict[str, str]] = {}
        self.strict: list[bool] = []

    async def secret(self, namespace: str, name: str, key: str, *, strict: bool) -> str:
        self.strict.append(strict)
        try:
            return self.secrets[namespace, name][key]
        except KeyError:
            raise SourceError(f"Secret {namespace}/{name} has no key {key}") from None

    async def secret_data(self, namespace: str, name: str) -> Mapping[str, str]:
        return self.secrets[namespace, name]

    async def config_map(self, namespace: str, name: str) -> Mapping[str, str]:
        return self.config_maps[namespace, name]


def world(host: Host, *, rules: HostRules | None = None) -> World:
    """A process that may ask this machine."""
    environment = {
        "BITBUCKET_API_BASE_URL": f"{host.url}/bitbucket/2.0",
        "AWS_ENDPOINT_URL_CODECOMMIT": f"{host.url}/aws/",
        "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": f"{host.url}/aws/",
        "AWS_ENDPOINT_URL_STS": f"{host.url}/sts/",
        "AWS_ACCESS_KEY_ID": aws.ACCESS,
        "AWS_SECRET_ACCESS_KEY": aws.SECRET,
        "AWS_REGION": "eu-west-1",
    }
    return World(Hosts(rules or HostRules(), networks=OPENED, environment=environment))


def scm_blocks(host: Host) -> dict[str, dict[str, Any]]:
    """The same organisation at each provider."""
    return {
        "github": {"organization": "team", "api": f"{host.url}/github", "tokenRef": TOKEN},
        "gitlab": {
            "group": "team",
            "api": f"{host.url}/gitlab",
            "tokenRef": TOKEN,
            "includeArchivedRepos": True,
        },
        "gitea": {"owner": "team", "api": f"{host.url}/gitea", "tokenRef": TOKEN},
        "bitbucket": {"owner": "team", "user": "robot", "appPasswordRef": TOKEN},
        "bitbucketServer": {"project": "team", "api": f"{host.url}/stash", "basicAuth": BASIC},
        "azureDevOps": {
            "organization": "team",
            "teamProject": azure.PROJECT,
            "api": f"{host.url}/azure",
            "accessTokenRef": TOKEN,
        },
        "awsCodeCommit": {},
    }


def pull_blocks(host: Host) -> dict[str, dict[str, Any]]:
    """The same repository at each provider."""
    return {
        "github": {"owner": "team", "repo": "shop", "api": f"{host.url}/github", "tokenRef": TOKEN},
        "gitlab": {
            "project": "team/shop",
            "api": f"{host.url}/gitlab",
            "tokenRef": TOKEN,
            "pullRequestState": "opened",
        },
        "gitea": {"owner": "team", "repo": "shop", "api": f"{host.url}/gitea", "tokenRef": TOKEN},
        "bitbucketServer": {
            "project": "team",
            "repo": "shop",
            "api": f"{host.url}/stash/rest/",
            "bearerToken": {"tokenRef": TOKEN},
        },
        "bitbucket": {
            "owner": "team",
            "repo": "shop",
            "api": f"{host.url}/bitbucket/2.0",
            "basicAuth": BASIC,
        },
        "azuredevops": {
            "organization": "team",
            "project": azure.PROJECT,
            "repo": "shop",
            "api": f"{host.url}/azure",
            "tokenRef": TOKEN,
        },
    }


async def found(
    sources: World, provider: str, block: Mapping[str, Any], *, namespace: str = NAMESPACE, **more: Any
) -> list[dict[str, Any]]:
    """The parameters of a generator `scmProvider`."""
    spec = msgspec.convert({provider: block, **more}, ScmProviderGenerator)
    return await repositories(spec, cast(Sources, sources), namespace, name="previews")


async def pulled(
    sources: World, provider: str, block: Mapping[str, Any], **more: Any
) -> list[dict[str, Any]]:
    """The parameters of a generator `pullRequest`."""
    spec = msgspec.convert({provider: block, **more}, PullRequestGenerator)
    return await pull_requests(spec, cast(Sources, sources), NAMESPACE, name="previews")
