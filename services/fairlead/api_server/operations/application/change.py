"""Changing a JSON document: RFC 6902 (operations) and RFC 7386 (merge).

The invariant: a patch is applied whole or not at all; the document given is never changed.
"""

import copy
from typing import Any

import msgspec

from fairlead.manifest.nesting import MAX_REQUEST_NESTING, is_nested_deeper
from fairlead.manifest.numbers import as_stored

MAX_OPERATIONS = 1000
MAX_DIGITS = 9
"""Digits of an index; Python refuses to read very long numbers in words of its own."""
MAX_COPIED = 4 << 20
"""Bytes of JSON that all `copy` and `move` operations of a patch may carry: with few operations a document
could double its size each time."""
MAX_RESULT = 4 << 20
"""Bytes of the document after a patch; Kubernetes takes 3 MiB."""


class PatchError(ValueError):
    """The patch is not one, or does not fit the document."""


def json_patch(document: Any, patch: str) -> Any:
    """The document after an RFC 6902 patch. Raises PatchError."""
    _require_shallow(patch)
    try:
        return _bounded(_patched(copy.deepcopy(document), _operations(patch)))
    except RecursionError:
        raise PatchError(f"the result is nested deeper than {MAX_REQUEST_NESTING} levels") from None


def _patched(result: Any, operations: list[dict[str, Any]]) -> Any:
    copied = 0
    for operation in operations:
        if operation.get("op") in ("copy", "move"):
            copied += len(msgspec.json.encode(_read(result, _tokens(operation.get("from")))))
            if copied > MAX_COPIED:
                raise PatchError(f"the patch copies more than {MAX_COPIED >> 20} MB")
        result = _apply(result, operation)
    return result


def merge_patch(document: Any, patch: str) -> Any:
    """The document after an RFC 7386 patch. Raises PatchError."""
    _require_shallow(patch)
    try:
        return _bounded(_merged(copy.deepcopy(document), msgspec.json.decode(patch)))
    except msgspec.DecodeError as error:
        raise PatchError(f"the patch is not JSON: {error}") from None
    except RecursionError:
        raise PatchError(f"the result is nested deeper than {MAX_REQUEST_NESTING} levels") from None


def _require_shallow(patch: str) -> None:
    if is_nested_deeper(patch.encode(), MAX_REQUEST_NESTING):
        raise PatchError(f"the patch is nested deeper than {MAX_REQUEST_NESTING} levels")


def _bounded(result: Any) -> Any:
    text = msgspec.json.encode(result)
    if is_nested_deeper(text, MAX_REQUEST_NESTING):
        raise PatchError(f"the result is nested deeper than {MAX_REQUEST_NESTING} levels")
    if len(text) > MAX_RESULT:
        raise PatchError(f"the result is larger than {MAX_RESULT >> 20} MB")
    try:
        return as_stored(result, text)
    except OverflowError:
        raise PatchError("a number is too large for anybody") from None


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = target if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def _operations(patch: str) -> list[dict[str, Any]]:
    try:
        operations = msgspec.json.decode(patch, type=list[dict[str, Any]])
    except msgspec.DecodeError as error:
        raise PatchError(f"the patch is not a list of operations: {error}") from None
    if len(operations) > MAX_OPERATIONS:
        raise PatchError(f"the patch has more than {MAX_OPERATIONS} operations")
    return operations


def _apply(document: Any, operation: dict[str, Any]) -> Any:
    verb, path = operation.get("op"), _tokens(operation.get("path"))
    match verb:
        case "add":
            return _add(document, path, _value(operation))
        case "remove":
            return _remove(document, path)
        case "replace":
            _read(document, path)
            return _add(_remove(document, path) if path else document, path, _value(operation))
        case "test":
            if _read(document, path) != _value(operation):
                raise PatchError(f"testing value {operation['path']} failed")
            return document
        case "copy" | "move":
            return _carried(document, operation, path, keep=verb == "copy")
    raise PatchError(f"unexpected kind: {verb}")


def _carried(document: Any, operation: dict[str, Any], path: list[str], *, keep: bool) -> Any:
    source = _tokens(operation.get("from"))
    value = copy.deepcopy(_read(document, source))
    return _add(document if keep else _remove(document, source), path, value)


def _value(operation: dict[str, Any]) -> Any:
    if "value" not in operation:
        raise PatchError("an operation lacks its value")
    return operation["value"]


def _tokens(path: object) -> list[str]:
    if not isinstance(path, str) or (path and not path.startswith("/")):
        raise PatchError(f"not a JSON pointer: {path!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _read(document: Any, path: list[str]) -> Any:
    for token in path:
        if isinstance(document, dict) and token in document:
            document = document[token]
        elif isinstance(document, list):
            document = document[_index(token, len(document) - 1)]
        else:
            raise PatchError(f"missing path: /{'/'.join(path)}")
    return document


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _read(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(last, len(parent)), value)
    else:
        raise PatchError(f"missing path: /{'/'.join(path)}")
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        raise PatchError("the whole document cannot be removed")
    _read(document, path)
    parent, last = _read(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        del parent[last]
    else:
        del parent[_index(last, len(parent) - 1)]
    return document


def _index(token: str, highest: int) -> int:
    if not token.isdecimal() or len(token) > MAX_DIGITS or int(token) > highest:
        raise PatchError(f"index out of range: {token}")
    return int(token)
