"""Every action on every kind of object by every role: nothing is allowed that the tables here do not say."""

from __future__ import annotations

from itertools import product

import pytest

from fairlead.model.appproject import ProjectRole
from fairlead.rbac import Enforcer, Identity, parse
from fairlead.rbac.project import policy_of

RESOURCES = (
    "applications",
    "applicationsets",
    "logs",
    "exec",
    "extensions",
    "projects",
    "repositories",
    "write-repositories",
    "clusters",
    "certificates",
    "gpgkeys",
    "accounts",
    "made-up",
)
ACTIONS = (
    "get",
    "create",
    "update",
    "delete",
    "sync",
    "rollback",
    "override",
    "invoke",
    "action/apps/Deployment/restart",
    "action//Pod/x",
    "update/apps/Deployment/ns/web",
    "delete/apps/Deployment/ns/web",
    "",
    "GET",
)
OBJECTS = (
    "red/app",
    "red/ns/app",
    "blue/app",
    "redder/app",
    "red",
    "blue",
    "https://host",
    "red/https://host",
    "",
)
PROJECTED = {"applications", "applicationsets", "logs", "exec"}
READ = set(RESOURCES) - {"exec", "extensions", "made-up"}
FULL = {
    "applications": {"create", "update", "delete", "sync", "rollback", "override"},
    "applicationsets": {"create", "update", "delete"},
    "certificates": {"create", "update", "delete"},
    "clusters": {"create", "update", "delete"},
    "repositories": {"create", "update", "delete"},
    "write-repositories": {"create", "update", "delete"},
    "projects": {"create", "update", "delete"},
    "accounts": {"update"},
    "gpgkeys": {"create", "delete"},
    "exec": {"create"},
}
POLICY = """
g, reader, role:readonly
g, root, role:admin
g, team, role:admin
p, red-syncer, applications, sync, red/*, allow
p, red-operator, applications, action/*, red/*, allow
p, careful, *, *, *, allow
p, careful, applications, delete*, *, deny
p, careful, *, *, blue*, deny
"""
ROLE = ProjectRole(
    name="all",
    groups=("red-team",),
    policies=tuple(
        f"p, proj:red:all, {resource}, *, red/*, allow"
        for resource in ("applications", "applicationsets", "repositories", "clusters", "exec", "logs")
    ),
)


def reads(resource: str, action: str, obj: str) -> bool:
    return action == "get" and resource in READ and (resource not in PROJECTED or "/" in obj)


def administers(resource: str, action: str, obj: str) -> bool:
    if reads(resource, action, obj):
        return True
    if resource in PROJECTED and "/" not in obj:
        return False
    is_path = resource == "applications" and action.startswith(("action/", "update/", "delete/"))
    return is_path or action in FULL.get(resource, set())


def of_red(resource: str, action: str, obj: str) -> bool:
    if resource == "projects":
        return (action, obj) == ("get", "red")
    scoped = {"applications", "applicationsets", "repositories", "clusters", "exec", "logs"}
    return resource in scoped and obj.startswith("red/")


def careful(resource: str, action: str, obj: str) -> bool:
    return not (resource == "applications" and action.startswith("delete")) and not obj.startswith("blue")


ROLES = {
    "nobody": (Identity(), lambda *_: False),
    "unknown": (Identity("someone"), lambda *_: False),
    "reader": (Identity("reader"), reads),
    "root": (Identity("root"), administers),
    "admin": (Identity("admin"), administers),
    "an admin of the provider's": (Identity("admin", is_local=False), lambda *_: False),
    "a role of the provider's": (Identity("role:admin", ("role:admin",), is_local=False), lambda *_: False),
    "by group": (Identity("x", ("other", "team"), is_local=False), administers),
    "syncs red": (
        Identity("red-syncer"),
        lambda resource, action, obj: (
            (resource, action) == ("applications", "sync") and obj.startswith("red/")
        ),
    ),
    "operates red": (
        Identity("red-operator"),
        lambda resource, action, obj: (
            resource == "applications" and action.startswith("action/") and obj.startswith("red/")
        ),
    ),
    "careful": (Identity("careful"), careful),
    "role of red": (Identity("proj:red:all"), of_red),
    "team of red": (Identity("y", ("red-team",), is_local=False), of_red),
    "role of blue": (Identity("proj:blue:all"), lambda *_: False),
    "role of red by the provider": (Identity("proj:red:all", is_local=False), lambda *_: False),
}


def test_the_matrix_is_as_large_as_it_says() -> None:
    assert len(ROLES) * len(RESOURCES) * len(ACTIONS) * len(OBJECTS) > 5000


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_allowed_but_what_a_role_is_for(role: str) -> None:
    red = policy_of("red", [ROLE])
    enforcer = Enforcer(parse(POLICY), projects=lambda name: red if name == "red" else None)
    identity, expected = ROLES[role]
    view = enforcer.view(identity)
    for resource, action, obj in product(RESOURCES, ACTIONS, OBJECTS):
        found = view.may(resource, action, obj)
        assert found is expected(resource, action, obj), (resource, action, obj)
