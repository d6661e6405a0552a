"""Creates, applies, patches, updates and deletes.

Invariant: what is refused, or only tried (`dryRun`), leaves nothing behind; an apply or a patch that changes
nothing makes no version.
"""

import copy
import re
import uuid
from typing import Any

import msgspec

from fairlead.manifest.identity import GroupVersionKind
from tests.fakes.clusters.apply import Object, OwnedByOthersError, applied, merge_patched, now, updated
from tests.fakes.clusters.filling import filled
from tests.fakes.clusters.kinds import NAMESPACE, Kind
from tests.fakes.clusters.messages import Asked, RefusedError, Reply
from tests.fakes.clusters.population import Name
from tests.fakes.clusters.reading import found, not_found
from tests.fakes.clusters.store import Store, encoded

APPLY, MERGE, PATCH, STRATEGIC = (
    f"application/{name}"
    for name in ("apply-patch+yaml", "merge-patch+json", "json-patch+json", "strategic-merge-patch+json")
)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_ANY_NAME = frozenset({"rbac.authorization.k8s.io"})
_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character"
)


def created(store: Store, kind: Kind, namespace: str, asked: Asked) -> Reply:
    """A POST to a collection. Raises RefusedError."""
    given = _body(asked)
    metadata = given.setdefault("metadata", {})
    name = metadata.get("name") or f"{metadata.get('generateName', '')}{uuid.uuid4().hex[:5]}"
    key = (namespace if kind.namespaced else "", name)
    _placeable(store, kind, key)
    if store.get(kind, key) is not None:
        raise RefusedError(
            409,
            "AlreadyExists",
            f'{kind.qualified} "{name}" already exists',
            name=name,
            group=kind.group,
            kind=kind.plural,
        )
    new = _made(updated(None, given, gvk_of(kind), _manager(asked)), kind, key)
    return Reply(201, _kept(store, kind, key, None, new, asked=asked))


def patched(store: Store, kind: Kind, key: Name, asked: Asked, subresource: str) -> Reply:
    """A PATCH of any kind. Raises RefusedError."""
    if asked.content_type.startswith(APPLY):
        return _applied(store, kind, key, asked)
    live = msgspec.json.decode(found(store, kind, key))
    patch = msgspec.json.decode(asked.body)
    new = _operated(live, patch) if asked.content_type.startswith(PATCH) else merge_patched(live, patch)
    _same(live, new, key)
    return _changed(store, kind, key, live, new, asked=asked, subresource=subresource)


def replaced(store: Store, kind: Kind, key: Name, asked: Asked, subresource: str) -> Reply:
    """A PUT. Raises RefusedError."""
    live, new = msgspec.json.decode(found(store, kind, key)), _body(asked)
    metadata = new.setdefault("metadata", {})
    for name in ("uid", "creationTimestamp", "generation", "namespace", "managedFields"):
        if name in live["metadata"]:
            metadata.setdefault(name, live["metadata"][name])
    _same(live, new, key)
    metadata["resourceVersion"] = live["metadata"]["resourceVersion"]
    return _changed(store, kind, key, live, new, asked=asked, subresource=subresource)


def deleted(store: Store, kind: Kind, key: Name, asked: Asked) -> Reply:
    """A DELETE of one object; what it owns goes too, unless it is orphaned. Raises RefusedError."""
    raw = found(store, kind, key)
    live = msgspec.json.decode(raw)
    options = msgspec.json.decode(asked.body) if asked.body else {}
    for field, wanted in (options.get("preconditions") or {}).items():
        has = live["metadata"].get(field)
        if has != wanted:
            label = {"uid": "UID", "resourceVersion": "ResourceVersion"}.get(field, field)
            raise _conflict(
                kind,
                key,
                f"the {label} in the precondition ({wanted}) does not match the {label} in record ({has}). "
                "The object might have been deleted and then recreated",
            )
    if options.get("dryRun") or "dryRun" in asked.query:
        return Reply(200, raw)
    if live["metadata"].get("finalizers"):
        if "deletionTimestamp" in live["metadata"]:
            return Reply(200, raw)
        live["metadata"] |= {"deletionTimestamp": now(), "deletionGracePeriodSeconds": 0}
        return Reply(200, store.put(kind, key, live))
    is_orphaning = "Orphan" in (options.get("propagationPolicy"), asked.query.get("propagationPolicy"))
    removed(store, kind, key, is_orphaning=is_orphaning)
    details = {"name": key[1], "group": kind.group, "kind": kind.plural, "uid": live["metadata"]["uid"]}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
    return Reply(200, msgspec.json.encode(status))


def removed(store: Store, kind: Kind, key: Name, *, is_orphaning: bool = False) -> None:
    """Take an object out, and what it owns."""
    owned = [] if is_orphaning else list(store.children(kind, key))
    store.drop(kind, key)
    for below, name in owned:
        if store.get(below, name) is not None:
            removed(store, below, name)


def _applied(store: Store, kind: Kind, key: Name, asked: Asked) -> Reply:
    given = _body(asked)
    given.get("metadata", {}).pop("managedFields", None)
    raw = store.get(kind, key)
    live = msgspec.json.decode(raw) if raw is not None else None
    if live is None:
        _placeable(store, kind, key)
    wanted = given.get("metadata", {}).pop("resourceVersion", None)
    if wanted and live is not None and wanted != live["metadata"]["resourceVersion"]:
        raise _modified(kind, key)
    if not asked.query.get("fieldManager"):
        raise RefusedError(
            422,
            "Invalid",
            'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply '
            "patch",
        )
    try:
        new = applied(
            live, given, gvk_of(kind), _manager(asked), force=asked.query.get("force") in ("true", "1")
        )
    except OwnedByOthersError as error:
        causes = [
            {"reason": "FieldManagerConflict", "message": f'conflict with "{manager}"', "field": field}
            for manager, field in error.conflicts
        ]
        words = "; ".join(f'conflict with "{manager}": {field}' for manager, field in error.conflicts)
        raise RefusedError(409, "Conflict", f"{error}: {words}", causes=causes) from None
    if live is None:
        return Reply(201, _kept(store, kind, key, None, _made(new, kind, key), asked=asked))
    return Reply(200, _kept(store, kind, key, live, new, asked=asked))


def _changed(
    store: Store, kind: Kind, key: Name, live: Object, new: Object, *, asked: Asked, subresource: str
) -> Reply:
    if subresource == "status":
        new = {
            **live,
            "metadata": {**new["metadata"]},
            **({"status": new["status"]} if "status" in new else {}),
        }
    elif "status" in kind.subresources:
        new = {key: value for key, value in new.items() if key != "status"}
        new |= {"status": live["status"]} if "status" in live else {}
    new = updated(live, new, gvk_of(kind), _manager(asked), subresource=subresource)
    return Reply(200, _kept(store, kind, key, live, new, asked=asked))


def _kept(store: Store, kind: Kind, key: Name, live: Object | None, new: Object, *, asked: Asked) -> bytes:
    """Write what became of an object, if anything did, and it was not only tried."""
    new = filled(kind, new)
    if live is not None and _is_same(live, new):
        return encoded(kind, live)
    metadata = new["metadata"]
    if live is not None and "generation" in metadata and _spec(live) != _spec(new):
        metadata["generation"] = live["metadata"]["generation"] + 1
    if "dryRun" in asked.query:
        return encoded(kind, new)
    if live is not None and "deletionTimestamp" in metadata and not metadata.get("finalizers"):
        store.drop(kind, key)
        return encoded(kind, new)
    return store.put(kind, key, new)


def _is_same(live: Object, new: Object) -> bool:
    """Whether nothing changed, times of managers aside."""

    def shown(value: Object) -> Object:
        metadata = dict(value["metadata"])
        entries = metadata.get("managedFields") or ()
        metadata["managedFields"] = [{**entry, "time": ""} for entry in entries]
        return {**value, "metadata": metadata}

    return shown(live) == shown(new)


def _spec(value: Object) -> Object:
    return {name: item for name, item in value.items() if name not in ("metadata", "status")}


def _made(value: Object, kind: Kind, key: Name) -> Object:
    """A new object with what the server gives it."""
    metadata = dict(value["metadata"])
    given: Object = {"name": key[1], **({"namespace": key[0]} if key[0] else {}), "uid": str(uuid.uuid4())}
    if "spec" in value:
        given["generation"] = 1
    given["creationTimestamp"] = now()
    fields = metadata.pop("managedFields", [])
    for name in ("generateName", "resourceVersion", "selfLink", "deletionTimestamp"):
        metadata.pop(name, None)
    return {**value, "metadata": {**metadata, **given, "managedFields": fields}}


def _placeable(store: Store, kind: Kind, key: Name) -> None:
    """Raises RefusedError for a name that cannot be, or a namespace that is not there."""
    namespace, name = key
    if namespace and store.get(NAMESPACE, ("", namespace)) is None:
        raise not_found(NAMESPACE, ("", namespace))
    if kind.group not in _ANY_NAME and not _NAME.fullmatch(name):
        message = f'Invalid value: "{name}": {_RULE}'
        raise RefusedError(
            422,
            "Invalid",
            f'{kind.name} "{name}" is invalid: metadata.name: {message}',
            name=name,
            kind=kind.name,
            causes=[{"reason": "FieldValueInvalid", "message": message, "field": "metadata.name"}],
        )


def _same(live: Object, new: Object, key: Name) -> None:
    """Raises RefusedError for a write that was computed from another version."""
    metadata = new.get("metadata") or {}
    wanted = metadata.get("resourceVersion") or live["metadata"]["resourceVersion"]
    if (
        wanted != live["metadata"]["resourceVersion"]
        or metadata.get("uid", live["metadata"]["uid"]) != (live["metadata"]["uid"])
    ):
        raise RefusedError(
            409,
            "Conflict",
            f'Operation cannot be fulfilled on "{key[1]}": the object has been modified; please apply your '
            "changes to the latest version and try again",
        )


def _conflict(kind: Kind, key: Name, message: str) -> RefusedError:
    words = f'Operation cannot be fulfilled on {kind.qualified} "{key[1]}": Precondition failed: {message}'
    return RefusedError(409, "Conflict", words, name=key[1], group=kind.group, kind=kind.plural)


def _modified(kind: Kind, key: Name) -> RefusedError:
    words = f'Operation cannot be fulfilled on {kind.qualified} "{key[1]}": the object has been modified'
    return RefusedError(409, "Conflict", words, name=key[1], group=kind.group, kind=kind.plural)


def _operated(live: Object, operations: list[dict[str, Any]]) -> Object:
    """RFC 6902: test, add, replace and remove. Raises RefusedError."""
    new = copy.deepcopy(live)
    for operation in operations:
        *above, last = [
            part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
        ]
        at: Any = new
        for part in above:
            at = at[int(part)] if isinstance(at, list) else at.get(part)
            if at is None:
                raise _unpatchable(operation)
        _operate(at, last, operation)
    return new


def _operate(at: Any, last: str, operation: dict[str, Any]) -> None:
    op, value = operation["op"], operation.get("value")
    place: Any = last if isinstance(at, dict) else len(at) if last == "-" else int(last)
    is_there = place in at if isinstance(at, dict) else place < len(at)
    if op == "test":
        if not is_there or at[place] != value:
            raise _unpatchable(operation)
    elif op == "add":
        if isinstance(at, list):
            at.insert(place, value)
        else:
            at[place] = value
    elif not is_there:
        raise _unpatchable(operation)
    elif op == "replace":
        at[place] = value
    elif op == "remove":
        del at[place]
    else:
        raise RefusedError(400, "BadRequest", f"unsupported operation {op}")


def _unpatchable(operation: dict[str, Any]) -> RefusedError:
    words = f"the server rejected our request due to an error in it: {operation['op']} {operation['path']}"
    return RefusedError(422, "Invalid", words)


def _body(asked: Asked) -> Object:
    try:
        body = msgspec.json.decode(asked.body)
    except msgspec.DecodeError:
        raise RefusedError(400, "BadRequest", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "BadRequest", "the body is not an object")
    return body


def gvk_of(kind: Kind) -> GroupVersionKind:
    """What a kind is called whole."""
    return GroupVersionKind(kind.group, kind.version, kind.name)


def _manager(asked: Asked) -> str:
    return asked.query.get("fieldManager") or "unknown"
