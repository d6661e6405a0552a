"""Typed msgpack with a schema version.

Unknown fields are ignored, so an older consumer reads a newer producer; an unknown version is refused,
so that a change of meaning is never guessed at.
"""

from typing import ClassVar, TypeVar

import msgspec

_VERSION_KEY = "v"
_ENCODER = msgspec.msgpack.Encoder()


class SchemaError(ValueError):
    """A message that is not a known version of its type. The message is dropped and logged, never retried."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every internal event. `schema` names the version this code writes and reads."""

    schema: ClassVar[int] = 1


E = TypeVar("E", bound=Event)


def encode(event: Event) -> bytes:
    """The event on the wire: a msgpack map of its fields and its schema version."""
    return _ENCODER.encode({_VERSION_KEY: event.schema, **msgspec.structs.asdict(event)})


class _Version(msgspec.Struct):
    v: int = 0


_VERSIONS = msgspec.msgpack.Decoder(_Version)


def decode(kind: type[E], payload: bytes) -> E:
    """Read one event of the given type.

    Raises:
        SchemaError: not msgpack, another version, or a field of the wrong type.
    """
    try:
        version = _VERSIONS.decode(payload).v
        if version != kind.schema:
            raise SchemaError(f"{kind.__name__}: schema version {version} is not {kind.schema}")
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise SchemaError(f"{kind.__name__}: {error}") from error
