"""The roles that every installation has, and who is an administrator without being told (contract 13.4).

The invariant: they mean the same whatever the patterns of the other lines are.
"""

import re

from fairlead.rbac.policy import ALLOW, Mode, Policy, Rule

READONLY, ADMIN_ROLE = "role:readonly", "role:admin"
ADMIN = "admin"
"""The account that takes the role of the administrator."""

_IN_PROJECTS = {"applications", "applicationsets", "logs", "exec"}
_READ = (
    "applications",
    "applicationsets",
    "certificates",
    "clusters",
    "repositories",
    "write-repositories",
    "projects",
    "accounts",
    "gpgkeys",
    "logs",
)
_CHANGED = ("create", "update", "delete")
_ADMINISTERED = {
    "applications": (*_CHANGED, "update/*", "delete/*", "sync", "rollback", "override", "action/*"),
    "applicationsets": _CHANGED,
    "certificates": _CHANGED,
    "clusters": _CHANGED,
    "repositories": _CHANGED,
    "write-repositories": _CHANGED,
    "projects": _CHANGED,
    "accounts": ("update",),
    "gpgkeys": ("create", "delete"),
    "exec": ("create",),
}


def _rule(resource: str, action: str, *, pattern: str = "*") -> Rule:
    return Rule(resource, action, "*/*" if resource in _IN_PROJECTS else pattern, ALLOW)


BUILTIN = Policy(
    rules={
        READONLY: tuple(_rule(resource, "get") for resource in _READ),
        ADMIN_ROLE: tuple(
            _rule(resource, action) for resource, actions in _ADMINISTERED.items() for action in actions
        ),
    },
    roles={ADMIN_ROLE: (READONLY,), ADMIN: (ADMIN_ROLE,)},
)


def builtin(mode: Mode) -> Policy:
    """The built-in roles as patterns of a mode: they mean the same in each."""
    if mode is Mode.GLOB:
        return BUILTIN
    return Policy(
        rules={
            subject: tuple(
                Rule(_expression(rule.resource), _expression(rule.action), _expression(rule.object), ALLOW)
                for rule in rules
            )
            for subject, rules in BUILTIN.rules.items()
        },
        roles=BUILTIN.roles,
    )


def _expression(glob: str) -> str:
    return "^" + ".*".join(re.escape(part) for part in glob.split("*")) + "$"
