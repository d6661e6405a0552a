"""A new token for the account that we are at a cluster, instead of the one that its Secret holds.

Invariant: the old token goes only after the new one was tried and stored; whatever fails before leaves
everything as it was.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from fairlead.kube import write
from fairlead.kube.collection import SECRETS
from fairlead.kube.connection import Connection
from fairlead.kube.delete import delete
from fairlead.kube.errors import KubeError
from fairlead.kube.fence import Fence
from fairlead.kube.gate import Only
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter

log = structlog.get_logger(__name__)

TOKEN_WITHIN = 15.0
"""Seconds a cluster has to fill in a token that was asked for."""
LOOK_EVERY = 0.2
ACCOUNT = "kubernetes.io/service-account.name"
TOKEN_TYPE = "kubernetes.io/service-account-token"  # noqa: S105 - a type
_CLAIM = "kubernetes.io/serviceaccount"


class RotationError(Exception):
    """The token stays as it was; the words say why."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a token is, and the Secret that it came from, or ""."""

    namespace: str
    name: str
    secret: str = ""


async def rotate(
    control: KubeClient, secret: tuple[str, str], connection: Connection, *, fence: Fence
) -> None:
    """Replace the token in a cluster's Secret (namespace, name). Raises RotationError, KubeError."""
    account = account_of(connection.token or "")
    namespace, name = secret
    own = ClusterWriter(control, fence=fence, gate=Only(SECRETS, namespace=namespace, name=name))
    async with KubeClient(connection) as client:
        tokens = _tokens(client, account, fence)
        made, token = await _new_token(tokens, account)
        renewed = msgspec.structs.replace(connection, token=token)
        try:
            async with KubeClient(renewed) as trial:
                await trial.reaches("/version")
            await _store(own, name, namespace, token)
        except (KubeError, RotationError):
            with suppress(KubeError):
                await delete(tokens, SECRETS, made, account.namespace)
            raise
    log.info("cluster.token_rotated", server=connection.server, account=account.name)
    if account.secret and account.secret != made:
        async with KubeClient(renewed) as client:
            await delete(_tokens(client, account, fence), SECRETS, account.secret, account.namespace)


def _tokens(client: KubeClient, account: Account, fence: Fence) -> ClusterWriter:
    """What makes and removes the Secrets of an account's tokens, and nothing else in its cluster."""
    gate = Only(SECRETS, namespace=account.namespace)
    return ClusterWriter(client.guarded(), fence=fence, gate=gate)


def account_of(token: str) -> Account:
    """Whose a token says it is. Raises RotationError when it is no service account's."""
    try:
        part = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        _, _, namespace, name = str(claims["sub"]).split(":")
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error, msgspec.DecodeError):
        raise RotationError("the token in use is not a service account's, so it cannot be replaced") from None
    return Account(namespace=namespace, name=name, secret=str(claims.get(f"{_CLAIM}/secret.name") or ""))


async def _new_token(tokens: ClusterWriter, account: Account) -> tuple[str, str]:
    """A Secret made for the account, and the token that the cluster put into it."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"generateName": f"{account.name}-token-", "annotations": {ACCOUNT: account.name}},
        "type": TOKEN_TYPE,
    }
    raw = await write.create(tokens, SECRETS, body, account.namespace)
    name = str(msgspec.json.decode(raw)["metadata"]["name"])
    try:
        async with asyncio.timeout(TOKEN_WITHIN):
            while True:
                found = await tokens.client.get(SECRETS, name, account.namespace)
                data = msgspec.json.decode(found).get("data") or {}
                if data.get("token"):
                    return name, base64.b64decode(data["token"]).decode()
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        with suppress(KubeError):
            await delete(tokens, SECRETS, name, account.namespace)
        raise RotationError(f"the cluster made no token within {TOKEN_WITHIN:g} s") from None


async def _store(own: ClusterWriter, name: str, namespace: str, token: str) -> None:
    found = msgspec.json.decode(await own.client.get(SECRETS, name, namespace))
    config = msgspec.json.decode(base64.b64decode(found["data"]["config"]))
    config["bearerToken"] = token
    body = {
        "metadata": {"resourceVersion": found["metadata"]["resourceVersion"]},
        "data": {"config": base64.b64encode(msgspec.json.encode(config)).decode()},
    }
    await write.merge_patch(own, SECRETS, name, body, namespace)
