"""The tokens of a project's roles, which its spec and its status both list.

Invariant: both lists are the same, newest first; a role that is gone has none.
"""

from collections.abc import Iterable

import msgspec

from fairlead.model.appproject import AppProject, AppProjectStatus, JwtToken, JwtTokens


def synchronised(project: AppProject) -> AppProject:
    """The project with every role's tokens from both places, in both."""
    listed = project.status.jwt_tokens_by_role
    roles, tokens = [], {}
    for role in project.spec.roles:
        status = listed[role.name].items if role.name in listed else ()
        together = combined((*role.jwt_tokens, *status))
        roles.append(msgspec.structs.replace(role, jwt_tokens=together))
        tokens[role.name] = JwtTokens(items=together)
    return msgspec.structs.replace(
        project,
        spec=msgspec.structs.replace(project.spec, roles=tuple(roles)),
        status=AppProjectStatus(jwt_tokens_by_role=tokens),
    )


def combined(tokens: Iterable[JwtToken]) -> tuple[JwtToken, ...]:
    """Each token once, newest first; one without an id has the time it was issued at for one."""
    found: dict[str, JwtToken] = {}
    for token in tokens:
        name = token.id or str(token.iat)
        found.setdefault(name, msgspec.structs.replace(token, id=name))
    return tuple(sorted(found.values(), key=lambda token: token.iat, reverse=True))
