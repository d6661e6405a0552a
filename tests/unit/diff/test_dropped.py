"""What the last desired state had and the new one lacks, and who else owns it."""

from typing import Any

import msgspec

from fairlead.diff.dropped import dropped_fields, dropped_paths, last_applied, without_co_owners
from fairlead.diff.fieldset import path_text
from fairlead.diff.normalize import LAST_APPLIED

OURS = "argocd-controller"


def entry(manager: str, fields: Any, operation: str = "Update", **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **more}


def config_map(*managed: dict[str, Any], annotations: dict[str, str] | None = None, **data: str) -> Any:
    metadata: dict[str, Any] = {"name": "a", "managedFields": list(managed)}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def said(live: Any, desired: Any) -> list[str]:
    return sorted(path_text(path) for path in dropped_paths(dropped_fields(live, desired, OURS)))


def test_our_own_entry_is_the_last_desired_state_and_what_is_gone_anyway_is_not_dropped() -> None:
    mine = entry(OURS, {"f:data": {"f:keep": {}, "f:drop": {}, "f:gone": {}}}, "Apply")
    live = config_map(mine, keep="1", drop="1", foreign="1")
    assert said(live, config_map(keep="1")) == [".data.drop"]
    assert said(live, config_map(keep="1", drop="2")) == []


def test_before_our_first_apply_the_annotation_of_client_side_apply_is() -> None:
    text = msgspec.json.encode(config_map(keep="1", drop="1")).decode()
    live = config_map(annotations={LAST_APPLIED: text}, keep="1", drop="1", foreign="1")
    assert said(live, config_map(keep="1")) == [".data.drop"]
    applied = entry(OURS, {"f:data": {"f:keep": {}}}, "Apply")
    both = config_map(applied, annotations={LAST_APPLIED: text}, keep="1", drop="1")
    assert said(both, config_map(keep="1")) == []
    assert last_applied(config_map(annotations={LAST_APPLIED: "{"})) == {}


def deployment(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    pod = {"containers": list(containers)}
    body: dict[str, Any] = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}}
    return {**body, "spec": {"template": {"spec": pod}, **spec}}


def test_the_annotation_tells_items_of_keyed_lists_apart() -> None:
    last = deployment(
        {"name": "one", "image": "x", "env": [{"name": "A"}, {"name": "B"}]}, {"name": "two", "image": "x"}
    )
    live = deployment(
        {"name": "one", "image": "x", "env": [{"name": "A"}, {"name": "B"}, {"name": "C"}]},
        {"name": "two", "image": "x"},
        {"name": "three", "image": "x"},
    )
    live["metadata"]["annotations"] = {LAST_APPLIED: msgspec.json.encode(last).decode()}
    desired = deployment({"name": "one", "image": "x", "env": [{"name": "A"}]})
    assert said(live, desired) == [
        ".spec.template.spec.containers[name=one].env[name=B]",
        ".spec.template.spec.containers[name=two]",
    ]


def owners(live: Any, desired: Any) -> list[dict[str, Any]] | None:
    dropped = dropped_fields(live, desired, OURS)
    return without_co_owners(live["metadata"]["managedFields"], dropped, OURS)


def test_only_what_was_dropped_is_taken_from_other_owners() -> None:
    mine = entry(OURS, {"f:data": {"f:keep": {}, "f:drop": {}}}, "Apply")
    theirs = entry("kubectl-create", {"f:data": {".": {}, "f:keep": {}, "f:drop": {}, "f:foreign": {}}})
    live = config_map(mine, theirs, keep="1", drop="1", foreign="1")
    left = entry("kubectl-create", {"f:data": {".": {}, "f:keep": {}, "f:foreign": {}}})
    assert owners(live, config_map(keep="1")) == [mine, left]
    assert owners(live, config_map(keep="1", drop="1")) is None


def test_a_list_item_goes_with_all_that_others_put_into_it_and_who_owns_nothing_more_is_gone() -> None:
    item = 'k:{"name":"two"}'
    mine = entry(OURS, nested({item: {".": {}, "f:name": {}, "f:image": {}}}), "Apply")
    theirs = entry("limits", nested({item: {"f:resources": {"f:limits": {"f:cpu": {}}}}}), "Apply")
    live = deployment({"name": "one"}, {"name": "two", "image": "x", "resources": {"limits": {"cpu": "1"}}})
    live["metadata"]["managedFields"] = [mine, theirs]
    assert owners(live, deployment({"name": "one"})) == [mine]


def nested(containers: dict[str, Any]) -> dict[str, Any]:
    return {"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}}


def test_what_is_owned_through_a_subresource_stays_with_its_owner() -> None:
    mine = entry(OURS, {"f:spec": {"f:replicas": {}}}, "Apply")
    scale = entry("autoscaler", {"f:spec": {"f:replicas": {}}}, subresource="scale")
    made = entry("kubectl-create", {"f:spec": {"f:replicas": {}}})
    live = deployment(replicas=5)
    live["metadata"]["managedFields"] = [mine, scale, made]
    assert owners(live, deployment()) is None
