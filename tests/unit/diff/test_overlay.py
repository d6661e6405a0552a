"""A desired object over the live one: what nobody desired stays, unless a list is put whole."""

from typing import Any

from fairlead.diff.overlay import overlay, repeats_a_key


def service(*ports: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", **metadata}}
    return {**body, "spec": {"ports": list(ports)}}


def test_fields_and_items_of_others_stay() -> None:
    live = service(
        {"port": 80, "protocol": "TCP", "nodePort": 30080}, {"port": 90, "protocol": "TCP"}, uid="u"
    )
    live["spec"]["clusterIP"] = "10.0.0.1"
    found = overlay(service({"port": 80, "targetPort": 8080}), live)
    assert not found.makes_way
    assert found.object == {
        **live,
        "spec": {
            "clusterIP": "10.0.0.1",
            "ports": [
                {"port": 80, "protocol": "TCP", "nodePort": 30080, "targetPort": 8080},
                {"port": 90, "protocol": "TCP"},
            ],
        },
    }


PORT_NAMES = {("spec", "ports"): {("name",)}}


def test_what_clashes_with_ours_makes_way_and_leaves_what_the_server_gave_it() -> None:
    theirs = {"name": "theirs", "port": 90, "protocol": "TCP"}
    live = service({"name": "http", "port": 83, "protocol": "TCP", "nodePort": 30080}, theirs)
    found = overlay(service({"name": "http", "port": 80}), live, refused=PORT_NAMES)
    assert found.makes_way
    assert found.object["spec"]["ports"] == [
        {"name": "http", "port": 80, "protocol": "TCP", "nodePort": 30080},
        theirs,
    ]


def test_nothing_makes_way_where_the_refusal_names_another_field() -> None:
    live = service({"name": "http", "port": 83}, {"name": "theirs", "port": 90})
    elsewhere = {("spec", "ports"): {("nodePort",)}, ("spec", "others"): {("name",)}}
    found = overlay(service({"name": "http", "port": 80}), live, refused=elsewhere)
    assert not found.makes_way
    assert [port["port"] for port in found.object["spec"]["ports"]] == [80, 83, 90]


def test_lists_of_metadata_never_lose_what_others_put_there() -> None:
    theirs = [{"uid": "theirs", "name": "a"}]
    live = service(finalizers=["x.io/theirs"], ownerReferences=theirs)
    desired = service(finalizers=["x.io/ours"], ownerReferences=[{"uid": "ours", "name": "a"}])
    refused = {("metadata", "ownerReferences"): {("name",)}}
    found = overlay(desired, live, refused=refused).object["metadata"]
    assert set(found["finalizers"]) == {"x.io/ours", "x.io/theirs"}
    assert [item["uid"] for item in found["ownerReferences"]] == ["ours", "theirs"]


def test_a_null_takes_a_field_away_and_what_was_dropped_goes() -> None:
    live = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1", "b": "2"}}
    desired = {**live, "data": {"a": None}}
    found = overlay(desired, live, dropped={"f:data": {"f:b": {}}})
    assert found.object["data"] == {}


def pod(*ports: dict[str, Any]) -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "ports": list(ports)}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def test_a_list_that_repeats_a_key_is_taken_as_desired() -> None:
    http, metrics = {"containerPort": 90, "name": "http"}, {"containerPort": 90, "name": "metrics"}
    assert repeats_a_key(pod(http, metrics))
    assert not repeats_a_key(pod(http, {"containerPort": 90, "protocol": "UDP", "name": "metrics"}))
    live = pod({**http, "protocol": "TCP"}, {**metrics, "protocol": "TCP"}, {"containerPort": 1, "name": "x"})
    found = overlay(pod(http, metrics), live)
    assert found.object == pod({**http, "protocol": "TCP"}, {**metrics, "protocol": "TCP"})
