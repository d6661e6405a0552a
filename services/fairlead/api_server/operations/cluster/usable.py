"""Whether a cluster can be used: what is said of it, where it is, and whether it answers.

Invariant: a cluster is tried by its controller, with credentials that are sealed for that question; the
api-server connects to none.
"""

from typing import Any

import msgspec
import structlog

from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import LOCAL_NAME, LOCAL_SERVER
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.kube.connection import from_cluster_secret
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.reach import CLOSED, is_closed

log = structlog.get_logger(__name__)


class Wanted(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster as it is asked for; what else is sent along is somebody's reading and does not count."""

    server: str = ""
    name: str = ""
    config: dict[str, Any] = {}
    namespaces: tuple[str, ...] = ()
    shard: int | None = None
    cluster_resources: bool = False
    project: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Wanted(server={self.server!r})"


def require_usable(backend: Backend, wanted: Wanted) -> None:
    """A cluster that nobody could connect to is refused with the reason."""
    proxy = wanted.config.get("proxyUrl")
    if isinstance(proxy, str) and is_closed(proxy):
        text = f"cluster {wanted.server}: the proxy's address may not be connected to"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    if wanted.server == LOCAL_SERVER:
        if not backend.control.settings.in_cluster_enabled:
            text = f"cannot register cluster: {LOCAL_NAME} has been disabled"
            raise RefusalError(Code.INVALID_ARGUMENT, text)
        return
    if is_closed(wanted.server):
        text = f"cluster {wanted.server}: {CLOSED}"
        raise RefusalError(Code.INVALID_ARGUMENT, text)
    try:
        from_cluster_secret(wanted.server, msgspec.json.encode(stored_config(wanted)))
    except ConnectionConfigError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, error.message) from None


def require_own_identity(caller: Caller, action: str, wanted: Wanted) -> None:
    """Credentials that are made of who we are ourselves, or by a program that runs here, are sent to the
    address that is declared with them: only who may declare any cluster whatsoever may ask for them."""
    named = [name for name in ("execProviderConfig", "awsAuthConfig") if wanted.config.get(name)]
    if named and not authorize.is_allowed(caller, "clusters", action, "*"):
        text = f"cluster {wanted.server}: {named[0]} is for who may {action} every cluster"
        raise RefusalError(Code.PERMISSION_DENIED, text)


async def require_reachable(backend: Backend, wanted: Wanted) -> None:
    """The cluster's controller tries it, as Argo CD does. Where none answers it is registered all the same:
    how it is found is shown, and nothing is deployed that cannot be."""
    if wanted.server == LOCAL_SERVER:
        return
    try:
        problem = await backend.ask.try_cluster(wanted.server, msgspec.json.encode(stored_config(wanted)))
    except RefusalError as error:
        if error.code not in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED):
            raise
        log.warning("cluster.not_tried", server=wanted.server, reason=error.message)
        return
    if problem:
        raise RefusalError(Code.UNKNOWN, problem)


def stored_config(wanted: Wanted) -> dict[str, Any]:
    """The `config` as stored; whether certificates are checked is always said."""
    given = {key: value for key, value in wanted.config.items() if value not in (None, "", False, {})}
    tls = given.get("tlsClientConfig")
    tls = tls if isinstance(tls, dict) else {}
    kept = {key: value for key, value in tls.items() if value not in (None, "")}
    return {**given, "tlsClientConfig": {**kept, "insecure": tls.get("insecure") is True}}
