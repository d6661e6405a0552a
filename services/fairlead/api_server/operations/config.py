"""ConfigMaps that the API writes: certificates, known hosts, keys.

The invariant: a change is made to the newest state, so nobody's entry is lost; what is written is labelled as
Argo CD's, without which nobody would heed it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from fairlead.api_server.config_map import PART_OF, is_ours
from fairlead.api_server.kinds import CONFIG_MAPS, SIGNING_KEYS
from fairlead.api_server.mirror import CATCH_UP
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.errors import AlreadyExistsError, ConflictError

CERTIFICATES = "argocd-tls-certs-cm"
KNOWN_HOSTS = "argocd-ssh-known-hosts-cm"
KEYS = SIGNING_KEYS
NOTIFICATIONS = "argocd-notifications-cm"
ATTEMPTS = 10
MAX_BYTES = 900_000
"""Of all values of one; Kubernetes takes no more than a mebibyte."""


def data_of(backend: Backend, name: str) -> Mapping[str, str]:
    """The values of a ConfigMap; none when it is not there or not labelled as ours."""
    found = backend.mirrors.config_maps.get(name)
    return found.data if found is not None and is_ours(found) else {}


async def amend(
    backend: Backend, name: str, change: Callable[[Mapping[str, str]], Mapping[str, str | None]]
) -> None:
    """Change the newest values of a ConfigMap (None drops one), and wait until that is seen here.

    `change` raises RefusalError to leave it as it is. Raises KubeError; RefusalError when others are always
    faster, or it would become too large.
    """
    for _ in range(ATTEMPTS):
        raw = await backend.kube.find(CONFIG_MAPS, name, backend.namespace)
        found: dict[str, Any] = msgspec.json.decode(raw) if raw is not None else {}
        before = found.get("data") or {}
        wanted = change(before)
        if not wanted and found:
            return
        after = {key: value for key, value in {**before, **wanted}.items() if value is not None}
        if sum(len(key) + len(value) for key, value in after.items()) > MAX_BYTES:
            raise RefusalError(Code.FAILED_PRECONDITION, f"ConfigMap {name} would become too large")
        metadata = {"name": name, "labels": {PART_OF: "argocd"}}
        try:
            if raw is None:
                body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": after}
                await backend.kube.create(CONFIG_MAPS, body, backend.namespace)
            else:
                metadata["resourceVersion"] = found["metadata"]["resourceVersion"]
                body = {"metadata": metadata, "data": dict(wanted)}
                await backend.kube.merge_patch(CONFIG_MAPS, name, body, backend.namespace)
        except (AlreadyExistsError, ConflictError):
            continue
        await _seen(backend, name, wanted)
        return
    raise RefusalError(Code.ABORTED, f"ConfigMap {name} is being changed by others; try again")


async def _seen(backend: Backend, name: str, wanted: Mapping[str, str | None]) -> None:
    def is_shown() -> bool:
        found = data_of(backend, name)
        return all(found.get(key) == value for key, value in wanted.items())

    await backend.mirrors.config_maps.until(is_shown, seconds=CATCH_UP)
