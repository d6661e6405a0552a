"""The schemas that people write our kinds by say nothing else than the CRDs."""

from typing import Any

import pytest

from fairlead.model.crds import DEFINITIONS, custom_resource_definition
from fairlead.model.editable import editable_schema
from fairlead.sync.options import SyncOptions, parse_options

KINDS = [definition.kind.__name__ for definition in DEFINITIONS]


def bare(schema: Any) -> Any:
    """Without what explains or proposes."""
    if isinstance(schema, dict):
        left = {key: value for key, value in schema.items() if key not in {"description", "examples"}}
        return {key: bare(value) for key, value in left.items()}
    return schema


@pytest.mark.parametrize("definition", DEFINITIONS, ids=KINDS)
def test_what_the_crd_takes_is_taken(definition: Any) -> None:
    kind = definition.kind.__name__
    schema = editable_schema(kind)
    made = custom_resource_definition(definition)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema is not None
    assert bare(schema["properties"]["spec"]) == bare(made["properties"]["spec"])
    assert {"status", "operation"} & schema["properties"].keys() == set()
    assert schema["properties"]["kind"]["enum"] == [kind]


def test_every_sync_option_that_is_proposed_means_something() -> None:
    schema = editable_schema("Application")
    assert schema is not None
    policy = schema["properties"]["spec"]["properties"]["syncPolicy"]["properties"]
    default = "PrunePropagationPolicy=foreground"
    options = policy["syncOptions"]["items"]["examples"]
    assert [one for one in options if one != default and parse_options([one]) == SyncOptions()] == []


def test_another_kind_has_none() -> None:
    assert editable_schema("Deployment") is None
