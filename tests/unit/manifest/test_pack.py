"""Objects that are kept small, and what is read of them unopened."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fairlead.manifest.identity import GroupKind, key_of
from fairlead.manifest.marks import marks_of
from fairlead.manifest.pack import MOST_DICTIONARIES, WORTH, Packer
from fairlead.manifest.prepare import make_desired
from fairlead.manifest.tracking import TRACKING_ID


def config_map(name: str, **annotations: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": "shop"}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1" * 40}}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.binary(max_size=100)), max_size=80))
def test_what_is_packed_comes_out_as_it_was(texts: list[tuple[str, bytes]]) -> None:
    packer = Packer()
    packed = [packer.pack(kind, text) for kind, text in texts]
    assert [packer.unpack(item) for item in packed] == [text for _, text in texts]


def test_an_object_like_those_before_it_takes_little() -> None:
    packer = Packer()
    texts = [msgspec.json.encode(config_map(f"settings-of-shop-{number}")) for number in range(40)]
    sizes = [len(packer.pack("ConfigMap", text)) for text in texts]
    assert sizes[WORTH] < sizes[0] / 2
    assert [packer.unpack(packer.pack("ConfigMap", text)) for text in texts] == texts


def test_a_desired_object_opens_to_what_it_was_made_of() -> None:
    obj = config_map("a", **{TRACKING_ID: "app:/ConfigMap:shop/a"})
    desired = make_desired(key_of(obj), obj, True)
    assert desired.object == obj
    assert msgspec.json.decode(desired.body) == obj


def test_the_marks_say_what_the_annotations_say_and_are_shared() -> None:
    wave = {"argocd.argoproj.io/sync-wave": "3", "helm.sh/hook": "pre-install"}
    one = marks_of(config_map("a", **wave, **{TRACKING_ID: "app:/ConfigMap:shop/a", "team": "shop"}))
    other = marks_of(config_map("b", **wave, **{TRACKING_ID: "app:/ConfigMap:shop/b"}))
    assert one.outline == {"metadata": {"annotations": wave}}
    assert one is other
    assert marks_of(config_map("c", team="shop")) is marks_of(config_map("d"))


def test_the_marks_of_a_definition_name_the_kind_it_defines() -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "ships.example.com"},
        "spec": {"group": "example.com", "names": {"kind": "Ship"}},
    }
    assert marks_of(definition).defines == GroupKind("example.com", "Ship")
    assert marks_of(config_map("a")).defines is None


def test_kinds_that_come_late_together_are_packed_without_a_dictionary() -> None:
    packer = Packer()
    kinds = range(MOST_DICTIONARIES + 100)
    for _ in range(WORTH + 2):
        for kind in kinds:
            text = b"%d is a text" % kind
            assert packer.unpack(packer.pack(kind, text)) == text
