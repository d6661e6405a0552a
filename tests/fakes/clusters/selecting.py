"""Label and field selectors, as far as they are used here.

Invariant: a selector that is not understood is refused, never ignored.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.clusters.messages import RefusedError

_SET = re.compile(r"\s*([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)\s*")
_TERM = re.compile(r"(?:[^,(]|\([^)]*\))+")
Test = Callable[[Mapping[str, Any]], bool]


def selector(query: Mapping[str, str]) -> Test | None:
    """Whether an object's metadata is selected; None when everything is. Raises RefusedError."""
    tests = [_label(term) for term in _TERM.findall(query.get("labelSelector", ""))]
    tests += [_field(term) for term in filter(None, query.get("fieldSelector", "").split(","))]
    return (lambda metadata: all(test(metadata) for test in tests)) if tests else None


def _label(term: str) -> Test:
    found = _SET.fullmatch(term)
    if found is not None:
        key, values = found[1], {value.strip() for value in found[3].split(",")}
        is_in = found[2] == "in"
        return lambda metadata: (_labels(metadata).get(key) in values) is is_in
    for sign in ("!=", "==", "="):
        key, matched, value = (part.strip() for part in term.partition(sign))
        if matched:
            return lambda metadata: (_labels(metadata).get(key) == value) is (sign != "!=")
    name = term.strip()
    if name.startswith("!"):
        return lambda metadata: name[1:].strip() not in _labels(metadata)
    return lambda metadata: name in _labels(metadata)


def _field(term: str) -> Test:
    for sign in ("!=", "==", "="):
        key, matched, value = (part.strip() for part in term.partition(sign))
        if matched and key in ("metadata.name", "metadata.namespace"):
            return lambda metadata: (metadata.get(key[9:], "") == value) is (sign != "!=")
    raise RefusedError(400, "BadRequest", f"field label not supported: {term}")


def _labels(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    return metadata.get("labels") or {}
