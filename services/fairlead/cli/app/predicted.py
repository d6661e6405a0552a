"""What live objects would become with the manifests of another revision.

The server compares only with the revision it deploys; here a manifest is laid over the live object, which
keeps everything the manifest does not speak of, as an apply does.
"""

from typing import Any

import msgspec

from fairlead.cli.client import Document

_NAMED = "name"
Identity = tuple[str, str, str, str]


def at_revision(items: list[Document], manifests: list[str]) -> list[Document]:
    """Managed objects with the manifests as desired state; those without one would be pruned."""
    known = {_identity_of(item): item for item in items}
    found = []
    for text in manifests:
        target: Document = msgspec.json.decode(text)
        if _is_secret(target):
            continue
        identity = _identity(target)
        match = next((key for key in known if _is_same(key, identity)), None)
        item = known.pop(match) if match is not None else None
        found.append(_compared(match or identity, item, target))
    left = (item for item in known.values() if _state(item) is not None)
    return found + [{**item, "targetState": "", "predictedLiveState": ""} for item in left]


def without_secrets(items: list[Document]) -> list[Document]:
    """Managed objects but Secrets: their values are masked, so another revision's compare with nothing."""
    return [item for item in items if item.get("group") or item.get("kind") != "Secret"]


def _is_secret(obj: Document) -> bool:
    return obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"


def laid_over(live: Any, target: Any) -> Any:
    """`live` with what `target` says; lists of named things are matched by name, others replaced."""
    if isinstance(live, dict) and isinstance(target, dict):
        merged = {key: laid_over(live.get(key), value) for key, value in target.items()}
        return {**live, **merged}
    if _is_named(live) and _is_named(target):
        by_name = {entry[_NAMED]: entry for entry in live}
        return [laid_over(by_name.get(entry[_NAMED]), entry) for entry in target]
    if isinstance(live, list) and isinstance(target, list) and len(live) == len(target):
        return [laid_over(old, new) for old, new in zip(live, target, strict=True)]
    return target


def _compared(identity: Identity, item: Document | None, target: Document) -> Document:
    group, kind, namespace, name = identity
    named = {"group": group, "kind": kind, "namespace": namespace, "name": name}
    text = msgspec.json.encode(target).decode()
    live = _state(item) if item is not None else None
    if item is None or live is None:
        return {**named, "targetState": text, "liveState": ""}
    predicted = laid_over(live, target)
    return {
        **item,
        "targetState": text,
        "predictedLiveState": msgspec.json.encode(predicted).decode(),
        "modified": predicted != live,
    }


def _state(item: Document) -> Any:
    text = item.get("normalizedLiveState") or item.get("liveState")
    return msgspec.json.decode(text) if text else None


def _is_named(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) and _NAMED in entry for entry in value)


def _identity_of(item: Document) -> Identity:
    return (item.get("group", ""), item.get("kind", ""), item.get("namespace", ""), item.get("name", ""))


def _identity(obj: Document) -> Identity:
    group, _, _ = str(obj.get("apiVersion", "")).rpartition("/")
    metadata = obj.get("metadata", {})
    return (group, obj.get("kind", ""), metadata.get("namespace", ""), metadata.get("name", ""))


def _is_same(known: Identity, identity: Identity) -> bool:
    """Whether both name one object; a manifest may leave its namespace to the application."""
    namespaces = (known[2], identity[2])
    same_name = (known[0], known[1], known[3]) == (identity[0], identity[1], identity[3])
    return same_name and (namespaces[0] == namespaces[1] or "" in namespaces)
