"""The roles of a project: what they say about its own objects, and what may be written in them (contract 3).

The invariant: a project's line is about that project's objects and roles only; where one line cannot be read,
none of the project's lines holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from fairlead.model.appproject import ProjectRole
from fairlead.rbac import line as csv
from fairlead.rbac.errors import InvalidRoleError, PolicyError
from fairlead.rbac.policy import ALLOW, DENY, P_FIELDS, Policy, Rule, parse, together

RESOURCES = ("applications", "applicationsets", "repositories", "exec", "logs", "clusters")
ACTIONS = ("get", "create", "update", "delete", "sync", "override", "rollback", "*")
PATHS = ("action/", "update/", "delete/")
_NAME = re.compile(r"[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?")


class ProjectPolicy:
    """What the roles of one project say. Compared by identity: another one is another answer."""

    def __init__(self, name: str, policy: Policy, problem: str = "") -> None:
        self.name = name
        self.policy = policy
        self.problem = problem
        """Why no line of the project holds; "" when they do."""


def subject(project: str, role: str) -> str:
    """The subject of a project's role."""
    return f"proj:{project}:{role}"


def policy_of(name: str, roles: Iterable[ProjectRole]) -> ProjectPolicy:
    """The policy of a project's roles."""
    try:
        return ProjectPolicy(name, together(_of_role(name, role) for role in roles))
    except PolicyError as error:
        return ProjectPolicy(name, Policy(), str(error))


def _of_role(project: str, role: ProjectRole) -> Policy:
    own = subject(project, role.name)
    parsed = parse("\n".join(role.policies))
    if parsed.roles or parsed.rules.keys() - {own}:
        other = next(iter([*parsed.roles, *(parsed.rules.keys() - {own})]))
        raise PolicyError(f"{other} is not the role {own}")
    rules = [rule for rule in parsed.rules.get(own, ()) if _is_own(project, rule)]
    rules.append(Rule("projects", "get", project, ALLOW))
    return Policy(rules={own: tuple(rules)}, roles={unquoted(group): (own,) for group in role.groups})


def _is_own(project: str, rule: Rule) -> bool:
    return rule.resource in RESOURCES and rule.object.startswith(f"{project}/")


def unquoted(group: str) -> str:
    """A group's name without the quotes that one with a comma is written in."""
    quoted = len(group) > 1 and group[0] == group[-1] == '"'
    return group[1:-1].replace('""', '"') if quoted else group


def check_roles(project: str, roles: Sequence[ProjectRole]) -> None:
    """Raises InvalidRoleError, in the words of Argo CD, unless all roles may be stored."""
    seen: set[str] = set()
    for role in roles:
        if role.name in seen:
            raise InvalidRoleError(f"role '{role.name}' already exists", exists=True)
        seen.add(role.name)
        check_role(project, role)


def check_role(project: str, role: ProjectRole) -> None:
    """Raises InvalidRoleError, in the words of Argo CD, unless the role may be stored."""
    if _NAME.fullmatch(role.name) is None:
        words = "must consist of alphanumeric characters, '-' or '_', and begin and end with alphanumerics"
        raise InvalidRoleError(f"invalid role name '{role.name}'. {words}")
    lines: set[str] = set()
    for line in role.policies:
        if line in lines:
            words = f"policy '{line}' already exists for role '{role.name}'"
            raise InvalidRoleError(words, exists=True)
        lines.add(line)
        check_line(project, role.name, line)
    groups: set[str] = set()
    for group in role.groups:
        if group in groups:
            words = f"group '{group}' already exists for role '{role.name}'"
            raise InvalidRoleError(words, exists=True)
        groups.add(group)
        check_group(group)


def check_line(project: str, role: str, line: str) -> None:
    """Raises InvalidRoleError unless a policy's line is one of this role and its project."""
    try:
        found = csv.fields(line.strip())
    except ValueError:
        found = []
    if len(found) != P_FIELDS or found[0] != "p":
        raise _bad(line, "must be of the form: 'p, sub, res, act, obj, eft'")
    _, who, resource, action, obj, effect = (field.strip() for field in found)
    own = subject(project, role)
    if who != own:
        raise _bad(line, f"policy subject must be: '{own}', not '{who}'")
    if resource not in RESOURCES:
        known = "'applications', 'applicationsets', 'repositories', 'exec', 'logs' or 'clusters'"
        raise _bad(line, f"project resource must be: {known}, not '{resource}'")
    if action not in ACTIONS and not action.startswith(PATHS):
        raise _bad(line, f"invalid action '{action}'")
    if not _is_object(project, obj):
        forms = f"'{project}/*', '{project}[/<NAMESPACE>]/<APPNAME>' or '{project}/<APPNAME>'"
        raise _bad(line, f"object must be of form {forms}, not '{obj}'")
    if effect not in (ALLOW, DENY):
        raise _bad(line, "effect must be: 'allow' or 'deny'")


def _is_object(project: str, obj: str) -> bool:
    return re.fullmatch(rf"{re.escape(project)}(/[*\w.-]+)?/[*\w.-]+", obj, re.ASCII) is not None


def check_group(group: str) -> None:
    """Raises InvalidRoleError unless a group may be named so."""
    name = unquoted(group)
    if not name.strip():
        raise InvalidRoleError("group name is empty")
    if name != name.strip() or any(char in name for char in '"\t\n\r'):
        raise InvalidRoleError(f"group '{group}' contains characters that are not allowed")
    if "," in name and name == group:
        raise InvalidRoleError(f"group '{group}' has a comma and must be quoted")


def _bad(line: str, why: str) -> InvalidRoleError:
    return InvalidRoleError(f"invalid policy rule '{line}': {why}")
