"""The one place that decides whether a caller may do something to an object.

Invariant: whatever is not granted is denied. A subject is an issuer and a name: only our own `admin` may do
everything, and only an account of ours may read and update itself; no identity provider makes either.
Policies of `argocd-rbac-cm` are to be evaluated here and nowhere else.
"""

from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.auth.accounts import ADMIN
from fairlead.auth.sessions import ISSUER

ACTIONS = ("get", "create", "update", "delete", "sync", "rollback", "override", "action", "invoke")
RESOURCES = (
    "clusters",
    "projects",
    "applications",
    "applicationsets",
    "repositories",
    "write-repositories",
    "certificates",
    "accounts",
    "gpgkeys",
    "logs",
    "exec",
    "extensions",
)


def is_allowed(caller: Caller, resource: str, action: str, obj: str) -> bool:
    """Whether a caller may do `action` to `obj` of a kind of resource (contract 13.4)."""
    if caller.issuer != ISSUER:
        return False
    if caller.username == ADMIN:
        return True
    return resource == "accounts" and caller.is_logged_in and obj == caller.username


def require(caller: Caller, resource: str, action: str, obj: str) -> None:
    """Raises PERMISSION_DENIED unless allowed."""
    if not is_allowed(caller, resource, action, obj):
        raise RefusalError(
            Code.PERMISSION_DENIED,
            f"permission denied: {resource}, {action}, {obj}, "
            f"sub: {caller.username}, iat: {caller.issued_at}",
        )


def application_object(project: str, name: str) -> str:
    """How policies name an application of the control plane's namespace."""
    return f"{project}/{name}"
