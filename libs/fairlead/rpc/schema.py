"""The schema of a kind as the cluster of an application serves it, asked of its app-controller."""

from fairlead.events.envelope import Event

SCHEMA = "kind-schema"
MAX_SCHEMA = 4 << 20
"""Bytes of a schema with all it refers to."""


class KindSchema(Event, frozen=True, kw_only=True):
    """JSON: `schema`, and `definitions` of what it refers to. `tag` is another for another schema."""

    tag: str
    document: bytes = b""
