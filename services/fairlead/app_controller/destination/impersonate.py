"""As whom an application's objects are written: ourselves, or the account its project names.

Invariant: with impersonation enforced, an application without a matching account writes nothing.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from fairlead.app_controller.destination.clusters import Cluster
from fairlead.kube.writer import ClusterWriter
from fairlead.model.application import Application
from fairlead.model.appproject import AppProject
from fairlead.settings import ControllerSettings


class ImpersonationError(Exception):
    """No account may write for this application."""


def acting_writer(
    app: Application, project: AppProject | None, cluster: Cluster, settings: ControllerSettings
) -> ClusterWriter:
    """The writer of an application's operations. Raises ImpersonationError."""
    if not settings.impersonation:
        return cluster.writer
    account = _account(app, project, cluster)
    if account:
        return cluster.writer.acting_as(account)
    if not settings.impersonation_enforced:
        return cluster.writer
    raise ImpersonationError(
        f"no matching service account found for destination server {cluster.server} and namespace "
        f"{app.spec.destination.namespace}"
    )


def _account(app: Application, project: AppProject | None, cluster: Cluster) -> str:
    """`system:serviceaccount:<ns>:<name>` of the first rule that matches, or ""."""
    namespace = app.spec.destination.namespace
    for rule in project.spec.destination_service_accounts if project is not None else ():
        if fnmatchcase(cluster.server, rule.server) and fnmatchcase(namespace, rule.namespace or "*"):
            place, colon, name = rule.default_service_account.partition(":")
            if not colon:
                place, name = namespace or app.metadata.namespace, place
            return f"system:serviceaccount:{place}:{name}"
    return ""
