"""One spelling for what a plain write takes and a server-side apply refuses or fights over.

A list told apart by keys must not name one key twice in an apply, while a plain create lets it pass and the
kubelet takes the last variable of a name. The rules of an aggregated ClusterRole are written by the cluster.

Invariant: what runs in the cluster is the same before and after; whatever else is refused stays refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.manifest.identity import GroupKind
from fairlead.manifest.pod_specs import POD_SPECS

Rewrite = Callable[[dict[str, Any]], dict[str, Any]]

_CLUSTER_ROLE = GroupKind("rbac.authorization.k8s.io", "ClusterRole")


def acceptable(obj: dict[str, Any], kind: GroupKind) -> dict[str, Any]:
    """The object as it can be applied; the argument itself when nothing stands against it.

    Of several variables with one name the last is kept, at the first one's place; of equal ports and equal
    pull secrets one. An aggregated ClusterRole loses rules that are empty.
    """
    if kind == _CLUSTER_ROLE and obj.get("aggregationRule") and not obj.get("rules", True):
        return {name: value for name, value in obj.items() if name != "rules"}
    path = POD_SPECS.get(kind)
    return _changed(obj, path, _pod_spec) if path is not None else obj


def _changed(value: dict[str, Any], path: tuple[str, ...], rewrite: Rewrite) -> dict[str, Any]:
    if not path:
        return rewrite(value)
    below = value.get(path[0])
    if not isinstance(below, dict):
        return value
    rewritten = _changed(below, path[1:], rewrite)
    return value if rewritten is below else {**value, path[0]: rewritten}


def _pod_spec(spec: dict[str, Any]) -> dict[str, Any]:
    changes = {"imagePullSecrets": _each_once(spec.get("imagePullSecrets"))}
    for field in ("containers", "initContainers"):
        containers = spec.get(field)
        if isinstance(containers, list):
            rewritten = [_container(item) for item in containers]
            same = all(one is other for one, other in zip(rewritten, containers, strict=True))
            changes[field] = containers if same else rewritten
    return _with(spec, changes)


def _container(container: Any) -> Any:
    if not isinstance(container, dict):
        return container
    changes = {"env": _last_of_name(container.get("env")), "ports": _each_once(container.get("ports"))}
    return _with(container, changes)


def _with(value: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = {name: new for name, new in changes.items() if new is not value.get(name)}
    return {**value, **changed} if changed else value


def _last_of_name(items: Any) -> Any:
    if not isinstance(items, list) or not all(_is_named(item) for item in items):
        return items
    last = {item["name"]: item for item in items}
    return items if len(last) == len(items) else list(last.values())


def _is_named(item: Any) -> bool:
    return isinstance(item, Mapping) and isinstance(item.get("name"), str)


def _each_once(items: Any) -> Any:
    if not isinstance(items, list):
        return items
    kept = [item for at, item in enumerate(items) if item not in items[:at]]
    return items if len(kept) == len(items) else kept
