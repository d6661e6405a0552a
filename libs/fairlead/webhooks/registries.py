"""Registries of artifacts and charts: what was pushed there, as each of them tells it.

The invariant: a payload names a repository and a tag, and nothing else of it is believed: the registry is
asked.
"""

import msgspec

from fairlead.webhooks import verify
from fairlead.webhooks.errors import NotVerifiedError
from fairlead.webhooks.provider import Asked, Body, Headers, payload, require
from fairlead.webhooks.push import IGNORED, Push, refs
from fairlead.webhooks.verify import Proof, Settled

OCI = "oci://"
GITHUB_HOST = "ghcr.io"
DOCKER_HUB_HOSTS = ("docker.io", "registry-1.docker.io", "index.docker.io")
"""All of them are one registry; applications name it by any."""
OFFICIAL = "library/"


class _Resource(msgspec.Struct):
    tag: str = ""
    resource_url: str = ""


class _HarborData(msgspec.Struct):
    resources: list[_Resource] = []


class _HarborEvent(msgspec.Struct):
    type: str = ""
    event_data: _HarborData = msgspec.field(default_factory=_HarborData)


class Harbor:
    """Known by its secret, `webhook.harbor.secret`, in `Authorization`; not known without one."""

    def recognises(self, asked: Asked) -> bool:
        secret, offered = asked.secrets("webhook.harbor.secret"), asked.headers.get("Authorization", "")
        return bool(secret) and secret.matches(offered)

    def verify(self, asked: Asked) -> Proof:
        del asked
        return Settled(is_signed=True)

    def read(self, _: Headers, body: Body) -> tuple[Push, ...]:
        event = payload(body, _HarborEvent)
        if event.type != "PUSH_ARTIFACT":
            return IGNORED
        tagged = next((one for one in event.event_data.resources if one.tag), None)
        if tagged is None:
            return IGNORED
        return (_pushed(_untagged(tagged.resource_url, tagged.tag), tag=tagged.tag),)


class _Owner(msgspec.Struct):
    login: str = ""


class _TagName(msgspec.Struct):
    name: str = ""


class _Container(msgspec.Struct):
    tag: _TagName | None = None


class _PackageVersion(msgspec.Struct):
    container_metadata: _Container | None = None


class _Package(msgspec.Struct):
    name: str = ""
    package_type: str = ""
    owner: _Owner = msgspec.field(default_factory=_Owner)
    package_version: _PackageVersion | None = None


class _PackageEvent(msgspec.Struct):
    action: str = ""
    package: _Package = msgspec.field(default_factory=_Package)


class GitHubPackages:
    """Secret `webhook.github.secret`, HMAC in `X-Hub-Signature-256`, as for pushes."""

    def recognises(self, asked: Asked) -> bool:
        return asked.headers.get("X-GitHub-Event") == "package"

    def verify(self, asked: Asked) -> Proof:
        offered = asked.headers.get("X-Hub-Signature-256", "")
        return verify.by_hmac(asked.secrets("webhook.github.secret"), offered, prefix="sha256=")

    def read(self, _: Headers, body: Body) -> tuple[Push, ...]:
        event = payload(body, _PackageEvent)
        package = event.package
        if event.action != "published" or package.package_type.lower() != "container":
            return IGNORED
        require(package.owner.login and package.name, "name of a package and its owner")
        container = package.package_version.container_metadata if package.package_version else None
        tag = container.tag.name if container and container.tag else ""
        return (_pushed(f"{GITHUB_HOST}/{package.owner.login}/{package.name}", tag=tag),)


class _HubPush(msgspec.Struct):
    tag: str = ""


class _HubRepository(msgspec.Struct):
    repo_name: str = ""


class _HubEvent(msgspec.Struct):
    push_data: _HubPush = msgspec.field(default_factory=_HubPush)
    repository: _HubRepository = msgspec.field(default_factory=_HubRepository)


class DockerHub:
    """Known by `?type=dockerhub`. Secret `webhook.dockerhub.secret`, in `Authorization` or `&secret=`."""

    def recognises(self, asked: Asked) -> bool:
        return asked.query.get("type") == "dockerhub" and bool(asked.secrets("webhook.dockerhub.secret"))

    def verify(self, asked: Asked) -> Proof:
        offered = asked.headers.get("Authorization") or asked.query.get("secret", "")
        if not offered:
            raise NotVerifiedError("the secret is missing")
        return verify.by_token(asked.secrets("webhook.dockerhub.secret"), offered)

    def read(self, _: Headers, body: Body) -> tuple[Push, ...]:
        event = payload(body, _HubEvent)
        name = event.repository.repo_name
        require(name, "name of a repository")
        name = name if "/" in name else OFFICIAL + name
        return (_pushed(*(f"{host}/{name}" for host in DOCKER_HUB_HOSTS), tag=event.push_data.tag),)


def _pushed(*addresses: str, tag: str) -> Push:
    return Push(
        urls=tuple(OCI + address for address in addresses), refs=refs(f"refs/tags/{tag}" if tag else "")
    )


def _untagged(address: str, tag: str) -> str:
    """`host/repository` of an address with a tag or digest."""
    return address.partition("@")[0].removesuffix(f":{tag}")
