"""Headers on their way to a backend and back.

The invariant: no session of ours reaches a backend, whatever it is called; what a backend learns of who asks
and for what is what was verified; and no backend speaks for our own pages.
"""

import re
from collections.abc import Mapping

from multidict import CIMultiDict, CIMultiDictProxy

from fairlead.api_server.extensions.asked import APPLICATION, PROJECT, Asked
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.registered import RegisteredCluster
from fairlead.settings.proxy_extensions import OF_THE_CONNECTION, RESERVED

NAMESPACE = "Argocd-Namespace"
CLUSTER_NAME, CLUSTER_URL = "Argocd-Target-Cluster-Name", "Argocd-Target-Cluster-URL"
USERNAME, USER_ID, GROUPS = "Argocd-Username", "Argocd-User-Id", "Argocd-User-Groups"
NOT_FORWARDED = frozenset({"authorization", "cookie", "token"})
"""Where a session of ours may stand."""
NOT_RETURNED = frozenset(
    {
        "alt-svc",
        "clear-site-data",
        "content-security-policy",
        "content-security-policy-report-only",
        "nel",
        "renew-token",
        "report-to",
        "reporting-endpoints",
        "server",
        "service-worker-allowed",
        "set-cookie",
        "sourcemap",
        "strict-transport-security",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
    }
)
"""What holds for all of an origin, which is ours; a cookie or a session would be taken for one of ours, and
a browser would ask for a password as if we did."""
OPENING = "access-control-"
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def forwarded(
    headers: CIMultiDictProxy[str],
    *,
    asked: Asked,
    caller: Caller,
    cluster: RegisteredCluster,
    namespace: str,
    added: Mapping[str, str],
) -> CIMultiDict[str]:
    """What the backend is sent. `namespace` is the control plane's; `added` is configured."""
    dropped = OF_THE_CONNECTION | _named_by_connection(headers) | NOT_FORWARDED
    found: CIMultiDict[str] = CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in dropped and not _is_reserved(name)
    )
    for name, value in added.items():
        found[name] = value
    ours = {
        APPLICATION: f"{asked.namespace}:{asked.name}",
        PROJECT: asked.project,
        NAMESPACE: namespace,
        CLUSTER_NAME: cluster.name,
        CLUSTER_URL: cluster.server,
        USERNAME: caller.known_as,
        USER_ID: caller.username,
        GROUPS: ",".join(_groups(caller)),
    }
    found.update({name: value for name, value in ours.items() if value and not _UNSENDABLE.search(value)})
    _append(found, "X-Forwarded-For", caller.address)
    return found


def _is_reserved(name: str) -> bool:
    """Whether a name is one of ours, or is taken for one by whoever makes no difference of _ and -."""
    return name.lower().replace("_", "-").startswith(RESERVED)


def _append(headers: CIMultiDict[str], name: str, value: str) -> None:
    """As proxies do: who the last one was is added to what those before said."""
    if value:
        headers[name] = ", ".join([*headers.getall(name, []), value])


def _groups(caller: Caller) -> list[str]:
    """Those that can be told apart in a list: one with a comma would be taken for two."""
    return [group for group in caller.groups if group and "," not in group and not _UNSENDABLE.search(group)]


def returned(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """What of a backend's headers the caller is sent."""
    dropped = OF_THE_CONNECTION | _named_by_connection(headers) | NOT_RETURNED
    return CIMultiDict(
        (name, value)
        for name, value in headers.items()
        if name.lower() not in dropped and not name.lower().startswith(OPENING)
    )


def _named_by_connection(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    """What `Connection` says is about the connection alone."""
    said = ",".join(headers.getall("Connection", []))
    return frozenset(name.strip().lower() for name in said.split(",") if name.strip())
