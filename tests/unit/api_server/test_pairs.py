"""Manifests side by side."""

import msgspec
import pytest

from fairlead.api_server.operations.application import pairs
from fairlead.api_server.operations.application.pairs import paired


def config_map(name: str, **data: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(value: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "stringData": {"password": value},
    }


def test_what_differs_is_told_by_key_and_what_is_the_same_is_counted() -> None:
    found = paired(
        [config_map("same", a="1"), config_map("changed", a="1"), config_map("gone")],
        [config_map("new"), config_map("changed", a="2"), config_map("same", a="1")],
    )
    assert [(one.name, bool(one.left), bool(one.right)) for one in found.items] == [
        ("changed", True, True),
        ("gone", True, False),
        ("new", False, True),
    ]
    assert (found.same, found.more) == (1, 0)


def test_a_changed_secret_is_seen_and_no_value_of_it() -> None:
    found = paired([secret("one")], [secret("two")])
    (pair,) = found.items
    assert pair.left != pair.right
    assert all(value not in pair.left + pair.right for value in ("one", "two", "b25l", "dHdv"))
    assert paired([secret("one")], [secret("one")]).same == 1


def test_what_the_server_wrote_into_a_manifest_is_no_difference() -> None:
    written = config_map("a", k="v")
    written["metadata"] = {"name": "a", "uid": "1", "resourceVersion": "7"}
    assert paired([config_map("a", k="v")], [written]).items == ()


def test_objects_that_are_named_by_the_cluster_are_told_one_by_one() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "migrate-"}}
    assert len(paired([], [job, job]).items) == 2


def test_beyond_the_bound_they_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "MAX_PAIRS", 2)
    found = paired([], [config_map(f"c{number}") for number in range(5)])
    assert (len(found.items), found.more) == (2, 3)
    monkeypatch.setattr(pairs, "MAX_PAIRS", 2_000)
    monkeypatch.setattr(pairs, "MAX_BYTES", len(msgspec.json.encode(config_map("c0"))) + 1)
    assert paired([], [config_map(f"c{number}") for number in range(5)]).more == 4


def test_an_annotation_that_is_to_be_hidden_is_masked_and_its_change_is_seen() -> None:
    def noted(value: str) -> dict[str, object]:
        return {**secret("same"), "metadata": {"name": "s", "annotations": {"team/key": value, "a": "b"}}}

    (pair,) = paired([noted("opensesame")], [noted("abracadabra")], hidden=("team/key",)).items
    assert pair.left != pair.right
    assert "opensesame" not in pair.left
    assert "abracadabra" not in pair.right
    assert '"a":"b"' in pair.left
