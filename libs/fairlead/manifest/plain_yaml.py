"""YAML as Go programs of Kubernetes read it: what comes out is what JSON could have said.

Dates, `.inf` and `1:30` stay texts, `1e3` is a number, `y` and `on` are switches, and keys become texts.
Invariant: bounded as every document is, see `yaml_document`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import yaml

from fairlead.manifest.yaml_document import LOADER, require_bounded

_OTHERWISE: Final = ("timestamp", "int", "float", "bool")
_INT: Final = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)$")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$")
_TRUE: Final = frozenset(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"))
_FALSE: Final = frozenset(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"))
_BOOL: Final = re.compile(f"(?:{'|'.join((*_TRUE, *_FALSE))})$")


class _Plain(LOADER):  # type: ignore[misc]  # the class is chosen at run time
    """A loader with Go's idea of scalars."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the library declares it
        first: [(tag, expression) for tag, expression in resolvers if not tag.endswith(_OTHERWISE)]
        for first, resolvers in LOADER.yaml_implicit_resolvers.items()
    }


def _int(loader: Any, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    is_octal = len(digits) > 1 and digits.startswith("0") and digits[1].isdigit()
    return sign * int(digits, 8 if is_octal else 0)


def _float(loader: Any, node: yaml.ScalarNode) -> float | str:
    """What no number of JSON is, such as 1e400, stays a text."""
    text = str(loader.construct_scalar(node))
    number = float(text.replace("_", ""))
    return number if math.isfinite(number) else text


def _bool(loader: Any, node: yaml.ScalarNode) -> bool:
    return loader.construct_scalar(node) in _TRUE


def _map(loader: Any, node: yaml.MappingNode) -> dict[str, Any]:
    """Keys as texts from the start: to Python 1 and true are one key."""
    loader.flatten_mapping(node)
    return {
        _key(loader.construct_object(key, deep=True)): loader.construct_object(item, deep=True)
        for key, item in node.value
    }


for _tag, _expression, _first, _read in (
    ("bool", _BOOL, "yYnNtTfFoO", _bool),
    ("int", _INT, "-+0123456789", _int),
    ("float", _FLOAT, "-+.0123456789", _float),
):
    _Plain.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _expression, list(_first))
    _Plain.add_constructor(f"tag:yaml.org,2002:{_tag}", _read)
_Plain.add_constructor("tag:yaml.org,2002:map", _map)


def document(text: str) -> Any:
    """The one document of a text, None for an empty one. Raises yaml.YAMLError, ValueError."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            pass
    require_bounded(text)
    return _plain(yaml.load(text, Loader=_Plain))  # noqa: S506 - a safe loader


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping | set | tuple):
        raise ValueError(f"a {type(value).__name__} is nothing that JSON has")  # noqa: TRY004 - of a text
    return str(value)


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, dict | list):
        raise ValueError("a key is no text")  # noqa: TRY004 - of a text
    return "null" if key is None else str(key)
