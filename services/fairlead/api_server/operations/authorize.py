"""The one place that decides whether a caller may do something to an object.

Invariant: whatever the policy does not grant is denied; beyond it, an account of ours may read and update
itself, and nothing else.
"""

from collections.abc import Iterable

from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import without_password
from fairlead.rbac import objects
from fairlead.rbac.enforce import IN_PROJECTS

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


OWN_ACCOUNT = ("get", "update")
"""What an account may do to itself, whatever the policy says."""


def require_words(resource: str, action: str) -> None:
    """Raises INVALID_ARGUMENT for what no policy can be about."""
    for word, known in ((action.partition("/")[0], ACTIONS), (resource, RESOURCES)):
        if word not in known:
            raise RefusalError(Code.INVALID_ARGUMENT, f"[{' '.join(known)}] does not contain {word}")


def is_allowed(caller: Caller, resource: str, action: str, obj: str) -> bool:
    """Whether a caller may do `action` to `obj` of a kind of resource (contract 13.4).

    Raises INTERNAL while the policy cannot be read: then nobody may do anything.
    """
    if resource == "accounts" and action in OWN_ACCOUNT and caller.is_local and obj == caller.username:
        return True
    return caller.rights.may(resource, action, obj)


def is_allowed_all(caller: Caller, resource: str, action: str, project: str) -> bool | None:
    """The same of all objects of a project at once; None when it depends on the object. Not of accounts."""
    return caller.rights.may_all(resource, action, project)


def is_allowed_somewhere(caller: Caller, resource: str, action: str, projects: Iterable[str]) -> bool:
    """Whether there may be something to which a caller may do `action`, in one of the projects or in none."""
    if caller.rights.may_somewhere(resource, action):
        return True
    return resource in IN_PROJECTS and any(
        caller.rights.may_all(resource, action, project) is not False for project in projects
    )


def require(caller: Caller, resource: str, action: str, obj: str) -> None:
    """Raises PERMISSION_DENIED unless allowed."""
    if not is_allowed(caller, resource, action, obj):
        who = f", sub: {caller.username}, iat: {caller.issued_at}" if caller.is_logged_in else ""
        text = f"permission denied: {resource}, {action}, {_shown(obj)}{who}"
        raise RefusalError(Code.PERMISSION_DENIED, text)


def _shown(obj: str) -> str:
    """How an object is told and recorded: an address, alone or below a project, may hold a password."""
    project, slash, address = obj.partition("/")
    if slash and "://" in address:
        return f"{project}/{without_password(address)}"
    return without_password(obj) if "://" in obj else obj


def hidden() -> RefusalError:
    """The words for what does not exist and for what may not be seen: the same."""
    return RefusalError(Code.PERMISSION_DENIED, "permission denied")


def application_object(project: str, name: str, namespace: str = "", control: str = "") -> str:
    """How policies name an application; with its namespace unless that is `control`, the control plane's."""
    return objects.application(project, name, namespace, control)


def cluster_object(server: str, project: str = "") -> str:
    """How policies name a cluster: with its project, where it belongs to one."""
    return objects.scoped(server, project)


def repository_object(url: str, project: str = "") -> str:
    """How policies name a repository: with its project, where it belongs to one."""
    return objects.scoped(url, project)
