"""From a credential as it was declared to one that a server can be shown.

Invariant: what is returned has a user and password or a bearer's token and nothing that makes tokens.
"""

from __future__ import annotations

from collections.abc import Hashable
from urllib.parse import urlsplit

import msgspec

from fairlead.git.codecommit import region_of
from fairlead.git.credentials import Credential, GithubApp
from fairlead.identities import aws, azure, github, google
from fairlead.identities.tokens import Token, Tokens
from fairlead.outbound import Outbound

GOOGLE_REGISTRY_USER = "oauth2accesstoken"
"""The user that Google's registries want beside a token."""


class Ambient(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment of the process says of who it is in clouds."""

    azure: azure.WorkloadIdentity = azure.WorkloadIdentity()
    aws: aws.Role = aws.Role()


class Identities:
    """Exchanges, and remembers in memory what for."""

    def __init__(self, outbound: Outbound, ambient: Ambient | None = None) -> None:
        self._outbound = outbound
        self._ambient = ambient or Ambient()
        self._tokens = Tokens()

    async def opened(self, url: str, credential: Credential) -> Credential:
        """What is shown at an address, the credential itself where nothing has to be exchanged.

        Raises:
            GitError: no token is given, and why.
        """
        if not credential.is_exchanged:
            return await self._signed(url, credential) if _is_access_key(url, credential) else credential
        if credential.github_app is not None:
            return _with(credential, await self._github(url, credential.github_app, credential))
        if credential.google_key:
            token = await self._tokens.of((_who(credential),), lambda: self._google(credential))
            return _with(credential, token, GOOGLE_REGISTRY_USER if _is_registry(url) else token.username)
        if credential.azure_principal is not None or credential.azure_workload_identity:
            return await self._azure(url, credential)
        return await self._signed(url, credential)

    async def close(self) -> None:
        """End the exchanges that run."""
        await self._tokens.close()

    def refused(self, url: str, credential: Credential) -> None:
        """What was shown is not taken: the next who needs it asks anew."""
        self._tokens.forget(_who(credential))

    async def _github(self, url: str, app: GithubApp, credential: Credential) -> Token:
        installed = app.installation_id
        if not installed:
            owner = github.owner_of(url)
            found = await self._tokens.of(
                (_who(credential), "installation", owner.lower()),
                lambda: github.installation(self._outbound, app, credential, owner),
            )
            installed = int(found.value)
        return await self._tokens.of(
            (_who(credential), installed), lambda: github.token(self._outbound, app, credential, installed)
        )

    async def _google(self, credential: Credential) -> Token:
        return await google.token(self._outbound, credential.google_key, credential)

    async def _azure(self, url: str, credential: Credential) -> Credential:
        if credential.azure_workload_identity:
            self._ambient.azure.check(urlsplit(url if "://" in url else f"//{url}").hostname or "")
        if not _is_registry(url):
            token = await self._entra(credential, azure.DEVOPS)
            return msgspec.structs.replace(_without(credential), username="", bearer_token=token.value)
        registry = urlsplit(url if "://" in url else f"//{url}").netloc
        of_registry = await self._tokens.of(
            (_who(credential), "registry", registry), lambda: self._registry(registry, credential)
        )
        return _with(credential, of_registry)

    async def _registry(self, registry: str, credential: Credential) -> Token:
        entra = await self._entra(credential, azure.MANAGEMENT)
        return await azure.registrys(self._outbound, registry, credential, entra.value)

    async def _entra(self, credential: Credential, scope: str) -> Token:
        principal, pod = credential.azure_principal, self._ambient.azure
        if credential.azure_workload_identity or principal is None:
            return await self._tokens.of(
                (_who(credential), scope), lambda: azure.pods(self._outbound, pod, credential, scope)
            )
        return await self._tokens.of(
            (_who(credential), scope), lambda: azure.principals(self._outbound, principal, credential, scope)
        )

    async def _signed(self, url: str, credential: Credential) -> Credential:
        keys = aws.Keys(access=credential.username, secret=credential.password)
        if credential.aws_role and not credential.password:
            keys = await self._of_role(region_of(url), credential)
        return _with(credential, aws.signature(url, keys))

    async def _of_role(self, region: str, credential: Credential) -> aws.Keys:
        """The keys of the pod's role, as JSON in the token that is kept."""

        async def exchange() -> Token:
            keys, seconds = await aws.assumed(self._outbound, self._ambient.aws, credential, region)
            return Token(value=msgspec.json.encode(keys).decode(), seconds=seconds)

        token = await self._tokens.of((_who(credential), region), exchange)
        return msgspec.json.decode(token.value, type=aws.Keys)


def _who(credential: Credential) -> Hashable:
    """What tokens are exchanged for."""
    if credential.github_app is not None:
        return msgspec.structs.replace(credential.github_app, installation_id=0)
    return (
        credential.google_key
        or ("pod" if credential.azure_workload_identity else credential.azure_principal)
        or "role"
    )


def _without(credential: Credential) -> Credential:
    """What stays: how the server is met."""
    return msgspec.structs.replace(
        credential,
        github_app=None,
        google_key="",
        azure_workload_identity=False,
        azure_principal=None,
        aws_role=False,
    )


def _with(credential: Credential, token: Token, username: str = "") -> Credential:
    return msgspec.structs.replace(
        _without(credential), username=username or token.username, password=token.value, bearer_token=""
    )


def _is_registry(url: str) -> bool:
    return "://" not in url or url.lower().startswith("oci://")


def _is_access_key(url: str, credential: Credential) -> bool:
    return bool(region_of(url) and credential.password and aws.ACCESS_KEY.fullmatch(credential.username))
