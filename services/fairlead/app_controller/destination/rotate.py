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

from fairlead.app_controller.following.collection import SECRETS
from fairlead.kube.connection import Connection
from fairlead.kube.errors import KubeError, NotFoundError
from fairlead.kube.rest import KubeClient

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


async def rotate(control: KubeClient, secret: tuple[str, str], connection: Connection) -> None:
    """Replace the token in a cluster's Secret (namespace, name). Raises RotationError, KubeError."""
    account = account_of(connection.token or "")
    async with KubeClient(connection) as client:
        made, token = await _new_token(client, account)
        renewed = msgspec.structs.replace(connection, token=token)
        try:
            async with KubeClient(renewed) as trial:
                await trial.reaches("/version")
            await _store(control, secret, token)
        except (KubeError, RotationError):
            with suppress(KubeError):
                await client.delete(SECRETS, made, account.namespace)
            raise
    log.info("cluster.token_rotated", server=connection.server, account=account.name)
    if account.secret and account.secret != made:
        async with KubeClient(renewed) as client:
            with suppress(NotFoundError):
                await client.delete(SECRETS, account.secret, account.namespace)


def account_of(token: str) -> Account:
    """Whose a token says it is. Raises RotationError when it is no service account's."""
    try:
        part = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        _, _, namespace, name = str(claims["sub"]).split(":")
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error, msgspec.DecodeError):
        raise RotationError("the token in use is not a service account's, so it cannot be replaced") from None
    return Account(namespace=namespace, name=name, secret=str(claims.get(f"{_CLAIM}/secret.name") or ""))


async def _new_token(client: KubeClient, account: Account) -> tuple[str, str]:
    """A Secret made for the account, and the token that the cluster put into it."""
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"generateName": f"{account.name}-token-", "annotations": {ACCOUNT: account.name}},
        "type": TOKEN_TYPE,
    }
    raw = await client.create(SECRETS, body, account.namespace)
    name = str(msgspec.json.decode(raw)["metadata"]["name"])
    try:
        async with asyncio.timeout(TOKEN_WITHIN):
            while True:
                data = (
                    msgspec.json.decode(await client.get(SECRETS, name, account.namespace)).get("data") or {}
                )
                if data.get("token"):
                    return name, base64.b64decode(data["token"]).decode()
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        with suppress(KubeError):
            await client.delete(SECRETS, name, account.namespace)
        raise RotationError(f"the cluster made no token within {TOKEN_WITHIN:g} s") from None


async def _store(control: KubeClient, secret: tuple[str, str], token: str) -> None:
    namespace, name = secret
    found = msgspec.json.decode(await control.get(SECRETS, name, namespace))
    config = msgspec.json.decode(base64.b64decode(found["data"]["config"]))
    config["bearerToken"] = token
    body = {
        "metadata": {"resourceVersion": found["metadata"]["resourceVersion"]},
        "data": {"config": base64.b64encode(msgspec.json.encode(config)).decode()},
    }
    await control.merge_patch(SECRETS, name, body, namespace)
