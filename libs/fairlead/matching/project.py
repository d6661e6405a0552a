"""What a project allows: sources, destinations, kinds, and where its applications may live.

Invariant: nothing is allowed unless a rule says so, and a deny rule wins over every allow rule, also one that
cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from fairlead.matching.globs import denies, matches, matches_path
from fairlead.matching.repository import normalized_url
from fairlead.model.appproject import AppProject, ClusterResource, NamespaceResource
from fairlead.model.status import Destination

MAX_EXPRESSION = 256
"""Characters of a regular expression in ``sourceNamespaces``."""

_MISLEADING_HOST = re.compile(r"https?://[^/]*[?#]")
_USER = re.compile(r"(?<=://)[^/?#]*@")
_USUAL_PORT = re.compile(r"(?<=^http://)([^/:]*):80(?=/|$)|(?<=^https://)([^/:]*):443(?=/|$)")
_SLASHES = re.compile(r"(?<!:)/{2,}")


def is_namespace_permitted_for_apps(project: AppProject, namespace: str, control_namespace: str) -> bool:
    """Whether Applications of a namespace may use the project: globs, or ``/regular expressions/``."""
    if namespace in ("", control_namespace):
        return True
    return any(names_namespace(pattern, namespace) for pattern in project.spec.source_namespaces)


def is_source_permitted(project: AppProject, repo_url: str) -> bool:
    """Whether a repository may be deployed from; ``!`` denies, a lone ``*`` is any.

    Both sides are compared as :func:`fairlead.matching.repository.normalized_url` spells them. An address
    with dot segments is refused: clients resolve them, so it does not name what it seems to; so is one with a
    query or fragment right behind the host, which a rule's `*` would take for a part of the host. User
    information decides only where a rule names it: it changes nothing of where an address leads.
    """
    return permits_source(project.spec.source_repos, repo_url)


@lru_cache(maxsize=4096)
def permits_source(rules: tuple[str, ...], repo_url: str) -> bool:
    """The same by the rules alone."""
    url = normalized_url(repo_url)
    if _MISLEADING_HOST.match(url) or any(step in (".", "..") for step in unquote(url).split("/")):
        return False
    denied = any(_is_denied(rule[1:], url) for rule in rules if rule.startswith("!"))
    return not denied and any(_is_source(rule, url) for rule in rules if not rule.startswith("!"))


def is_destination_permitted(project: AppProject, *, server: str, cluster_name: str, namespace: str) -> bool:
    """Whether a cluster (by address or name) and a namespace of it may be deployed to."""
    server = server.rstrip("/")
    allowed = False
    for entry in project.spec.destinations:
        if _denies(entry, server, cluster_name, namespace):
            return False
        allowed = allowed or _allows(entry, server, cluster_name, namespace)
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
    """Whether an object may be managed.

    Cluster-scoped kinds need a whitelist entry and no destination; namespaced kinds need a permitted one.
    """
    spec = project.spec
    if not namespaced:
        allowed = _lists_cluster(spec.cluster_resource_whitelist, group, kind, name)
        return allowed and not any(
            _denies_kind(rule, group, kind) and (not rule.name or denies(rule.name, name, separator="/"))
            for rule in spec.cluster_resource_blacklist
        )
    return is_kind_permitted(project, group=group, kind=kind) and is_destination_permitted(
        project, server=server, cluster_name=cluster_name, namespace=namespace
    )


def is_kind_permitted(project: AppProject, *, group: str, kind: str) -> bool:
    """Whether a namespaced kind may be managed at all, wherever it is."""
    spec = project.spec
    whitelist = spec.namespace_resource_whitelist
    if whitelist is not None and not _lists(whitelist, group, kind):
        return False
    return not any(_denies_kind(rule, group, kind) for rule in spec.namespace_resource_blacklist)


def names_namespace(pattern: str, namespace: str) -> bool:
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        if len(pattern) > MAX_EXPRESSION:
            return False
        try:
            return re.search(pattern[1:-1], namespace) is not None
        except re.error:
            return False
    return matches(pattern, namespace)


def _is_source(rule: str, url: str) -> bool:
    if rule == "*":
        return True
    pattern = normalized_url(rule)
    return matches_path(pattern, url) and ("@" in rule or matches_path(pattern, _without_user(url)))


def _is_denied(rule: str, url: str) -> bool:
    """A denied repository is denied however its address is spelled: with a user, the usual port, more
    slashes or escapes."""
    usual = _USUAL_PORT.sub(r"\1\2", _without_user(url))
    spellings = {url, usual, normalized_url(_SLASHES.sub("/", unquote(usual)))}
    return rule == "*" or any(denies(normalized_url(rule), spelling, separator="/") for spelling in spellings)


def _without_user(url: str) -> str:
    return _USER.sub("", url)


def _allows(entry: Destination, server: str, cluster_name: str, namespace: str) -> bool:
    here = _names(entry.server, server) or _names(entry.name, cluster_name)
    return here and not entry.namespace.startswith("!") and matches(entry.namespace, namespace)


def _denies(entry: Destination, server: str, cluster_name: str, namespace: str) -> bool:
    """A denied cluster counts in the namespaces the entry names, a denied namespace on its clusters."""
    if _excludes(entry.server, server) or _excludes(entry.name, cluster_name):
        return denies(entry.namespace.removeprefix("!"), namespace)
    if _excludes(entry.namespace, namespace):
        return _may_name(entry.server, server) or _may_name(entry.name, cluster_name)
    return False


def _names(glob: str, value: str) -> bool:
    return bool(glob) and not glob.startswith("!") and matches(glob.rstrip("/"), value)


def _may_name(glob: str, value: str) -> bool:
    return bool(glob) and not glob.startswith("!") and denies(glob.rstrip("/"), value)


def _excludes(glob: str, value: str) -> bool:
    return glob.startswith("!") and denies(glob[1:].rstrip("/"), value)


def _denies_kind(rule: NamespaceResource | ClusterResource, group: str, kind: str) -> bool:
    return denies(rule.group, group, separator="/") and denies(rule.kind, kind, separator="/")


def _lists(rules: Iterable[NamespaceResource], group: str, kind: str) -> bool:
    return any(matches_path(rule.group, group) and matches_path(rule.kind, kind) for rule in rules)


def _lists_cluster(rules: Iterable[ClusterResource], group: str, kind: str, name: str) -> bool:
    return any(
        matches_path(rule.group, group)
        and matches_path(rule.kind, kind)
        and (not rule.name or matches_path(rule.name, name))
        for rule in rules
    )
