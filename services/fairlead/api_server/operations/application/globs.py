"""Globs of projects: source repositories and destinations (contract 3).

The invariant: a deny (`!`) wins over every allow, and an unreadable pattern allows nothing.
"""

import re
from functools import lru_cache

from fairlead.api_server.operations.cluster import RegisteredCluster
from fairlead.model.appproject import AppProject
from fairlead.model.status import Destination

PATTERNS = 1024
"""Compiled patterns kept."""
_SCP = re.compile(r"^(?P<user>[^@/]+)@(?P<host>[^:/]+):(?P<path>.*)$")


def is_source_permitted(project: AppProject, repo_url: str) -> bool:
    """Whether the project allows a repository."""
    url = _normal(repo_url)
    allowed = False
    for pattern in project.spec.source_repos:
        deny, body = pattern.startswith("!"), pattern.removeprefix("!")
        if body == "*" or _matches(_normal(body), url, "/"):
            if deny:
                return False
            allowed = True
    return allowed


def is_destination_permitted(project: AppProject, cluster: RegisteredCluster, namespace: str) -> bool:
    """Whether the project allows a namespace of a cluster."""
    if project.spec.permit_only_project_scoped_clusters and cluster.project != project.metadata.name:
        return False
    entries = project.spec.destinations
    if any(_denies(entry, cluster, namespace) for entry in entries):
        return False
    return any(_allows(entry, cluster, namespace) for entry in entries)


def _allows(entry: Destination, cluster: RegisteredCluster, namespace: str) -> bool:
    return _names(entry, cluster) and _matches(entry.namespace, namespace)


def _denies(entry: Destination, cluster: RegisteredCluster, namespace: str) -> bool:
    if entry.namespace.startswith("!"):
        return _names(entry, cluster) and _matches(entry.namespace[1:], namespace)
    refused = any(
        pattern.startswith("!") and _matches(pattern[1:], value)
        for pattern, value in ((entry.server, cluster.server), (entry.name, cluster.name))
    )
    return refused and _matches(entry.namespace, namespace)


def _names(entry: Destination, cluster: RegisteredCluster) -> bool:
    return bool(
        (entry.server and _matches(entry.server.rstrip("/"), cluster.server))
        or (entry.name and _matches(entry.name, cluster.name))
    )


def _normal(url: str) -> str:
    text = url.strip().lower().removesuffix(".git")
    scp = _SCP.match(text) if "://" not in text else None
    return f"ssh://{scp['user']}@{scp['host']}/{scp['path']}" if scp else text


def _matches(pattern: str, text: str, separator: str = "") -> bool:
    compiled = _compiled(pattern, separator)
    return compiled is not None and compiled.fullmatch(text) is not None


@lru_cache(PATTERNS)
def _compiled(pattern: str, separator: str) -> re.Pattern[str] | None:
    one = f"[^{re.escape(separator)}]" if separator else "."
    parts = []
    for piece in re.findall(r"\*\*|\*|\?|\[!?[^\]]+\]|\{[^{}]*\}|.", pattern, re.DOTALL):
        parts.append(_translated(piece, one))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return None


def _translated(piece: str, one: str) -> str:
    if piece == "**":
        return ".*"
    if piece == "*":
        return f"{one}*"
    if piece == "?":
        return one
    if piece[0] == "[" and len(piece) > 2:
        return (
            "["
            + ("^" if piece[1] == "!" else "")
            + re.escape(piece[1:-1].lstrip("!")).replace(r"\-", "-")
            + "]"
        )
    if piece[0] == "{" and len(piece) > 2:
        return "(?:" + "|".join(re.escape(word) for word in piece[1:-1].split(",")) + ")"
    return re.escape(piece)
