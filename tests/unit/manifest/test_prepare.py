"""From rendered documents to the desired state of one application."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.manifest.digest import digest
from fairlead.manifest.errors import DocumentError, IdentityError
from fairlead.manifest.identity import GroupVersionKind, ResourceKey, gvk_of, key_of
from fairlead.manifest.prepare import Prepared, prepare
from fairlead.manifest.tracking import TRACKING_ID
from fairlead.model.noted import NOTED

SCOPES = {("", "ConfigMap"): True, ("rbac.authorization.k8s.io", "ClusterRole"): False}


def prepared(*documents: dict[str, Any], namespace: str = "shop") -> Prepared:
    return prepare(
        documents,
        is_namespaced=lambda group, kind: SCOPES.get((group, kind)),
        destination_namespace=namespace,
        instance="app",
    )


def config_map(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def test_a_namespaced_object_without_namespace_gets_the_destinations() -> None:
    (desired,) = prepared(config_map()).objects
    assert desired.key == ResourceKey("", "ConfigMap", "shop", "a")
    assert desired.object["metadata"]["annotations"][TRACKING_ID] == "app:/ConfigMap:shop/a"


def test_a_cluster_scoped_object_loses_its_namespace() -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "r", "namespace": "wrong"},
    }
    (desired,) = prepared(role).objects
    assert desired.key.namespace == ""
    assert "namespace" not in desired.object["metadata"]


def test_an_unknown_kind_keeps_its_own_namespace_or_gets_the_destinations() -> None:
    thing = {"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "t"}}
    elsewhere = {**thing, "metadata": {"name": "t", "namespace": "own"}}
    first, second = prepared(thing, elsewhere).objects
    assert (first.key.namespace, second.key.namespace) == ("shop", "own")
    assert first.namespaced is None


def test_of_duplicates_the_last_is_kept_and_said() -> None:
    state = prepared(config_map(data={"v": "1"}), config_map("b"), config_map(data={"v": "2"}))
    assert [d.object.get("data") for d in state.objects] == [{"v": "2"}, None]
    (remark,) = state.remarks
    assert remark.type == "RepeatedResourceWarning"
    assert remark.message == "Resource /ConfigMap/shop/a appeared 2 times among application resources."


def test_a_namespaced_object_without_any_namespace_is_remarked() -> None:
    (remark,) = prepared(config_map(), namespace="").remarks
    assert remark.message == "Namespace for a /v1, Kind=ConfigMap is missing."


def test_generate_name_is_for_hooks_only_and_each_is_kept() -> None:
    hook = {"generateName": "migrate-", "annotations": {"argocd.argoproj.io/hook": "PreSync"}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": hook}
    assert len(prepared(job, job).by_key) == 2
    with pytest.raises(DocumentError, match="only for hooks"):
        prepared({**job, "metadata": {"generateName": "x-"}})


def test_the_digest_is_of_the_applied_bytes_and_does_not_depend_on_key_order() -> None:
    (one,) = prepared(config_map(data={"a": "1", "b": "2"})).objects
    (two,) = prepared({"data": {"b": "2", "a": "1"}, **config_map()}).objects
    assert one.digest == two.digest == digest(one.body) == digest(one.object)
    (three,) = prepared(config_map(data={"a": "1", "b": "3"})).objects
    assert three.digest != one.digest


def test_keys_say_what_is_missing() -> None:
    with pytest.raises(IdentityError, match="apiVersion"):
        gvk_of({"kind": "X"})
    with pytest.raises(IdentityError, match="metadata"):
        key_of({"apiVersion": "v1", "kind": "X"})
    assert gvk_of({"apiVersion": "apps/v1", "kind": "Deployment"}) == GroupVersionKind(
        "apps", "v1", "Deployment"
    )


def test_what_only_the_controller_notes_is_left_out_of_a_manifest() -> None:
    noted, plain = config_map(), config_map()
    noted["metadata"] = {**noted["metadata"], "annotations": {"mine": "1", **dict.fromkeys(NOTED, "forged")}}
    plain["metadata"] = {**plain["metadata"], "annotations": {"mine": "1"}}
    assert prepared(noted).objects == prepared(plain).objects


def test_what_only_the_api_server_decides_is_left_out_of_a_manifest() -> None:
    said = {
        "managedFields": [{"manager": "kubectl"}],
        "resourceVersion": "7",
        "uid": "u",
        "generation": 3,
        "selfLink": "/x",
        "creationTimestamp": None,
        "deletionTimestamp": "2026-01-01T00:00:00Z",
        "deletionGracePeriodSeconds": 0,
    }
    full = config_map()
    full["metadata"] = {**full["metadata"], **said, "labels": {"a": "b"}}
    plain = config_map()
    plain["metadata"] = {**plain["metadata"], "labels": {"a": "b"}}
    assert prepared(full).objects == prepared(plain).objects
