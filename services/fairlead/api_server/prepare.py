"""What must be in the control plane's namespace before the door opens: signing key, first password, project.

The invariant: several replicas starting at once agree: whoever loses a race uses what the winner wrote. A
first password is shown before its hash counts, so that a process that dies in between loses nobody's.
"""

import asyncio
import base64
from typing import Any

import msgspec
import structlog

from fairlead.api_server.config_map import (
    PART_OF,
    ConfigMap,
    SecretObject,
    is_ours,
    read_config_map,
    read_secret,
)
from fairlead.api_server.kinds import CONFIG_MAP, CONFIG_MAPS, INITIAL_ADMIN_SECRET, SECRET, SECRETS
from fairlead.auth.accounts import ADMIN, read_accounts
from fairlead.auth.bootstrap import first_password, hash_of, now, signing_key
from fairlead.kube.errors import AlreadyExistsError, ConflictError
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.secret import Secret
from fairlead.settings.default_project import ensure_default_project

log = structlog.get_logger(__name__)

ATTEMPTS = 10
LABELS = {PART_OF: "argocd"}
PENDING = "fairlead.dev/pending"
"""Annotation of the shown first password while its hash is not stored yet."""
EMPTY = SecretObject(name=SECRET, labels={}, values={})


async def prepare_namespace(client: KubeClient, namespace: str) -> None:
    """Make what is missing. Raises KubeError."""
    await ensure_default_project(client, namespace)
    for _ in range(ATTEMPTS):
        raw = await client.find(SECRETS, SECRET, namespace)
        found = read_secret(raw) if raw is not None else EMPTY
        additions = await _additions(client, namespace, found)
        if additions is None:
            continue
        if additions and not await store(client, namespace, additions, raw):
            continue
        if "admin.password" in additions:
            await _settled(client, namespace)
        return
    raise ConflictError(f"{SECRET} is being changed by others all the time")


async def store(client: KubeClient, namespace: str, additions: dict[str, str], before: bytes | None) -> bool:
    """Write keys of `argocd-secret`, unless somebody else wrote since `before`; whether it was done."""
    data = {key: _encoded(value) for key, value in additions.items()}
    try:
        if before is None:
            await client.create(SECRETS, _secret(SECRET, namespace, data, labels=LABELS), namespace)
        else:
            version = decode_head(before).metadata.resource_version
            body = {"metadata": {"resourceVersion": version}, "data": data}
            await client.merge_patch(SECRETS, SECRET, body, namespace)
    except (AlreadyExistsError, ConflictError):
        return False
    log.info("api.secret.prepared", secret=SECRET, keys=sorted(data))
    return True


async def _additions(client: KubeClient, namespace: str, found: SecretObject) -> dict[str, str] | None:
    """What is missing; None when somebody else has just stored a password."""
    additions: dict[str, str] = {}
    if not found.values.get("server.secretkey"):
        additions["server.secretkey"] = signing_key()
    config = await _config(client, namespace)
    is_wanted = read_accounts(config.data if is_ours(config) else {}, found.values)[ADMIN].enabled
    if is_wanted and not found.values.get("admin.password"):
        password = await _shown_password(client, namespace)
        if password is None:
            return None
        additions["admin.password"] = await asyncio.to_thread(hash_of, password)
        additions["admin.passwordMtime"] = now()
    return additions


async def _config(client: KubeClient, namespace: str) -> ConfigMap:
    raw = await client.find(CONFIG_MAPS, CONFIG_MAP, namespace)
    return read_config_map(raw) if raw is not None else ConfigMap({}, {})


async def _shown_password(client: KubeClient, namespace: str) -> Secret | None:
    """The first password, where whoever installs looks for it: one that waits for its hash, or a new one.

    None when a hash was stored meanwhile. One that is shown and does not wait belongs to a hash; only if
    there is none after it was read, so that nobody can just have stored it, it is a leftover and replaced.
    """
    while True:
        raw = await client.find(SECRETS, INITIAL_ADMIN_SECRET, namespace)
        if raw is not None and _is_pending(raw):
            shown = read_secret(raw).values.get("password", "")
            if shown:
                return Secret(shown)
        stored = await client.find(SECRETS, SECRET, namespace)
        if stored is not None and read_secret(stored).values.get("admin.password"):
            return None
        password = first_password()
        data = {"password": _encoded(password.reveal())}
        body = _secret(INITIAL_ADMIN_SECRET, namespace, data, annotations={PENDING: "true"})
        try:
            if raw is None:
                await client.create(SECRETS, body, namespace)
            else:
                body["metadata"]["resourceVersion"] = decode_head(raw).metadata.resource_version
                await client.merge_patch(SECRETS, INITIAL_ADMIN_SECRET, body, namespace)
        except (AlreadyExistsError, ConflictError):
            continue
        log.info("api.initial_password.made", secret=INITIAL_ADMIN_SECRET)
        return password


async def _settled(client: KubeClient, namespace: str) -> None:
    body = {"metadata": {"annotations": {PENDING: None}}}
    await client.merge_patch(SECRETS, INITIAL_ADMIN_SECRET, body, namespace)


def _is_pending(raw: bytes) -> bool:
    annotations = msgspec.json.decode(raw)["metadata"].get("annotations") or {}
    return annotations.get(PENDING) == "true"


def _secret(
    name: str,
    namespace: str,
    data: dict[str, str],
    *,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": labels or {},
            "annotations": annotations or {},
        },
        "type": "Opaque",
        "data": data,
    }


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()
