"""What must be in the control plane's namespace before the door opens: signing key, first password, project.

The invariant: several replicas starting at once agree: whoever loses a race uses what the winner wrote.
"""

import asyncio
import base64

import structlog

from fairlead.api_server.config_map import ConfigMap, SecretObject, read_config_map, read_secret
from fairlead.api_server.kinds import CONFIG_MAP, CONFIG_MAPS, INITIAL_ADMIN_SECRET, SECRET, SECRETS
from fairlead.api_server.operations.project import ensure_default
from fairlead.auth.accounts import ADMIN, read_accounts
from fairlead.auth.bootstrap import Preparation, prepare
from fairlead.kube.errors import AlreadyExistsError, ConflictError
from fairlead.kube.head import decode_head
from fairlead.kube.rest import KubeClient
from fairlead.secret import Secret

log = structlog.get_logger(__name__)

ATTEMPTS = 5
LABELS = {"app.kubernetes.io/part-of": "argocd"}
EMPTY = SecretObject(name=SECRET, labels={}, values={})


async def prepare_namespace(client: KubeClient, namespace: str) -> Secret:
    """Make what is missing; the key that signs sessions. Raises KubeError."""
    await ensure_default(client, namespace)
    config = await _config(client, namespace)
    for _ in range(ATTEMPTS):
        raw = await client.find(SECRETS, SECRET, namespace)
        found = read_secret(raw) if raw is not None else EMPTY
        admin = read_accounts(config.data, found.values)[ADMIN]
        made = await asyncio.to_thread(prepare, found.values, admin_enabled=admin.enabled)
        if made.additions and not await _stored(client, namespace, made, raw):
            continue
        if made.initial_password is not None:
            await _show_initial_password(client, namespace, made.initial_password)
        return Secret({**found.values, **made.additions}["server.secretkey"])
    raise ConflictError(f"{SECRET} is being changed by others all the time")


async def _config(client: KubeClient, namespace: str) -> ConfigMap:
    raw = await client.find(CONFIG_MAPS, CONFIG_MAP, namespace)
    return read_config_map(raw) if raw is not None else ConfigMap({}, {})


async def _stored(client: KubeClient, namespace: str, made: Preparation, before: bytes | None) -> bool:
    """Write the additions unless somebody else wrote in between."""
    data = {key: _encoded(value) for key, value in made.additions.items()}
    try:
        if before is None:
            await client.create(SECRETS, _secret(SECRET, namespace, data, LABELS), namespace)
        else:
            version = decode_head(before).metadata.resource_version
            body = {"metadata": {"resourceVersion": version}, "data": data}
            await client.merge_patch(SECRETS, SECRET, body, namespace)
    except (AlreadyExistsError, ConflictError):
        return False
    log.info("api.secret.prepared", secret=SECRET, keys=sorted(data))
    return True


async def _show_initial_password(client: KubeClient, namespace: str, password: Secret) -> None:
    """Put the first password where whoever installs looks for it."""
    data = {"password": _encoded(password.reveal())}
    try:
        await client.create(SECRETS, _secret(INITIAL_ADMIN_SECRET, namespace, data, {}), namespace)
    except AlreadyExistsError:
        await client.merge_patch(SECRETS, INITIAL_ADMIN_SECRET, {"data": data}, namespace)
    log.info("api.initial_password.made", secret=INITIAL_ADMIN_SECRET)


def _secret(name: str, namespace: str, data: dict[str, str], labels: dict[str, str]) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "type": "Opaque",
        "data": data,
    }


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()
