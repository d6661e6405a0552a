"""What generators name in the cluster is read whole, or words say why not; without a controller."""

import base64

import pytest

from fairlead.applicationset_controller.generating.errors import SourceError
from fairlead.applicationset_controller.objects import Objects, written
from fairlead.kube.collection import CONFIG_MAPS, SECRETS
from fairlead.model.decode import from_object
from fairlead.model.metadata import LabelSelector
from tests.integration.applicationset_controller.lab import Lab, Object


def secret(name: str, **labels: str) -> Object:
    data = {"token": base64.b64encode(b"s3cret").decode(), "odd": base64.b64encode(b"\xff").decode()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "labels": {f"argocd.argoproj.io/{k}": v for k, v in labels.items()}},
        "data": data,
    }


async def test_secrets_config_maps_and_decisions_are_read_and_what_is_missing_is_named(lab: Lab) -> None:
    objects, place = Objects(lab.client), lab.namespace
    await lab.client.create(SECRETS, secret("plain"), place)
    await lab.client.create(SECRETS, secret("meant", **{"secret-type": "scm-creds"}), place)
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "labels": {"a": "b"}}}
    await lab.client.create(CONFIG_MAPS, {**data, "data": {"key": "value"}}, place)
    assert await objects.secret(place, "plain", "token", strict=False) == "s3cret"
    assert await objects.secret(place, "meant", "token", strict=True) == "s3cret"
    assert await objects.config_map(place, "c") == {"key": "value"}
    for name, key, strict, words in (
        ("plain", "token", True, "not labelled"),
        ("plain", "other", False, "not found"),
        ("none", "token", False, "not found"),
        ("plain", "odd", False, "is no text"),
    ):
        with pytest.raises(SourceError, match=words):
            await objects.secret(place, name, key, strict=strict)
    selector = from_object({"matchLabels": {"a": "b"}}, LabelSelector)
    for kind in ("ConfigMap", "configmaps"):
        (found,) = await objects.objects("v1", kind, place, selector=selector)
        assert found["data"] == {"key": "value"}
        (same,) = await objects.objects("v1", kind, place, name="c")
        assert same["metadata"]["uid"] == found["metadata"]["uid"]
    with pytest.raises(SourceError, match="not served"):
        await objects.objects("example.com/v1", "Nothing", place, name="x")


async def test_what_the_control_plane_is_by_is_lent_to_no_generator(lab: Lab) -> None:
    objects, place = Objects(lab.client), lab.namespace
    keys = secret("keys-of-ours")
    keys["metadata"]["labels"] = {"app.kubernetes.io/name": "fairlead-keys"}
    redis = secret("argocd-redis")
    made = {
        one["metadata"]["name"]: one for one in (keys, redis, secret("far", **{"secret-type": "cluster"}))
    }
    for one in made.values():
        await lab.client.create(SECRETS, one, place)
    for name in made:
        for strict in (False, True):
            with pytest.raises(SourceError, match=r"control plane's own|not labelled") as caught:
                await objects.secret(place, name, "token", strict=strict)
            assert "s3cret" not in str(caught.value)
        with pytest.raises(SourceError, match="control plane's own"):
            await objects.secret_data(place, name)


def test_a_selector_is_written_as_the_api_server_reads_it() -> None:
    expressions = [
        {"key": "a", "operator": "In", "values": ["1", "2"]},
        {"key": "b", "operator": "NotIn", "values": ["3"]},
        {"key": "c", "operator": "Exists"},
        {"key": "d", "operator": "DoesNotExist"},
    ]
    selector = from_object({"matchLabels": {"x": "y"}, "matchExpressions": expressions}, LabelSelector)
    assert written(selector) == "x=y,a in (1,2),b notin (3),c,!d"
    odd = from_object({"matchExpressions": [{"key": "a", "operator": "Like"}]}, LabelSelector)
    with pytest.raises(SourceError, match="Like"):
        written(odd)
