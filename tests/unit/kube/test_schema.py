"""The schema of a kind is cut out whole, with all it refers to and nothing else."""

import msgspec
import pytest

from fairlead.kube.errors import NotFoundError, ProtocolError
from fairlead.kube.schema import schema_of
from fairlead.manifest.identity import GroupVersionKind

WIDGET = GroupVersionKind("shop.example", "v1", "Widget")


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS = {
    "example.shop.v1.Widget": {
        "type": "object",
        "properties": {"spec": {"allOf": [reference("example.Spec")]}},
        "x-kubernetes-group-version-kind": [{"group": "shop.example", "version": "v1", "kind": "Widget"}],
    },
    "example.Spec": {"properties": {"inner": reference("example.Inner"), "size": {"enum": ["s", "l"]}}},
    "example.Inner": {"properties": {"again": reference("example.Spec")}},
    "example.Unused": {"type": "string"},
}
BODY = msgspec.json.encode({"components": {"schemas": SCHEMAS}})


def test_a_kind_has_what_it_refers_to_through_any_number_of_steps() -> None:
    found = msgspec.json.decode(schema_of(BODY, WIDGET))
    assert found["schema"]["properties"]["spec"] == {"allOf": [{"$ref": "#/definitions/example.Spec"}]}
    assert set(found["definitions"]) == {"example.Spec", "example.Inner"}
    assert found["definitions"]["example.Spec"]["properties"]["size"] == {"enum": ["s", "l"]}
    inner = found["definitions"]["example.Inner"]
    assert inner["properties"]["again"] == {"$ref": "#/definitions/example.Spec"}


def test_a_kind_that_is_not_described_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="describes no Gadget of"):
        schema_of(BODY, GroupVersionKind("shop.example", "v1", "Gadget"))


def test_what_is_no_document_is_said_to_be_none() -> None:
    with pytest.raises(ProtocolError, match="is not a document"):
        schema_of(b"[", WIDGET)
