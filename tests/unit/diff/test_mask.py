"""Secrets are shown as different or equal, never as they are."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairlead.diff.mask import masked
from fairlead.diff.normalize import LAST_APPLIED


def secret(data: Any = None, **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data, **more}


def test_equal_values_look_equal_and_each_further_value_is_four_longer() -> None:
    target, live, predicted = masked(
        secret({"a": "MQ==", "b": "MQ=="}), secret({"a": "MQ==", "b": "Mg=="}), secret({"b": "Mw=="})
    )
    assert target is not None and live is not None and predicted is not None
    assert target["data"] == {"a": "+" * 8, "b": "+" * 8}
    assert live["data"] == {"a": "+" * 8, "b": "+" * 12}
    assert predicted["data"] == {"b": "+" * 16}


def test_string_data_is_masked_as_the_data_it_becomes() -> None:
    target, live = masked(secret(stringData={"a": "1"}), secret({"a": "MQ=="}))
    assert target is not None and live is not None
    assert target["data"] == live["data"] == {"a": "+" * 8}
    assert "stringData" not in target


def test_the_last_applied_annotation_is_masked_with_the_rest() -> None:
    live = secret({"a": "MQ=="})
    live["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(secret({"a": "Mg=="}))}
    (found,) = masked(live)
    assert found is not None
    assert json.loads(found["metadata"]["annotations"][LAST_APPLIED])["data"] == {"a": "+" * 12}


def test_an_unreadable_last_applied_annotation_is_removed() -> None:
    live = secret({"a": "MQ=="})
    live["metadata"]["annotations"] = {LAST_APPLIED: "{data: hunter2", "x": "y"}
    (found,) = masked(live)
    assert found is not None
    assert found["metadata"]["annotations"] == {"x": "y"}


def test_named_annotations_are_masked_and_other_kinds_left_alone() -> None:
    obj = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"annotations": {"t": "1", "u": "2"}},
        "data": {"a": "b"},
    }
    (found,) = masked(obj, annotations=["t"])
    assert found == {**obj, "metadata": {"annotations": {"t": "+" * 8, "u": "2"}}}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("hunter2"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(data=VALUES, texts=VALUES, last=VALUES)
def test_no_shape_of_a_secret_lets_its_values_out(data: Any, texts: Any, last: Any) -> None:
    live = secret(data, stringData=texts)
    live["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(secret(last, stringData=last))}
    assert "hunter2" not in json.dumps(masked(live, None, secret(texts)))


def test_a_field_that_no_secret_has_is_hidden_like_a_value() -> None:
    typed = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringDat": {"pin": "canary"}}
    target, live = masked(typed, {**typed, "stringDat": {"pin": "other"}, "immutable": True})
    assert target is not None
    assert live is not None
    assert "canary" not in str(target)
    assert target["stringDat"] != live["stringDat"]
    assert live["immutable"] is True


def test_a_last_applied_annotation_without_end_is_no_exception_and_shows_nothing() -> None:
    annotations = {LAST_APPLIED: '{"data": {"password": "hush"}, "x": ' + "[" * 50_000}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "annotations": annotations}}
    (shown,) = masked(secret)
    assert "hush" not in str(shown)
