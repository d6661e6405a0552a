"""What a project allows: sources, destinations, kinds (contract 3).

Invariant: nothing is allowed unless a rule says so; a deny rule wins over every allow rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from fairlead.matching.repository import identity
from fairlead.model.appproject import AppProject, ClusterResource, NamespaceResource


def is_namespace_permitted_for_apps(project: AppProject, namespace: str, control_namespace: str) -> bool:
    """Whether Applications of a namespace may use the project."""
    if namespace in ("", control_namespace):
        return True
    return any(fnmatchcase(namespace, glob) for glob in project.spec.source_namespaces)


def is_source_permitted(project: AppProject, repo_url: str) -> bool:
    """Whether a repository may be deployed from; `!` denies."""
    wanted = identity(repo_url)

    def hits(glob: str) -> bool:
        return glob == "*" or fnmatchcase(wanted, identity(glob)) or fnmatchcase(repo_url, glob)

    allows = [glob for glob in project.spec.source_repos if not glob.startswith("!")]
    denies = [glob[1:] for glob in project.spec.source_repos if glob.startswith("!")]
    return any(map(hits, allows)) and not any(map(hits, denies))


def is_destination_permitted(project: AppProject, *, server: str, cluster_name: str, namespace: str) -> bool:
    """Whether a cluster and namespace may be deployed to."""
    allowed = False
    for entry in project.spec.destinations:
        place = _named(entry.server, server) or _named(entry.name, cluster_name)
        if _denies(entry.server, server) or _denies(entry.name, cluster_name):
            if _named(entry.namespace.lstrip("!"), namespace):
                return False
        elif entry.namespace.startswith("!"):
            if place and fnmatchcase(namespace, entry.namespace[1:]):
                return False
        elif place and _named(entry.namespace, namespace):
            allowed = True
    return allowed


def is_resource_permitted(
    project: AppProject,
    *,
    group: str,
    kind: str,
    namespace: str,
    name: str,
    namespaced: bool,
    server: str,
    cluster_name: str,
) -> bool:
    """Whether an object may be managed: its kind by the lists, and where it is by the destinations."""
    spec = project.spec
    if not namespaced:
        return _lists_cluster(spec.cluster_resource_whitelist, group, kind, name) and not _lists_cluster(
            spec.cluster_resource_blacklist, group, kind, name
        )
    allowed = spec.namespace_resource_whitelist is None or _lists(
        spec.namespace_resource_whitelist, group, kind
    )
    if not allowed or _lists(spec.namespace_resource_blacklist, group, kind):
        return False
    return is_destination_permitted(project, server=server, cluster_name=cluster_name, namespace=namespace)


def _named(glob: str, value: str) -> bool:
    return bool(glob) and not glob.startswith("!") and fnmatchcase(value, glob)


def _denies(glob: str, value: str) -> bool:
    return glob.startswith("!") and fnmatchcase(value, glob[1:])


def _lists(rules: Iterable[NamespaceResource], group: str, kind: str) -> bool:
    return any(fnmatchcase(group, rule.group) and fnmatchcase(kind, rule.kind) for rule in rules)


def _lists_cluster(rules: Iterable[ClusterResource], group: str, kind: str, name: str) -> bool:
    return any(
        fnmatchcase(group, rule.group)
        and fnmatchcase(kind, rule.kind)
        and (not rule.name or fnmatchcase(name, rule.name))
        for rule in rules
    )
