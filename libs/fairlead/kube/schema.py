"""The schema of one kind, cut out of what a cluster tells of a group version.

Invariant: everything it refers to is in it, and nothing else.
"""

import re
from collections.abc import Iterator

import msgspec

from fairlead.kube.errors import NotFoundError, ProtocolError
from fairlead.manifest.identity import GroupVersionKind

MAX_DEFINITIONS = 5_000
"""Definitions of one schema; a kind refers to some hundreds."""
_REFERENCE = re.compile(rb'"\$ref"\s*:\s*"#/components/schemas/([^"\\]+)"')
_PLACE = b'"#/components/schemas/'
_OURS = b'"#/definitions/'


class _Kinds(msgspec.Struct, frozen=True):
    kinds: list[dict[str, str]] = msgspec.field(name="x-kubernetes-group-version-kind", default_factory=list)


class _Components(msgspec.Struct, frozen=True):
    schemas: dict[str, msgspec.Raw] = {}


class _Document(msgspec.Struct, frozen=True):
    components: _Components = _Components()


_DOCUMENT = msgspec.json.Decoder(_Document)
_KINDS = msgspec.json.Decoder(_Kinds)


def schema_of(body: bytes, gvk: GroupVersionKind) -> bytes:
    """`{"schema", "definitions"}` of a kind, of the document of its group version. Raises NotFoundError."""
    try:
        schemas = _DOCUMENT.decode(body).components.schemas
        named = [name for name, raw in schemas.items() if gvk in _kinds(raw)]
    except msgspec.DecodeError:
        raise ProtocolError(f"the OpenAPI of {gvk.group}/{gvk.version} is not a document") from None
    if not named:
        raise NotFoundError(f"the cluster describes no {gvk.kind} of {gvk.group}/{gvk.version}")
    definitions: dict[str, msgspec.Raw] = {}
    waiting = list(_referred(schemas[named[0]]))
    while waiting and len(definitions) < MAX_DEFINITIONS:
        name = waiting.pop()
        if name in definitions or name not in schemas:
            continue
        definitions[name] = _told(schemas[name])
        waiting += _referred(schemas[name])
    return msgspec.json.encode({"schema": _told(schemas[named[0]]), "definitions": definitions})


def _kinds(raw: msgspec.Raw) -> Iterator[GroupVersionKind]:
    if b"x-kubernetes-group-version-kind" not in bytes(raw):
        return
    for each in _KINDS.decode(raw).kinds:
        yield GroupVersionKind(each.get("group", ""), each.get("version", ""), each.get("kind", ""))


def _referred(raw: msgspec.Raw) -> list[str]:
    return [found.decode() for found in _REFERENCE.findall(bytes(raw))]


def _told(raw: msgspec.Raw) -> msgspec.Raw:
    return msgspec.Raw(bytes(raw).replace(_PLACE, _OURS))
