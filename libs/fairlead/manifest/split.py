"""From the documents of a render to single objects: lists opened, empty documents dropped, the rest checked.

Invariant: what comes out has an ``apiVersion``, a ``kind`` and a name (or ``generateName``); anything else
stops the whole render, because half a render must never be mistaken for all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.manifest.errors import DocumentError, IdentityError
from fairlead.manifest.identity import gvk_of
from fairlead.manifest.nesting import MAX_MANIFEST_NESTING, is_nested_deeper

MAX_LIST_DEPTH = 8
"""Lists inside lists deeper than this are refused; real ones are one deep."""

MAX_NAME = 1024
"""Characters of a name; Kubernetes takes 253 for most kinds, and bounds some (roles) only by its store."""

_decoder = msgspec.json.Decoder()


def split(documents: Iterable[bytes | Mapping[str, Any] | None], *, file: str = "") -> list[dict[str, Any]]:
    """Every object of the documents, in order. Bytes are JSON.

    Raises :class:`DocumentError`, which names the document's place, for anything that is no object.
    """
    found: list[dict[str, Any]] = []
    for index, document in enumerate(documents):
        found.extend(_expand(_decode(document, index, file), index, file, depth=0))
    return found


def _decode(document: bytes | Mapping[str, Any] | None, index: int, file: str) -> Any:
    if not isinstance(document, bytes):
        return document
    if not document.strip():
        return None
    if is_nested_deeper(document, MAX_MANIFEST_NESTING):
        raise DocumentError(f"nested deeper than {MAX_MANIFEST_NESTING} levels", index=index, file=file)
    try:
        return _decoder.decode(document)
    except msgspec.DecodeError as error:
        raise DocumentError(f"not JSON: {error}", index=index, file=file) from error


def _expand(document: Any, index: int, file: str, *, depth: int) -> Iterator[dict[str, Any]]:
    if document is None or document == {}:
        return
    if not isinstance(document, Mapping):
        raise DocumentError(f"expected an object, found {type(document).__name__}", index=index, file=file)
    if not is_list(document):
        yield _checked(document, index, file)
        return
    if depth == MAX_LIST_DEPTH:
        raise DocumentError(f"lists are nested deeper than {MAX_LIST_DEPTH}", index=index, file=file)
    for item in document.get("items") or ():
        yield from _expand(_typed(item, document), index, file, depth=depth + 1)


def is_list(document: Mapping[str, Any]) -> bool:
    """Whether a document is a Kubernetes list: its kind ends in ``List`` and it has ``items`` and no name."""
    kind = document.get("kind")
    if not isinstance(kind, str) or not kind.endswith("List") or "items" not in document:
        return False
    items = document["items"]
    return items is None or isinstance(items, list)


def unusable(name: str) -> str:
    """What makes a name one that no path, log or terminal should meet; "" when nothing does.

    The first two are what Kubernetes' own ``IsValidPathSegmentName`` refuses, for every kind there is.
    """
    if name in (".", ".."):
        return f"may not be {name!r}"
    if "/" in name or "%" in name:
        return "may not contain '/' or '%'"
    if len(name) > MAX_NAME:
        return f"is longer than {MAX_NAME} characters"
    return "" if name.isprintable() else "contains a character that cannot be printed"


def _typed(item: Any, parent: Mapping[str, Any]) -> Any:
    """Items of a typed list (``ConfigMapList``) may leave out what the list's own kind says."""
    if not isinstance(item, Mapping) or not item or ("kind" in item and "apiVersion" in item):
        return item
    kind = parent["kind"].removesuffix("List")
    return {"apiVersion": parent.get("apiVersion"), "kind": kind, **item} if kind else item


def _checked(document: Mapping[str, Any], index: int, file: str) -> dict[str, Any]:
    try:
        gvk = gvk_of(document)
    except IdentityError as error:
        raise DocumentError(str(error), index=index, file=file) from error
    if not f"{gvk.api_version}{gvk.kind}".isprintable():
        problem = "apiVersion or kind contains a character that cannot be printed"
        raise DocumentError(problem, index=index, file=file)
    metadata = document.get("metadata")
    if not isinstance(metadata, Mapping):
        raise DocumentError(f"{gvk.kind}: metadata is missing", index=index, file=file)
    for field in ("name", "namespace", "generateName"):
        value = metadata.get(field) or ""
        if not isinstance(value, str):
            raise DocumentError(f"{gvk.kind}: metadata.{field} must be a string", index=index, file=file)
        wrong = unusable(value)
        if wrong:
            raise DocumentError(f"{gvk.kind}: metadata.{field} {wrong}", index=index, file=file)
    for field in ("labels", "annotations"):
        if not isinstance(metadata.get(field) or {}, Mapping):
            raise DocumentError(f"{gvk.kind}: metadata.{field} must be a map", index=index, file=file)
    if not metadata.get("name") and not metadata.get("generateName"):
        raise DocumentError(f"{gvk.kind}: metadata.name is missing", index=index, file=file)
    return dict(document)
