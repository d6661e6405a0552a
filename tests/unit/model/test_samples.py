"""The samples hold every field there is, and pass through the structs unchanged."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from fairlead.model.decode import from_object, to_object
from fairlead.model.generators import NestedMatrix, NestedMerge, nested_matrix, nested_merge
from fairlead.model.metadata import ObjectMeta
from tests.contract.samples import SAMPLES, Sample

SET_BY_THE_SERVER = {
    (ObjectMeta, name)
    for name in (
        "generateName",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    )
}

by_kind = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind.__name__)


def structs_in(shape: msgspec.inspect.Type) -> Iterator[type[msgspec.Struct]]:
    match shape:
        case msgspec.inspect.Metadata(type=inner):
            yield from structs_in(inner)
        case msgspec.inspect.UnionType(types=members):
            for member in members:
                yield from structs_in(member)
        case msgspec.inspect.VarTupleType(item_type=item):
            yield from structs_in(item)
        case msgspec.inspect.DictType(value_type=value):
            yield from structs_in(value)
        case msgspec.inspect.StructType(cls=cls):
            yield cls


def reachable(kind: type[msgspec.Struct], seen: set[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    if kind not in seen:
        seen.add(kind)
        shape = msgspec.inspect.type_info(kind)
        assert isinstance(shape, msgspec.inspect.StructType)
        for field in shape.fields:
            for inner in structs_in(field.type):
                reachable(inner, seen)
    return seen


def written_fields(value: object) -> Iterator[tuple[type[msgspec.Struct], str]]:
    """Every field of every struct inside that holds more than its default."""
    if isinstance(value, msgspec.Struct):
        encoded = json.loads(msgspec.json.encode(value))
        for field in msgspec.structs.fields(value):
            if field.encode_name in encoded:
                yield type(value), field.encode_name
            yield from written_fields(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from written_fields(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from written_fields(item)


def nested_bodies() -> list[msgspec.Struct]:
    inner = next(g["matrix"]["generators"] for g in _appset()["spec"]["generators"] if "matrix" in g)
    return [nested_matrix(inner[0]["matrix"]), nested_merge(inner[1]["merge"])]


def _appset() -> dict[str, Any]:
    return next(sample.document() for sample in SAMPLES if sample.plural == "applicationsets")


@by_kind
def test_a_sample_passes_through_its_struct_unchanged(sample: Sample) -> None:
    document = sample.document()
    decoded = sample.decode(json.dumps(document).encode())
    assert to_object(decoded) == document
    assert from_object(document, sample.kind) == decoded


def test_every_field_of_every_struct_is_set_in_some_sample() -> None:
    decoded = [sample.decode(json.dumps(sample.document()).encode()) for sample in SAMPLES]
    written = {pair for value in [*decoded, *nested_bodies()] for pair in written_fields(value)}
    known: set[type[msgspec.Struct]] = set()
    roots: list[type[msgspec.Struct]] = [*(sample.kind for sample in SAMPLES), NestedMatrix, NestedMerge]
    for kind in roots:
        reachable(kind, known)
    every = {(kind, field.encode_name) for kind in known for field in msgspec.structs.fields(kind)}
    # A generator inside another repeats fields that the same struct's parent already covers.
    inherited = {(kind, name) for kind, name in every if any((base, name) in written for base in _kin(kind))}
    missing = every - written - inherited - SET_BY_THE_SERVER
    assert not missing, sorted(f"{kind.__name__}.{name}" for kind, name in missing)


def _kin(kind: type[msgspec.Struct]) -> set[type[msgspec.Struct]]:
    """The other structs that share the class a field was declared in."""
    parents = {base for base in kind.__mro__ if base.__name__ == "TerminalGenerator"}
    return {kin for parent in parents for kin in (parent, *parent.__subclasses__())}
