"""Splitting a render into objects."""

from __future__ import annotations

import pytest

from fairlead.manifest.errors import DocumentError
from fairlead.manifest.split import split

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}


def test_a_list_is_opened_in_order_and_empty_documents_are_dropped() -> None:
    other = {**CONFIG_MAP, "metadata": {"name": "b"}}
    found = split([None, {}, b"  ", {"apiVersion": "v1", "kind": "List", "items": [CONFIG_MAP, other]}])
    assert [obj["metadata"]["name"] for obj in found] == ["a", "b"]


def test_items_of_a_typed_list_take_the_kind_of_the_list() -> None:
    found = split([{"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"metadata": {"name": "a"}}]}])
    assert found == [CONFIG_MAP]


def test_a_custom_kind_that_ends_in_list_but_has_no_items_is_an_ordinary_object() -> None:
    allow = {"apiVersion": "x.io/v1", "kind": "AllowList", "metadata": {"name": "a"}, "spec": {}}
    assert split([allow]) == [allow]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"{", "not JSON"),
        (b'["a"]', "expected an object, found list"),
        ({"kind": "ConfigMap", "metadata": {"name": "a"}}, "apiVersion is missing"),
        ({"apiVersion": "v1", "metadata": {"name": "a"}}, "kind is missing"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "metadata is missing"),
        ({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}, "metadata.name is missing"),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": 7}},
            "metadata.name must be a string",
        ),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "annotations": 1}},
            "metadata.annotations must be a map",
        ),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": ["b"]}},
            "metadata.labels must be a map",
        ),
    ],
)
def test_a_broken_document_stops_the_render_and_its_place_is_named(document: object, problem: str) -> None:
    with pytest.raises(DocumentError, match=f"document 2 of base/x.yaml: .*{problem}"):
        split([CONFIG_MAP, document], file="base/x.yaml")  # type: ignore[list-item]


def test_lists_nested_without_end_are_refused() -> None:
    nested: dict[str, object] = CONFIG_MAP  # type: ignore[assignment]
    for _ in range(20):
        nested = {"apiVersion": "v1", "kind": "List", "items": [nested]}
    with pytest.raises(DocumentError, match="nested deeper"):
        split([nested])


@pytest.mark.parametrize("field", ["name", "namespace", "generateName"])
@pytest.mark.parametrize(
    "name",
    [
        "/home/me/.ssh/authorized_keys",
        "../x",
        ".",
        "..",
        "a%2fb",
        "a\x1b]0;x\x07",
        "a\nb",
        "a\u202eb",
        "a" * 1025,
    ],
)
def test_a_name_that_could_become_a_path_or_a_terminal_sequence_stops_the_render(
    field: str, name: str
) -> None:
    with pytest.raises(DocumentError, match=f"ConfigMap: metadata.{field}") as raised:
        split([{**CONFIG_MAP, "metadata": {"name": "a", field: name}}])
    assert "\x1b" not in str(raised.value)


def test_a_kind_that_could_become_a_terminal_sequence_stops_the_render() -> None:
    with pytest.raises(DocumentError, match="cannot be printed") as raised:
        split([{**CONFIG_MAP, "kind": "Config\x1b[2JMap"}])
    assert "\x1b" not in str(raised.value)


def test_names_that_only_some_kinds_have_are_taken() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    names = ["system:controller:x", "Some Role", "café"]
    assert [
        obj["metadata"]["name"] for obj in split([{**role, "metadata": {"name": n}} for n in names])
    ] == names
