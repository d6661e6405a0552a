"""What counts as a change outside Git: from an object as it was, as it is, and as Git wants it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fairlead.app_controller.drifting.changes import Change, Eyes, changes, place_of, reach, steps_of
from fairlead.diff import place
from fairlead.diff.compare import FIELD_MANAGER
from fairlead.diff.fieldset import MISSING
from fairlead.diff.ignore import Ignored
from fairlead.diff.place import Keyed
from fairlead.manifest.identity import ResourceKey

Object = dict[str, Any]
KEY = ResourceKey("apps", "Deployment", "shop", "web")
BEFORE, AFTER = "2030-01-01T00:00:00Z", "2030-01-01T03:12:07Z"


def entry(
    manager: str, fields: Object, *, operation: str = "Update", time: str = AFTER, **more: str
) -> Object:
    return {"manager": manager, "operation": operation, "time": time, "fieldsV1": fields, **more}


def ours(fields: Object, time: str = BEFORE) -> Object:
    return entry(FIELD_MANAGER, fields, operation="Apply", time=time)


def deployment(replicas: int | None, *entries: Object, image: str = "nginx:1", **labels: str) -> Object:
    spec: Object = {"template": {"spec": {"containers": [{"name": "main", "image": image}]}}}
    if replicas is not None:
        spec["replicas"] = replicas
    metadata: Object = {"name": "web", "namespace": "shop", "managedFields": list(entries)}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


CONTAINER = {
    "f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': {".": {}, "f:name": {}, "f:image": {}}}}}
}
BOTH = {"f:spec": {"f:replicas": {}, **CONTAINER}}
REST = {"f:spec": CONTAINER}
SCALED = {"f:spec": {"f:replicas": {}}}


def found(
    old: Object, new: Object, git: Object, *, eyes: Eyes | None = None, standing: Any = ()
) -> list[Change]:
    return changes(KEY, old, new, git, eyes=eyes or Eyes(), standing=standing)


def said(change: Change) -> tuple[str, ...]:
    told = change.told
    return told.path, told.desired, told.live, told.manager, told.operation, told.subresource, told.since


def test_a_scale_by_hand_is_told_with_who_did_it_how_and_when() -> None:
    old = deployment(3, ours(BOTH))
    new = deployment(10, ours(REST), entry("kubectl", SCALED, subresource="scale"))
    (change,) = found(old, new, deployment(3))
    assert said(change) == (".spec.replicas", "3", "10", "kubectl", "Update", "scale", AFTER)
    assert not change.is_reverted


def test_three_managers_are_told_apart() -> None:
    image = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': {"f:image": {}}}}}}}
    label = {"f:metadata": {"f:labels": {"f:tier": {}}}}
    old = deployment(3, ours({**BOTH, **label}), tier="web")
    new = deployment(
        10,
        ours({}),
        entry("kubectl", SCALED, subresource="scale"),
        entry("kubectl-edit", image),
        entry("kubectl-label", label),
        image="nginx:2",
        tier="db",
    )
    assert {
        (change.told.path, change.told.manager) for change in found(old, new, deployment(3, tier="web"))
    } == {
        (".spec.replicas", "kubectl"),
        (".spec.template.spec.containers[name=main].image", "kubectl-edit"),
        (".metadata.labels.tier", "kubectl-label"),
    }


def test_our_own_apply_is_no_drift() -> None:
    old, new = deployment(3, ours(BOTH)), deployment(4, ours(BOTH, AFTER), image="nginx:2")
    assert found(old, new, deployment(4, image="nginx:2")) == []


def test_what_others_own_beside_us_is_no_drift() -> None:
    old = deployment(3, ours(REST), entry("hpa", SCALED, time=BEFORE))
    new = deployment(9, ours(REST), entry("hpa", SCALED), mine="no")
    assert found(old, new, deployment(None)) == []


def test_a_status_that_is_written_is_no_drift() -> None:
    old = deployment(3, ours(BOTH))
    new = {**deployment(3, ours(BOTH), entry("kubelet", {"f:status": {}})), "status": {"replicas": 3}}
    assert found(old, new, deployment(3)) == []


def test_a_field_that_was_taken_out_names_the_only_one_who_wrote() -> None:
    old = deployment(3, ours(BOTH))
    removed = deployment(None, ours(REST))
    assert said(found(old, removed, deployment(3))[0])[:4] == (".spec.replicas", "3", "", "")
    new = deployment(None, ours(REST), entry("kubectl-edit", {"f:spec": {"f:paused": {}}}))
    assert said(found(old, new, deployment(3))[0])[:4] == (".spec.replicas", "3", "", "kubectl-edit")


def test_a_field_that_git_dropped_and_we_took_out_is_no_drift() -> None:
    assert found(deployment(3, ours(BOTH)), deployment(None, ours(REST, AFTER)), deployment(None)) == []


def test_a_container_that_was_taken_out_is_one_change() -> None:
    old, new, git = (deployment(3, ours(BOTH)) for _ in range(3))
    new["spec"]["template"]["spec"]["containers"] = [{"name": "other", "image": "x"}]
    (change,) = [one for one in found(old, new, git) if one.told.live == ""]
    assert change.told.path == ".spec.template.spec.containers[name=main]"


def test_what_was_changed_before_and_still_stands_is_followed() -> None:
    scaled = entry("kubectl", SCALED, time=BEFORE)
    old = deployment(10, ours(REST), scaled)
    new = deployment(12, ours(REST), entry("kubectl", SCALED))
    assert found(old, new, deployment(3)) == []
    (change,) = found(old, new, deployment(3), standing=[".spec.replicas"])
    assert said(change)[:3] == (".spec.replicas", "10", "12")
    (back,) = found(
        old, deployment(3, ours(REST), entry("kubectl", SCALED)), deployment(3), standing=[".spec.replicas"]
    )
    assert back.is_reverted


def test_a_field_that_a_rule_ignores_is_no_drift() -> None:
    old = deployment(3, ours(BOTH))
    new = deployment(10, ours(REST), entry("kubectl", SCALED))
    eyes = Eyes(ignored=Ignored(pointers=(("spec", "replicas"),)))
    assert found(old, new, deployment(3), eyes=eyes) == []


def test_what_a_manager_changes_whom_a_rule_ignores_is_no_drift() -> None:
    old = deployment(3, ours(BOTH))
    new = deployment(10, ours(REST), entry("autoscaler", SCALED))
    assert found(old, new, deployment(3), eyes=Eyes(ignored=Ignored(managers=("autoscaler",)))) == []
    assert len(found(old, new, deployment(3), eyes=Eyes(ignored=Ignored(managers=("other",))))) == 1


def test_values_of_a_secret_are_never_told() -> None:
    key = ResourceKey("", "Secret", "shop", "login")

    def secret(word: str, *entries: Object) -> Object:
        metadata = {"name": "login", "namespace": "shop", "managedFields": list(entries)}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"password": word}}

    data = {"f:data": {"f:password": {}}}
    old, new = secret("b2xk", ours(data)), secret("bmV3", entry("kubectl-edit", data))
    for mine in (old, secret("b2xk", ours({"f:stringData": {"f:password": {}}}))):
        (change,) = changes(key, mine, new, old, eyes=Eyes())
        assert said(change)[:4] == (".data.password", '"++++++++"', '"++++++++++++"', "kubectl-edit")
    taken = secret("b2xk", ours({}))
    del taken["data"]["password"]
    text = msgspec.json.encode([said(one) for one in changes(key, old, taken, old, eyes=Eyes())]).decode()
    assert "b2xk" not in text
    assert "bmV3" not in text


def test_an_annotation_that_is_to_be_masked_is_masked() -> None:
    fields = {"f:metadata": {"f:annotations": {"f:token": {}}}}
    old, new = deployment(3, ours(fields)), deployment(3, entry("kubectl", fields))
    old["metadata"]["annotations"], new["metadata"]["annotations"] = {"token": "one"}, {"token": "two"}
    (change,) = found(old, new, old, eyes=Eyes(hidden=("token",)))
    assert said(change)[1:3] == ('"++++++++"', '"++++++++++++"')


def test_a_place_is_the_same_after_it_was_kept() -> None:
    old = deployment(3, ours(BOTH))
    image = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"main"}': {"f:image": {}}}}}}}
    (change,) = found(old, deployment(3, ours({}), entry("edit", image), image="nginx:2"), deployment(3))
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(steps_of(change.place)))
    assert place_of(kept) == change.place
    assert reach(old, change.place) == "nginx:1"
    assert reach({"spec": []}, change.place) is MISSING


def test_an_item_is_found_among_thousands_without_a_look_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at an application holds up all others while it goes over what somebody changed."""
    looked: list[str] = []
    monkeypatch.setattr(place, "said_by", looked.append)
    fields = {f'k:{{"containerPort":{port},"protocol":"TCP"}}': {"f:name": {}} for port in range(5000)}
    where = (Keyed({"protocol": "TCP", "containerPort": 4999}), "name")
    assert place.is_owned(fields, where)
    assert not looked
