"""From what somebody wrote in YAML to typed fields: of a service's options, and of its block in a template.

Fields are found in whatever case of letters, as the programs find them that people know. What is unknown is
told, not refused: what was ignored before must not stop messages now; and a number where a text is awaited,
such as an account's, is that text, as Kubernetes' YAML has it.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_args, get_origin

import msgspec

from fairlead.notices.senders.sender import DeliveryError, OptionError
from fairlead.secret import Secret

T = TypeVar("T", bound=msgspec.Struct)

_PLACE = re.compile(r"(?P<what>.*) - at `\$\.?(?P<where>.*)`", re.S)


def options_of(kind: str, shape: type[T], options: Mapping[str, Any]) -> T:
    """A service's options. Raises OptionError naming the field."""
    return _read(shape, options, f"service {kind}", OptionError)


def block_of(kind: str, shape: type[T], block: object) -> T:
    """What a template says for a service; nothing when it says nothing. Raises DeliveryError."""
    return _read(shape, {} if block is None else block, f"the template's {kind}", _unusable)


def unknown_fields(shape: type[msgspec.Struct], found: object) -> list[str]:
    """Words on each field that nothing knows."""
    if not isinstance(found, Mapping):
        return []
    names = {field.encode_name.lower(): field.encode_name for field in msgspec.structs.fields(shape)}
    words = []
    for name in found:
        if str(name).lower() not in names:
            near = get_close_matches(str(name).lower(), names, n=1)
            hint = f"; did you mean {names[near[0]]}?" if near else ""
            words.append(f"unknown field {str(name)[:60]!r}{hint}")
    return words


def in_our_spelling(shape: type[msgspec.Struct], found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are known, as the struct spells them; what is below a mapping of anything stays."""
    folded = _folded(shape, found)
    return folded if isinstance(folded, dict) else {}


def secrets_in(value: object) -> list[str]:
    """Every secret text below a value."""
    if isinstance(value, Secret):
        return [value.reveal()]
    if isinstance(value, msgspec.Struct):
        return [text for name in value.__struct_fields__ for text in secrets_in(getattr(value, name))]
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in secrets_in(inner)]
    if isinstance(value, tuple | list):
        return [text for inner in value for text in secrets_in(inner)]
    return []


def _unusable(words: str) -> DeliveryError:
    return DeliveryError(words, may_pass=False)


def _read(shape: type[T], found: object, what: str, failure: Any) -> T:
    if not isinstance(found, Mapping):
        raise failure(f"{what}: is no mapping of fields")
    try:
        return msgspec.convert(_folded(shape, found), shape, strict=False, dec_hook=_secret)
    except msgspec.ValidationError as error:
        raise failure(f"{what}: {_words(str(error))}") from None


def _words(text: str) -> str:
    """The library's message, with the field first; one that may repeat what stands there is cut."""
    match = _PLACE.fullmatch(text)
    told = re.sub(r"`|, got .*|Invalid enum value .*", "", match["what"] if match else text)
    told = told.replace("Object missing required field", "needs the field").replace("Expected", "has to be")
    return f"{match['where']} {told or 'has a value that is not known'}" if match else told


def _secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError("Expected `str`")


def _folded(shape: Any, value: object) -> object:
    """The value with the struct's own spelling of its fields, without what is empty in YAML."""
    inner = _struct_in(shape)
    if isinstance(value, list | tuple):
        one = get_args(shape)[0] if get_origin(shape) is list else shape
        return [_folded(one, item) for item in value]
    if not isinstance(value, Mapping):
        return _as_text(value) if shape in (str, Secret) and isinstance(value, bool | int | float) else value
    if inner is None:
        return {str(name): item for name, item in value.items() if item is not None}
    known = {field.encode_name.lower(): field for field in msgspec.structs.fields(inner)}
    found: dict[str, object] = {}
    for name, item in value.items():
        field = known.get(str(name).lower())
        if (
            field is not None
            and item is not None
            and (name == field.encode_name or field.encode_name not in found)
        ):
            found[field.encode_name] = _folded(field.type, item)
    return found


def _as_text(value: float) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _struct_in(shape: Any) -> type[msgspec.Struct] | None:
    """The struct that a field's type is about: itself, optional, or a list of it."""
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        return shape
    if isinstance(shape, types.UnionType) or get_origin(shape) in (tuple, list):
        return next((found for arg in get_args(shape) if (found := _struct_in(arg)) is not None), None)
    return None
