"""What is sent when ignored fields are respected."""

from typing import Any

from fairlead.diff.ignore import Ignored, parse_pointer
from fairlead.diff.respect import respecting


def deployment(replicas: int | None, image: str, **labels: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}
    if replicas is not None:
        spec["replicas"] = replicas
    return {"metadata": {"name": "web", "labels": labels}, "spec": spec}


def test_an_ignored_field_is_sent_as_it_is_in_the_cluster() -> None:
    ignored = Ignored(pointers=(parse_pointer("/spec/replicas"),))
    sent = respecting(deployment(1, "web:2"), deployment(5, "web:1"), ignored)
    assert sent == deployment(5, "web:2")


def test_what_is_not_in_the_cluster_is_not_sent_and_what_is_not_desired_is_not_added() -> None:
    ignored = Ignored(pointers=(parse_pointer("/spec/replicas"), parse_pointer("/metadata/labels/theirs")))
    sent = respecting(deployment(1, "web:2"), deployment(None, "web:1", theirs="x"), ignored)
    assert sent == deployment(None, "web:2")


def test_a_place_in_a_list_is_taken_over_by_number() -> None:
    pointer = parse_pointer("/spec/template/spec/containers/0/image")
    sent = respecting(deployment(1, "web:2"), deployment(5, "web:1"), Ignored(pointers=(pointer,)))
    assert sent == deployment(1, "web:1")
    by_path = ("spec", "template", "spec", "containers", 0, "image")
    assert respecting(deployment(1, "web:2"), deployment(5, "web:1"), Ignored(), paths=[by_path]) == sent


def test_what_a_named_manager_owns_keeps_its_value() -> None:
    live = deployment(5, "web:1")
    item = 'k:{"name":"main"}'
    live["metadata"]["managedFields"] = [
        {
            "manager": "updater",
            "operation": "Update",
            "fieldsV1": {
                "f:spec": {"f:template": {"f:spec": {"f:containers": {item: {"f:image": {}}}}}},
            },
        }
    ]
    sent = respecting(deployment(1, "web:2"), live, Ignored(managers=("updater",)))
    assert sent == deployment(1, "web:1")
