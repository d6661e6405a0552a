"""Lists, pages and single objects.

Invariant: all pages of a list are of one version; one that is not remembered any more is refused as expired.
"""

import base64
from itertools import islice
from typing import Any

import msgspec

from tests.fakes.clusters.kinds import Kind
from tests.fakes.clusters.messages import Asked, RefusedError, Reply
from tests.fakes.clusters.population import Name
from tests.fakes.clusters.selecting import selector
from tests.fakes.clusters.store import ExpiredError, Item, Store, untyped

_PARTIAL = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",'
EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter."
)


class _Metadata(msgspec.Struct):
    metadata: msgspec.Raw


class _Labelled(msgspec.Struct):
    metadata: dict[str, Any]


class Token(msgspec.Struct, frozen=True):
    """Where a page begins."""

    rv: int
    after: Name


def listed(store: Store, kind: Kind, namespace: str, asked: Asked) -> Reply:
    """One page. Raises RefusedError."""
    limit, token = int(asked.query.get("limit") or 0), _token(asked)
    version = token.rv if token is not None else store.version
    is_partial, test = asked.wants_metadata, selector(asked.query)
    try:
        found = store.items(kind, namespace, after=token.after if token else None, at=version)
        if test is not None:
            found = (item for item in found if test(_metadata_of(store, kind, item)))
        items = list(islice(found, limit + 1 if limit else None))
    except ExpiredError:
        raise RefusedError(410, "Expired", EXPIRED) from None
    metadata: dict[str, Any] = {"resourceVersion": str(version)}
    if limit and len(items) > limit:
        items.pop()
        metadata["continue"] = _encoded(Token(version, items[-1].name))
    name, api_version = (
        ("PartialObjectMetadata", "meta.k8s.io/v1") if is_partial else (kind.name, kind.api_version)
    )
    head = b'{"kind":"%bList","apiVersion":"%b","metadata":%b,"items":[' % (
        name.encode(),
        api_version.encode(),
        msgspec.json.encode(metadata),
    )
    body = b",".join([_item(store, kind, item, is_partial=is_partial) for item in items])
    return Reply(200, head + body + b"]}\n")


def got(store: Store, kind: Kind, name: Name, asked: Asked) -> Reply:
    """One object. Raises RefusedError."""
    raw = found(store, kind, name)
    return Reply(200, partial(raw) if asked.wants_metadata else raw)


def found(store: Store, kind: Kind, name: Name) -> bytes:
    """One object as it is now. Raises RefusedError."""
    raw = store.get(kind, name)
    if raw is None:
        raise not_found(kind, name)
    return raw


def not_found(kind: Kind, name: Name) -> RefusedError:
    """There is no such object."""
    return RefusedError(
        404,
        "NotFound",
        f'{kind.qualified} "{name[1]}" not found',
        name=name[1],
        group=kind.group,
        kind=kind.plural,
    )


def partial(raw: bytes) -> bytes:
    """An object's metadata alone."""
    return _PARTIAL + b'"metadata":' + bytes(msgspec.json.decode(raw, type=_Metadata).metadata) + b"}"


def metadata_of(raw: bytes) -> dict[str, Any]:
    """An object's metadata."""
    return msgspec.json.decode(raw, type=_Labelled).metadata


def _item(store: Store, kind: Kind, item: Item, *, is_partial: bool) -> bytes:
    if item.raw is not None:
        return partial(item.raw) if is_partial else untyped(kind, item.raw)
    made = store.population.made(store.number, kind, item.number, is_partial=is_partial)
    return _PARTIAL + made[1:] if is_partial else made


def _metadata_of(store: Store, kind: Kind, item: Item) -> dict[str, Any]:
    if item.raw is not None:
        return metadata_of(item.raw)
    return store.population.metadata(store.number, kind, item.number)


def _token(asked: Asked) -> Token | None:
    text = asked.query.get("continue", "")
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Token)
    except (ValueError, msgspec.DecodeError):
        raise RefusedError(400, "BadRequest", "continue key is not valid") from None


def _encoded(token: Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode()
