"""From what argocd-cm says of a repository to its host, with the credentials that the Secret has.

Invariant: a value of the Secret goes into a header of that one host.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from fairlead.git.credentials import Credential, GithubApp
from fairlead.git.errors import GitError
from fairlead.identities import github as github_app
from fairlead.identities.tokens import Tokens
from fairlead.outbound import Outbound
from fairlead.outbound.budgets import Budgets
from fairlead.preview.hosts.azure_devops import AzureDevops
from fairlead.preview.hosts.bitbucket import Bitbucket
from fairlead.preview.hosts.bitbucket_server import BitbucketServer
from fairlead.preview.hosts.client import Client, Headers, HostError
from fairlead.preview.hosts.gitea import Gitea
from fairlead.preview.hosts.github import Github
from fairlead.preview.hosts.gitlab import Gitlab
from fairlead.preview.hosts.host import Host
from fairlead.settings.previews import SECRET, PreviewedRepository

_PUBLIC: Final = {
    "github": "https://api.github.com",
    "gitlab": "https://gitlab.com",
    "gitea": "https://codeberg.org",
    "bitbucket": "https://api.bitbucket.org",
    "azure-devops": "https://dev.azure.com",
}
_NAMES: Final = {
    "github": "GitHub",
    "gitlab": "GitLab",
    "gitea": "Gitea",
    "bitbucket": "Bitbucket",
    "bitbucket-server": "Bitbucket Server",
    "azure-devops": "Azure DevOps",
}
_BELOW: Final = {"gitlab": "/api/v4", "gitea": "/api/v1", "bitbucket": "/2.0"}
_GITHUB: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class Hosts:
    """Opens hosts; `tokens` are those that the keys of apps were exchanged for."""

    def __init__(self, outbound: Outbound, tokens: Tokens) -> None:
        self._outbound = outbound
        self._tokens = tokens
        self._budgets = Budgets()

    def opened(self, wanted: PreviewedRepository, secret: Mapping[str, str]) -> Host:
        """The host of a repository. Raises HostError for what the Secret or the address lacks."""
        provider = wanted.provider
        base = _base(wanted)
        headers = self._headers(wanted, base, secret)
        client = Client(
            self._outbound,
            _NAMES[provider],
            base,
            headers,
            insecure=wanted.insecure,
            budgets=self._budgets,
            account=f"{base} {wanted.token} {wanted.app_id}/{wanted.installation_id}",
        )
        parts = _path(wanted)
        match provider:
            case "github":
                return Github(client, _quoted(parts, 2), wanted.app_id)
            case "gitlab":
                return Gitlab(client, "/".join(parts))
            case "gitea":
                return Gitea(client, _quoted(parts[-2:], 2))
            case "bitbucket":
                return Bitbucket(client, _quoted(parts, 2), wanted.url)
            case "bitbucket-server":
                project, name = parts[-2:] if len(parts) > 1 else ("", "")
                return BitbucketServer(client, quote(project, safe="~"), quote(name, safe=""), wanted.url)
            case _:
                return AzureDevops(client, *_azure(parts))

    def _headers(self, wanted: PreviewedRepository, base: str, secret: Mapping[str, str]) -> Headers:
        if wanted.app_id:
            return self._of_app(wanted, base, secret)
        token = _value(secret, wanted.token)
        shown: dict[str, str]
        match wanted.provider:
            case "github":
                shown = {**_GITHUB, "Authorization": f"Bearer {token}"}
            case "gitlab":
                shown = {"PRIVATE-TOKEN": token}
            case "gitea":
                shown = {"Authorization": f"token {token}"}
            case "azure-devops":
                shown = {"Authorization": _basic("", token)}
            case _:
                user = wanted.username
                shown = {"Authorization": _basic(user, token) if user else f"Bearer {token}"}

        async def headers() -> Mapping[str, str]:
            return shown

        return headers

    def _of_app(self, wanted: PreviewedRepository, base: str, secret: Mapping[str, str]) -> Headers:
        app = GithubApp(
            app_id=wanted.app_id,
            installation_id=wanted.installation_id,
            private_key=_value(secret, wanted.private_key, lines=True),
            base_url="" if base == _PUBLIC["github"] else base,
        )
        credential = Credential(insecure=wanted.insecure)

        async def headers() -> Mapping[str, str]:
            try:
                token = await self._tokens.of(
                    (app, app.installation_id),
                    lambda: github_app.token(self._outbound, app, credential, app.installation_id),
                )
            except GitError as error:
                raise HostError(f"GitHub: {error}") from None
            return {**_GITHUB, "Authorization": f"Bearer {token.value}"}

        return headers


def _base(wanted: PreviewedRepository) -> str:
    base = (wanted.api or _PUBLIC[wanted.provider]).rstrip("/")
    try:
        parts = urlsplit(base)
    except ValueError as error:
        raise HostError("api is no address") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise HostError("api is no address that begins with https:// or http://")
    below = _BELOW.get(wanted.provider, "")
    if wanted.provider == "github" and base != _PUBLIC["github"]:
        below = "/api/v3"
    return base if base.endswith(below) else base + below


def _value(secret: Mapping[str, str], reference: str, *, lines: bool = False) -> str:
    key = reference.removeprefix("$")
    value = secret.get(key, "").strip()
    if not value or (not lines and not value.isprintable()):
        raise HostError(f"key {key} of the Secret {SECRET} is missing or no token")
    return value


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _path(wanted: PreviewedRepository) -> list[str]:
    """The steps of a repository's address, whatever it is read over, or what is said to be its path."""
    url = wanted.url if "://" in wanted.url else f"ssh://{wanted.url.replace(':', '/', 1)}"
    try:
        path = wanted.path or urlsplit(url).path
    except ValueError as error:
        raise HostError("url is no address") from error
    steps = [step for step in path.strip("/").removesuffix(".git").split("/") if step]
    if any(step in (".", "..") for step in steps) or len(steps) < 2:
        raise HostError("url does not name a repository of this host")
    return steps


def _quoted(parts: list[str], count: int) -> str:
    if len(parts) != count:
        raise HostError("url does not name a repository of this host")
    return "/".join(quote(part, safe="") for part in parts)


def _azure(parts: list[str]) -> tuple[str, str, str]:
    """`org/project/_git/name`, or `v3/org/project/name` of what is read over SSH."""
    steps = [quote(part, safe="%") for part in parts if part not in ("_git", "v3")]
    if len(steps) != 3:
        raise HostError("url does not name a repository of Azure DevOps")
    return steps[0], steps[1], steps[2]
