"""The generated definitions: current, structural, and as the contract names them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.model.crds import DEFINITIONS, custom_resource_definition, main
from fairlead.model.schema import value_schema

COMMITTED = Path(__file__).parents[3] / "deploy" / "manifests" / "crds"
CRDS = {item.kind.__name__: custom_resource_definition(item) for item in DEFINITIONS}


def schema_of(kind: str, *path: str) -> dict[str, Any]:
    schema: dict[str, Any] = CRDS[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for step in path:
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    return schema


def every_schema(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    children = [*schema.get("properties", {}).values()]
    children += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    for child in children:
        yield from every_schema(child)


def test_the_committed_definitions_are_current() -> None:
    assert main(["--check", "--directory", str(COMMITTED)]) == 0


def test_a_stale_definition_fails_the_check_until_it_is_written(tmp_path: Path) -> None:
    assert main(["--check", "--directory", str(tmp_path)]) == 1
    assert main(["--directory", str(tmp_path)]) == 0
    assert main(["--check", "--directory", str(tmp_path)]) == 0
    (tmp_path / "application-crd.yaml").write_text("{}")
    assert main(["--check", "--directory", str(tmp_path)]) == 1


@pytest.mark.parametrize("kind", CRDS)
def test_every_part_of_a_schema_has_a_type(kind: str) -> None:
    for part in every_schema(schema_of(kind)):
        assert "type" in part or part.get("x-kubernetes-int-or-string") is True


@pytest.mark.parametrize(
    ("kind", "short_names", "subresources"),
    [
        ("Application", ["app", "apps"], {}),
        ("AppProject", ["appproj", "appprojs"], {}),
        ("ApplicationSet", ["appset", "appsets"], {"status": {}}),
    ],
)
def test_names_and_status_subresource_are_those_of_the_contract(
    kind: str, short_names: list[str], subresources: dict[str, Any]
) -> None:
    crd = CRDS[kind]
    assert crd["metadata"]["name"] == f"{kind.lower()}s.argoproj.io"
    assert crd["metadata"]["labels"]["app.kubernetes.io/part-of"] == "argocd"
    assert crd["spec"]["scope"] == "Namespaced"
    assert crd["spec"]["names"]["shortNames"] == short_names
    assert crd["spec"]["versions"][0]["subresources"] == subresources
    assert schema_of(kind)["required"] == ["metadata", "spec"]


def test_required_fields_are_those_of_the_contract() -> None:
    assert schema_of("Application", "spec")["required"] == ["project", "destination"]
    assert schema_of("Application", "spec", "source")["required"] == ["repoURL"]
    assert schema_of("Application", "status", "sync")["required"] == ["status"]
    assert "required" not in schema_of("Application", "status")
    state = schema_of("Application", "status", "operationState")
    assert state["required"] == ["phase", "operation", "startedAt"]
    assert schema_of("ApplicationSet", "spec")["required"] == ["generators", "template"]


def test_free_form_places_keep_what_they_are_given() -> None:
    nested = schema_of("ApplicationSet", "spec", "generators", "[]", "matrix", "generators", "[]")
    free = [
        schema_of("Application", "spec", "source", "helm", "valuesObject"),
        schema_of("ApplicationSet", "spec", "generators", "[]", "list", "elements", "[]"),
        nested["properties"]["matrix"],
        nested["properties"]["merge"],
    ]
    assert free == [{"type": "object", "x-kubernetes-preserve-unknown-fields": True}] * 4


def test_closed_sets_formats_and_limits_reach_the_schema() -> None:
    gpg = schema_of("AppProject", "spec", "sourceIntegrity", "git", "policies", "[]", "gpg", "mode")
    assert gpg["enum"] == ["none", "head", "strict"]
    started = schema_of("Application", "status", "operationState", "startedAt")
    assert started == {"type": "string", "format": "date-time"}
    count = schema_of("Application", "spec", "source", "kustomize", "replicas", "[]", "count")
    assert count == {"x-kubernetes-int-or-string": True}
    assert schema_of("AppProject", "spec", "description")["maxLength"] == 255
    path = schema_of("Application", "spec", "sourceHydrator", "syncSource", "path")
    assert path["minLength"] == 1
    assert path["pattern"]


def test_a_type_without_a_schema_is_refused() -> None:
    with pytest.raises(TypeError, match="no schema"):
        value_schema(float)


LAST_APPLIED_BYTES = 256 << 10
"""What an annotation may hold; `kubectl apply` keeps the whole object in one."""


@pytest.mark.parametrize("kind", CRDS)
def test_a_definition_can_be_applied_client_side(kind: str) -> None:
    assert len(msgspec.json.encode(CRDS[kind])) < LAST_APPLIED_BYTES


def test_a_generators_template_is_checked_but_for_those_inside_matrix_and_merge() -> None:
    inside = ("spec", "generators", "[]", "matrix", "generators", "[]", "list", "template")
    assert schema_of("ApplicationSet", *inside)["x-kubernetes-preserve-unknown-fields"]
    for path in (("list", "template"), ("matrix", "template")):
        assert "spec" in schema_of("ApplicationSet", "spec", "generators", "[]", *path)["properties"]
