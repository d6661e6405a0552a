"""As whom an application's objects are written: ourselves, or the account its project names.

Invariant: with impersonation enforced, an application without a matching account writes nothing, and a rule
that cannot be read is never passed over for a later one, which may name an account that may do more.
"""

from __future__ import annotations

import re

from fairlead.matching.errors import GlobError
from fairlead.matching.globs import check as readable
from fairlead.matching.globs import matches
from fairlead.model.application import Application
from fairlead.model.appproject import AppProject
from fairlead.settings import ControllerSettings

_ACCOUNT = re.compile(r"(?:[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?:)?[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?")


class ImpersonationError(Exception):
    """No account may write for this application."""


def account_for(
    app: Application, project: AppProject | None, server: str, settings: ControllerSettings
) -> str:
    """`system:serviceaccount:<namespace>:<name>`, or "" for ourselves. Raises ImpersonationError."""
    if not settings.impersonation:
        return ""
    account = _named(app, project, server)
    if account or not settings.impersonation_enforced:
        return account
    raise ImpersonationError(
        f"no matching service account found for destination server {server} and namespace "
        f"{app.spec.destination.namespace}"
    )


def _named(app: Application, project: AppProject | None, server: str) -> str:
    """The account of the first rule that matches, or ""."""
    namespace = app.spec.destination.namespace
    for rule in project.spec.destination_service_accounts if project is not None else ():
        if _is_meant("server", rule.server, server) and _is_meant("namespace", rule.namespace, namespace):
            return _account(rule.default_service_account, namespace or app.metadata.namespace)
    return ""


def _is_meant(field: str, glob: str, value: str) -> bool:
    try:
        readable(glob)
    except GlobError as error:
        raise ImpersonationError(f"invalid glob pattern for destination {field}: {error}") from None
    return matches(glob, value)


def _account(named: str, home: str) -> str:
    if not _ACCOUNT.fullmatch(named):
        raise ImpersonationError(f"default service account contains invalid chars '{named}'")
    return f"system:serviceaccount:{named if ':' in named else f'{home}:{named}'}"
