"""The mark of ownership."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.manifest.identity import ResourceKey
from fairlead.manifest.tracking import (
    INSTALLATION_ID,
    INSTANCE_LABEL,
    TRACKING_ID,
    Method,
    Tracking,
    TrackingId,
    is_managed_by,
    make_tracking_id,
    owner_of,
    parse_tracking_id,
    self_referenced,
    shortened_label,
    stamp,
)


def deployment(**metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", **metadata},
    }


def test_the_mark_names_application_group_kind_namespace_and_name() -> None:
    stamped = stamp(deployment(), "guestbook", "default")
    assert stamped["metadata"]["annotations"][TRACKING_ID] == "guestbook:apps/Deployment:shop/web"
    assert self_referenced(stamped)
    assert owner_of(stamped["metadata"]) == "guestbook"


def test_a_cluster_scoped_object_is_marked_with_the_destination_namespace_and_still_is_its_own() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:x"},
    }
    stamped = stamp(role, "app", "default")
    mark = stamped["metadata"]["annotations"][TRACKING_ID]
    assert mark == "app:rbac.authorization.k8s.io/ClusterRole:default/system:x"
    assert self_referenced(stamped)


def test_stamping_leaves_the_argument_alone() -> None:
    obj = deployment(annotations={"a": "b"})
    stamp(obj, "app", "default")
    assert obj == deployment(annotations={"a": "b"})


def test_custom_resource_definitions_carry_no_mark() -> None:
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "x"},
    }
    assert stamp(crd, "app", "default", Method.BOTH, INSTANCE_LABEL, "me") == crd


def test_a_copied_object_is_not_its_own() -> None:
    copy = deployment(name="copy", annotations={TRACKING_ID: "app:apps/Deployment:shop/web"})
    assert not self_referenced(copy)
    assert not is_managed_by("app", copy)
    assert self_referenced(copy, Method.LABEL)


def test_a_child_is_not_managed_even_when_it_inherited_the_mark() -> None:
    marked = stamp(deployment(), "app", "shop")
    assert is_managed_by("app", marked)
    marked["metadata"]["ownerReferences"] = [{"uid": "1"}]
    assert not is_managed_by("app", marked)


def test_label_tracking_writes_the_whole_name_and_reads_it_back() -> None:
    stamped = stamp(deployment(), "a" * 70, "default", Method.LABEL)
    assert stamped["metadata"]["labels"] == {INSTANCE_LABEL: "a" * 70}
    assert "annotations" not in stamped["metadata"]
    assert owner_of(stamped["metadata"], Method.LABEL) == "a" * 70


def test_with_both_the_annotation_decides_and_the_label_is_cut_to_what_fits() -> None:
    stamped = stamp(deployment(), "a" * 62 + "-b", "default", Method.BOTH)
    assert stamped["metadata"]["labels"] == {INSTANCE_LABEL: "a" * 62}
    assert owner_of(stamped["metadata"], Method.BOTH) == "a" * 62 + "-b"
    stamped["metadata"]["labels"] = {INSTANCE_LABEL: "other"}
    assert owner_of(stamped["metadata"], Method.BOTH) == "a" * 62 + "-b"


def test_an_object_of_another_installation_is_nobody_of_ours() -> None:
    theirs = Tracking(installation_id="theirs")
    stamped = stamp(deployment(), "app", "shop", *theirs)
    assert stamped["metadata"]["annotations"][INSTALLATION_ID] == "theirs"
    assert is_managed_by("app", stamped, theirs)
    assert not is_managed_by("app", stamped, Tracking(installation_id="ours"))


@pytest.mark.parametrize(
    "text", ["", "app", "app:Deployment:ns/x", "app:apps/Deployment:x", ":apps/Deployment:a/b"]
)
def test_text_that_is_no_mark_is_read_as_none(text: str) -> None:
    assert parse_tracking_id(text) is None


def test_marks_read_back_as_they_were_written() -> None:
    key = ResourceKey("", "ConfigMap", "ns", "a:b")
    text = make_tracking_id("team_app", key, "default")
    assert text == "team_app:/ConfigMap:ns/a:b"
    assert parse_tracking_id(text) == TrackingId("team_app", "", "ConfigMap", "ns", "a:b")


def test_a_shortened_label_ends_in_a_letter_or_digit() -> None:
    assert shortened_label("x" * 60 + "---") == "x" * 60
