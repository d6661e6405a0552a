"""The parts of a comparison."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.fieldset import path_text
from fairlead.diff.ignore import applies, parse_pointer, without_pointers
from fairlead.diff.normalize import Settings, normalize, with_migrated_mark
from fairlead.diff.ownership import owned_paths, projection_hash, without_owned
from fairlead.diff.quantity import is_same_quantity
from fairlead.diff.result import Reason, outcome_of, overall
from fairlead.diff.subset import is_subset
from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import INSTANCE_LABEL, TRACKING_ID
from fairlead.model.status import ResourceIgnoreDifferences, SyncCode

KEY = ResourceKey("apps", "Deployment", "ns", "web")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1", "1000m", True),
        ("0.5", "500m", True),
        (1, "1", True),
        ("1Gi", "1073741824", True),
        ("1Gi", "1G", False),
        ("1e3", "1k", True),
        ("", "", False),
        ("80", "http", False),
        (True, "1", False),
    ],
)
def test_quantities_are_equal_as_amounts(one: object, other: object, same: bool) -> None:
    assert is_same_quantity(one, other) is same


def test_ports_are_no_quantities_and_text_is_no_number() -> None:
    def service(port: Any) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "s"},
            "spec": {"ports": [{"port": 80, "targetPort": port}]},
        }

    assert is_subset(service(8080), service(8080))
    assert not is_subset(service("8080"), service(8080))


def test_a_false_field_is_not_the_same_as_none_because_its_default_may_be_true() -> None:
    def pod(**spec: Any) -> dict[str, Any]:
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}

    assert not is_subset(pod(automountServiceAccountToken=False), pod())
    assert not is_subset(pod(volumes=[{"name": "v", "emptyDir": {}}]), pod(volumes=[{"name": "v"}]))
    assert not is_subset(pod(hostNetwork=1), pod(hostNetwork=True))


def test_pointers_follow_rfc_6901_and_leave_their_argument_alone() -> None:
    obj = {"a": {"b/c": 1, "d": [1, {"e": 2}]}}
    pointers = [parse_pointer("/a/b~1c"), parse_pointer("/a/d/1/e"), parse_pointer("/no/such")]
    assert without_pointers(obj, pointers) == {"a": {"d": [1, {}]}}
    assert obj == {"a": {"b/c": 1, "d": [1, {"e": 2}]}}


def test_a_pointer_that_does_not_start_at_the_root_is_refused() -> None:
    with pytest.raises(IgnoreRuleError, match="must start"):
        parse_pointer("spec/replicas")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"group": "*", "kind": "*"}, True),
        ({"group": "app*", "kind": "Deployment"}, True),
        ({"group": "", "kind": "Deployment"}, False),
        ({"group": "apps", "kind": "Deployment", "name": "web", "namespace": "ns"}, True),
        ({"group": "apps", "kind": "Deployment", "name": "w*"}, False),
        ({"group": "apps", "kind": "Deployment", "namespace": "other"}, False),
    ],
)
def test_a_rule_matches_group_and_kind_as_globs_and_names_exactly(
    rule: dict[str, Any], expected: bool
) -> None:
    assert applies(ResourceIgnoreDifferences(**rule), KEY) is expected


def live_with(fields: dict[str, Any], manager: str = "m", **entry: Any) -> dict[str, Any]:
    managed = {"manager": manager, "operation": "Apply", "fieldsV1": fields, **entry}
    return {
        "apiVersion": "v1",
        "kind": "X",
        "metadata": {"managedFields": [managed]},
        "spec": {"set": ["a", "b"], "list": [{"id": 1, "v": 2}], "n": 3},
    }


def test_a_projection_moves_with_our_values_and_our_fields_only() -> None:
    live = live_with(
        {"f:spec": {"f:n": {}, "f:set": {'v:"a"': {}}, "f:list": {'k:{"id":1}': {".": {}, "f:v": {}}}}}
    )
    start = projection_hash(live, "m")
    live["spec"]["set"] = ["a", "c"]
    live["spec"]["other"] = 1
    assert projection_hash(live, "m") == start
    live["spec"]["list"][0]["v"] = 9
    assert projection_hash(live, "m") != start
    assert projection_hash(live, "nobody") is None


def test_the_status_door_does_not_count() -> None:
    assert projection_hash(live_with({"f:status": {}}, subresource="status"), "m") is None


def test_owned_paths_read_like_fields() -> None:
    live = live_with({"f:spec": {"f:list": {'k:{"id":1}': {".": {}, "f:v": {}}}}})
    assert {path_text(path) for path in owned_paths(live, "m")} == {".spec.list[id=1]", ".spec.list[id=1].v"}


def test_fields_of_a_disregarded_manager_are_taken_out() -> None:
    live = live_with({})
    fields = {"f:spec": {"f:n": {}, "f:set": {'v:"a"': {}}, "f:list": {'k:{"id":1}': {"f:v": {}}}}}
    assert without_owned(live, fields)["spec"] == {"set": ["b"], "list": [{"id": 1}]}


def test_a_label_only_mark_counts_while_marks_move_to_annotations() -> None:
    desired = {"apiVersion": "v1", "kind": "X", "metadata": {"annotations": {TRACKING_ID: "app:/X:ns/a"}}}
    live: dict[str, Any] = {"apiVersion": "v1", "kind": "X", "metadata": {"labels": {INSTANCE_LABEL: "app"}}}
    migrated = with_migrated_mark(live, desired, INSTANCE_LABEL)
    assert migrated["metadata"] == {"labels": {}, "annotations": {TRACKING_ID: "app:/X:ns/a"}}
    other = {**live, "metadata": {**live["metadata"], "annotations": {TRACKING_ID: "other:/X:ns/a"}}}
    assert with_migrated_mark(other, desired, INSTANCE_LABEL) is other


def test_status_is_compared_only_when_settings_say_so() -> None:
    obj = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "status": {"a": 1}}
    assert "status" not in normalize(obj)
    assert "status" in normalize(obj, settings=Settings(ignore_status="none"))


def test_null_rules_of_a_role_are_no_rules() -> None:
    role: dict[str, Any] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {},
        "rules": None,
    }
    assert "rules" not in normalize(role)


def test_an_extra_object_does_not_count_when_it_asks_not_to() -> None:
    live = {"metadata": {"annotations": {"argocd.argoproj.io/compare-options": "IgnoreExtraneous"}}}
    extra = outcome_of(KEY, None, live)
    assert (extra.reason, extra.status) == (Reason.EXTRA, SyncCode.OUT_OF_SYNC)
    assert overall([extra]) is SyncCode.SYNCED
    assert overall([outcome_of(KEY, None, {})]) is SyncCode.OUT_OF_SYNC


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_every_object_is_a_subset_of_itself(spec: Any) -> None:
    obj = {"apiVersion": "x.io/v1", "kind": "X", "metadata": {"name": "a"}, "spec": spec}
    assert is_subset(obj, obj)


def test_a_map_that_is_gone_is_not_one_that_has_nothing_of_ours() -> None:
    live = live_with({"f:spec": {"f:overhead": {"f:podFixed": {}}}})
    live["spec"]["overhead"] = {}
    before = projection_hash(live, "m")
    del live["spec"]["overhead"]
    assert projection_hash(live, "m") != before
