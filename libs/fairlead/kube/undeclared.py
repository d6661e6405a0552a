"""Takes out of an object what its kind does not have, as clients that do not validate leave it to the server.

A server-side apply refuses such fields whatever validation was asked for, and names one or several of them.
Invariant: only fields that the server named are left out.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

_REFUSED: Final = ": field not declared in schema"
_PATH: Final = re.compile(r"\.\S")
_SELECTOR: Final = re.compile(r'\[((?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]')
_PAIR: Final = re.compile(r'([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]+)')


def undeclared_paths(message: str) -> tuple[str, ...]:
    """The fields a refusal names, such as ``.spec.template.spec.containers[name="main"].shade``."""
    before = message.split(_REFUSED)[:-1]
    return tuple(text[found.start() :] for text in before if (found := _PATH.search(text)))


def without(value: Any, path: str) -> Any:
    """The value without the field at `path`; the value itself when there is none."""
    if isinstance(value, Mapping) and path.startswith("."):
        return _without_key(value, path[1:])
    selector = _SELECTOR.match(path)
    if isinstance(value, list) and selector is not None:
        rest = path[selector.end() :]
        return [
            without(item, rest) if _is_meant(item, at, selector[1]) else item for at, item in enumerate(value)
        ]
    return value


def _without_key(value: Mapping[str, Any], path: str) -> dict[str, Any]:
    if path in value:
        return {key: item for key, item in value.items() if key != path}
    return {
        key: without(item, path[len(key) :])
        if path.startswith(key) and path[len(key) :][:1] in (".", "[")
        else item
        for key, item in value.items()
    }


def _is_meant(item: Any, at: int, selector: str) -> bool:
    """Whether a list's item is the one a path means: by place, or by its keys as far as it has them."""
    if selector.isdecimal():
        return at == int(selector)
    if not isinstance(item, Mapping):
        return False
    try:
        pairs = [(key, msgspec.json.decode(text)) for key, text in _PAIR.findall(selector)]
    except msgspec.DecodeError:
        return False
    return bool(pairs) and all(key not in item or item[key] == value for key, value in pairs)
