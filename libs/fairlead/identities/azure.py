"""Tokens of Microsoft Entra, for a service principal or the workload identity of this process' pod.

What they are for: Azure DevOps takes one as it is; a registry takes what it gives for one.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec

from fairlead.git.credentials import AzurePrincipal, Credential
from fairlead.git.errors import GitInvalidError, GitTransientError
from fairlead.identities.asking import asked, seconds_of, text_of, way_of
from fairlead.identities.tokens import Token
from fairlead.outbound import Outbound

PUBLIC = "https://login.microsoftonline.com"
DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798/.default"
"""Azure DevOps, by the id it has in every tenant."""
MANAGEMENT = "https://management.core.windows.net/.default"
"""What registries exchange."""
REGISTRY_USER = "00000000-0000-0000-0000-000000000000"
"""The user that registries want beside a token."""
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_WHOM = "Microsoft Entra"
_HOLDS = 3600.0
_REGISTRY_HOLDS = 3 * 3600.0
_MOST_TOKEN = 1 << 16


HOSTS = (
    "dev.azure.com",
    ".dev.azure.com",
    ".visualstudio.com",
    ".azurecr.io",
    ".azurecr.cn",
    ".azurecr.us",
)
"""Hosts, or with a dot what is below one, that are shown what the pod's identity is exchanged for."""


class WorkloadIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """What Azure's webhook puts into the environment of a pod, and the hosts that it is for.

    It is everybody's who may declare a repository, wherever: so a host of theirs must not be told.
    """

    client_id: str = ""
    tenant_id: str = ""
    token_file: str = ""
    authority: str = ""
    hosts: tuple[str, ...] = HOSTS

    def check(self, host: str) -> None:
        """Raises GitInvalidError for a host that is none of Azure's, and where there is no identity."""
        if not (self.client_id and self.tenant_id and self.token_file):
            raise GitInvalidError(
                "useAzureWorkloadIdentity: the repo-server has no workload identity (AZURE_CLIENT_ID, "
                "AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE are not set)"
            )
        if not any(host == known or (known[:1] == "." and host.endswith(known)) for known in self.hosts):
            raise GitInvalidError(
                f"useAzureWorkloadIdentity: {host} is no host of Azure; an operator may name it with "
                "--azure-identity-hosts"
            )


async def principals(
    outbound: Outbound, principal: AzurePrincipal, credential: Credential, scope: str
) -> Token:
    """A token of a service principal. Raises GitError."""
    form = {"client_secret": principal.client_secret}
    return await _token(
        outbound, credential, (principal.endpoint, principal.tenant_id, principal.client_id), scope, form
    )


async def pods(outbound: Outbound, identity: WorkloadIdentity, credential: Credential, scope: str) -> Token:
    """A token of this pod's identity; the file is read each time, as it is replaced. Raises GitError."""
    form = {
        "client_assertion_type": ASSERTION,
        "client_assertion": await asyncio.to_thread(_file, identity.token_file),
    }
    return await _token(
        outbound, credential, (identity.authority, identity.tenant_id, identity.client_id), scope, form
    )


async def registrys(outbound: Outbound, registry: str, credential: Credential, of_entra: str) -> Token:
    """What a registry gives for a token of Entra: a user and password for it. Raises GitError."""
    scheme = "http" if credential.force_http else "https"
    form = {"grant_type": "access_token", "service": registry, "access_token": of_entra}
    whom = f"registry {registry}"
    url, way = f"{scheme}://{registry}/oauth2/exchange", way_of(credential, is_its_host=True)
    found = await asked(outbound, whom, url, way, form=form)
    value = text_of(whom, found, "refresh_token")
    return Token(value=value, seconds=_REGISTRY_HOLDS, username=REGISTRY_USER)


async def _token(
    outbound: Outbound,
    credential: Credential,
    who: tuple[str, str, str],
    scope: str,
    proof: dict[str, str],
) -> Token:
    endpoint, tenant, client = who
    base = (endpoint or PUBLIC).rstrip("/")
    if urlsplit(base).scheme != "https":
        raise GitInvalidError("azureActiveDirectoryEndpoint is no https address")
    url = f"{base}/{quote(tenant, safe='')}/oauth2/v2.0/token"
    form = {"grant_type": "client_credentials", "client_id": client, "scope": scope, **proof}
    found = await asked(outbound, _WHOM, url, way_of(credential), form=form)
    return Token(value=text_of(_WHOM, found, "access_token"), seconds=seconds_of(found, "expires_in", _HOLDS))


def _file(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(_MOST_TOKEN).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise GitTransientError(f"the token of the workload identity cannot be read: {why}") from None
