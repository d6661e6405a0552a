"""Reading what a dry run predicts."""

from __future__ import annotations

from typing import Any

from fairlead.diff.compare import FIELD_MANAGER
from fairlead.diff.dry_run import interpret


def deployment(spec: dict[str, Any], fields: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    entry = {"manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": fields}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "w", "managedFields": [entry], **metadata},
        "spec": spec,
    }


REPLICAS: dict[str, Any] = {"f:replicas": {}}


def test_versions_generations_and_managers_are_no_difference() -> None:
    live = deployment({"replicas": 1}, REPLICAS, resourceVersion="1", generation=1)
    then = deployment({"replicas": 1}, REPLICAS, resourceVersion="2", generation=2)
    assert interpret(then, live, manager=FIELD_MANAGER).equal


def test_a_changed_field_of_ours_is_a_difference() -> None:
    live = deployment({"replicas": 1}, REPLICAS)
    assert not interpret(deployment({"replicas": 2}, REPLICAS), live, manager=FIELD_MANAGER).equal


def test_a_field_we_give_up_is_a_difference() -> None:
    live = deployment({"replicas": 1, "paused": True}, {**REPLICAS, "f:paused": {}})
    found = interpret(deployment({"replicas": 1}, REPLICAS), live, manager=FIELD_MANAGER)
    assert not found.equal
    assert found.predicted["spec"] == {"replicas": 1}


def test_what_a_webhook_adds_is_no_difference_unless_asked_for() -> None:
    live = deployment({"replicas": 1}, REPLICAS)
    then = deployment({"replicas": 1, "injected": {"by": "webhook"}}, REPLICAS)
    assert interpret(then, live, manager=FIELD_MANAGER).equal
    assert not interpret(then, live, manager=FIELD_MANAGER, include_mutation_webhook=True).equal


def test_an_item_of_a_keyed_list_is_ours_alone() -> None:
    one: dict[str, Any] = {"f:containers": {'k:{"name":"web"}': {".": {}, "f:name": {}, "f:image": {}}}}
    sidecar = {"name": "proxy", "image": "p:1"}
    live = deployment({"containers": [sidecar, {"name": "web", "image": "1"}]}, one)
    same = deployment({"containers": [{"name": "web", "image": "1"}, {"name": "proxy", "image": "p:2"}]}, one)
    changed = deployment({"containers": [{"name": "web", "image": "2"}, sidecar]}, one)
    assert interpret(same, live, manager=FIELD_MANAGER).equal
    found = interpret(changed, live, manager=FIELD_MANAGER)
    assert not found.equal
    assert {item["name"]: item["image"] for item in found.predicted["spec"]["containers"]} == {
        "proxy": "p:1",
        "web": "2",
    }


def test_a_dropped_item_of_a_keyed_list_is_a_difference() -> None:
    item: dict[str, Any] = {".": {}, "f:name": {}}
    live = deployment(
        {"env": [{"name": "a"}, {"name": "b"}]}, {"f:env": {'k:{"name":"a"}': item, 'k:{"name":"b"}': item}}
    )
    then = deployment({"env": [{"name": "a"}]}, {"f:env": {'k:{"name":"a"}': item}})
    found = interpret(then, live, manager=FIELD_MANAGER)
    assert not found.equal
    assert found.predicted["spec"]["env"] == [{"name": "a"}]


def test_a_null_that_takes_away_what_somebody_else_put_there_is_a_change() -> None:
    head = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}}
    live = {**head, "imagePullSecrets": [{"name": "theirs"}]}
    said = interpret({**head}, live, manager="m", desired={**head, "imagePullSecrets": None})
    assert not said.equal
