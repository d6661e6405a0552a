"""What a project permits, said a second time: word by word after the contract, on plain dictionaries.

Slow and simple on purpose: nothing of the code under test is used, neither its globs nor its spelling of
addresses. A world is an Application's namespace, its destination, the cluster it goes to (with the project
that the cluster's Secret names), and what belongs to the project.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

CONTROL = "argocd"
Spec = dict[str, Any]


class World(NamedTuple):
    """Where an application lives and goes."""

    app_namespace: str
    home: str
    server: str
    cluster: str
    cluster_project: str
    project: str = "team"
    own_servers: tuple[str, ...] = ()
    own_repositories: tuple[str, ...] = ()


class Object(NamedTuple):
    """What is to be written; without a namespace it is cluster-scoped."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def namespaced(self) -> bool:
        return bool(self.namespace)


def glob(pattern: str, text: str, separator: str = "") -> bool:
    """`*` and `?` stop at the separator, `**` does not; braces are alternatives."""
    opened = pattern.find("{")
    if opened >= 0:
        closed = pattern.index("}", opened)
        parts = pattern[opened + 1 : closed].split(",")
        return any(glob(pattern[:opened] + part + pattern[closed + 1 :], text, separator) for part in parts)
    return _plain(pattern, text, separator)


def _plain(pattern: str, text: str, separator: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        is_deep = bool(separator) and pattern.startswith("**")
        rest, end = pattern[2 if is_deep else 1 :], len(text)
        if separator and not is_deep and separator in text:
            end = text.index(separator)
        return any(_plain(rest, text[at:], separator) for at in range(end + 1))
    if not text or (pattern[0] == "?" and text[0] == separator):
        return False
    return pattern[0] in ("?", text[0]) and _plain(pattern[1:], text[1:], separator)


def inherited(spec: Spec, givers: Iterable[Spec]) -> Spec:
    """The lists of the global projects appended to the project's own."""
    whole = dict(spec)
    for giver in givers:
        for name in (
            "namespaceResourceWhitelist",
            "namespaceResourceBlacklist",
            "clusterResourceWhitelist",
            "clusterResourceBlacklist",
            "sourceRepos",
            "destinations",
        ):
            if giver.get(name) is not None:
                whole[name] = [*(whole.get(name) or []), *giver[name]]
    return whole


def permits_object(spec: Spec, world: World, obj: Object) -> bool:
    """Whether an application may write an object: itself permitted, its destination too, and the object."""
    return (
        permits_namespace_of_application(spec, world.app_namespace)
        and permits_cluster(spec, world)
        and permits_destination(spec, world, world.home)
        and permits_resource(spec, world, obj)
    )


def permits_namespace_of_application(spec: Spec, namespace: str) -> bool:
    """The control namespace, or one that a glob or a regular expression of the project names."""
    if namespace == CONTROL:
        return True
    return any(
        re.search(rule[1:-1], namespace) is not None
        if rule.startswith("/") and rule.endswith("/")
        else glob(rule, namespace)
        for rule in spec.get("sourceNamespaces", [])
    )


def permits_cluster(spec: Spec, world: World) -> bool:
    """`permitOnlyProjectScopedClusters`: only clusters that are the project's own."""
    return not spec.get("permitOnlyProjectScopedClusters") or world.cluster_project == world.project


def permits_destination(spec: Spec, world: World, namespace: str) -> bool:
    """An entry matches by server or name, and by namespace, and no entry denies; what is the project's own is
    an entry for every namespace."""
    entries = [*spec.get("destinations", [])]
    entries += [{"server": server, "namespace": "*"} for server in world.own_servers]
    allowed = False
    for entry in entries:
        server, name, place = entry.get("server", ""), entry.get("name", ""), entry.get("namespace", "")
        here = _names(server, world.server) or _names(name, world.cluster)
        if _hits(server, world.server) or _hits(name, world.cluster):
            if glob(place.removeprefix("!"), namespace):
                return False
            continue
        if _hits(place, namespace) and here:
            return False
        allowed = allowed or (here and not place.startswith("!") and glob(place, namespace))
    return allowed


def _names(rule: str, value: str) -> bool:
    return bool(rule) and not rule.startswith("!") and glob(rule, value)


def _hits(rule: str, value: str) -> bool:
    return rule.startswith("!") and glob(rule[1:], value)


def permits_resource(spec: Spec, world: World, obj: Object) -> bool:
    """Cluster-scoped: listed white and not black, whatever the destination. Namespaced: not excluded by the
    lists, in a permitted destination."""
    if not obj.namespaced:
        white = spec.get("clusterResourceWhitelist") or []
        black = spec.get("clusterResourceBlacklist") or []
        return _lists(white, obj) and not _lists(black, obj)
    found = spec.get("namespaceResourceWhitelist")
    if found is not None and not _lists(found, obj):
        return False
    if _lists(spec.get("namespaceResourceBlacklist") or [], obj):
        return False
    return permits_destination(spec, world, obj.namespace)


def _lists(rules: Iterable[dict[str, str]], obj: Object) -> bool:
    for rule in rules:
        is_kind = glob(rule["group"], obj.group, "/") and glob(rule["kind"], obj.kind, "/")
        if is_kind and (not rule.get("name") or glob(rule["name"], obj.name, "/")):
            return True
    return False


def permits_source(spec: Spec, world: World, url: str) -> bool:
    """A rule matches the address and no `!` rule does; a lone `*` is any; the project's own need no rule."""
    rules, address = spec.get("sourceRepos", []), _spelled(url)
    denied = any(_is_source(rule[1:], address) for rule in rules if rule.startswith("!"))
    own = any(_spelled(repository) == address for repository in world.own_repositories)
    return not denied and (own or any(_is_source(rule, address) for rule in rules if rule[0] != "!"))


def _is_source(rule: str, address: str) -> bool:
    return rule == "*" or glob(_spelled(rule), address, "/")


def _spelled(url: str) -> str:
    """Lower case, no `.git` at its end, scp form as ssh."""
    text = url.lower().removesuffix(".git")
    scp = re.fullmatch(r"(\w+@[\w.]+):(?!/)(.*)", text)
    return f"ssh://{scp[1]}/{scp[2]}" if scp else text
