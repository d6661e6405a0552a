"""The real API server takes every field and gives it back as it was."""

import json
from typing import Any

import pytest

from fairlead.local.control_plane import ControlPlane
from fairlead.local.errors import KubernetesError
from fairlead.model.decode import to_object
from tests.contract.samples import SAMPLES, Sample

APPLICATION, APP_PROJECT, APPLICATION_SET = SAMPLES
SET_BY_THE_SERVER = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in document["metadata"].items() if key not in SET_BY_THE_SERVER}
    return document | {"metadata": metadata}


def in_namespace(sample: Sample, namespace: str, name: str) -> dict[str, Any]:
    document = sample.document()
    document["metadata"] |= {"namespace": namespace, "name": name}
    return document


async def create(cluster: ControlPlane, document: dict[str, Any]) -> dict[str, Any]:
    answer = await cluster.kubectl(
        "create", "--validate=strict", "-o", "json", "-f", "-", stdin=json.dumps(document)
    )
    created: dict[str, Any] = json.loads(answer)
    return created


async def stored(cluster: ControlPlane, document: dict[str, Any]) -> bytes:
    plural = f"{document['kind'].lower()}s.argoproj.io"
    metadata = document["metadata"]
    answer = await cluster.kubectl("get", plural, metadata["name"], "-n", metadata["namespace"], "-o", "json")
    return answer.encode()


async def replace_status(cluster: ControlPlane, document: dict[str, Any]) -> None:
    body = json.dumps(document)
    await cluster.kubectl("replace", "--subresource=status", "--validate=strict", "-f", "-", stdin=body)


async def assert_unchanged(cluster: ControlPlane, sample: Sample, document: dict[str, Any]) -> None:
    """Kept by the server, and passed on by the struct with all that the server added but managedFields."""
    answer = await stored(cluster, document)
    assert comparable(json.loads(answer)) == document
    expected = json.loads(answer)
    expected["metadata"].pop("managedFields", None)
    assert to_object(sample.decode(answer)) == expected


async def test_a_project_with_every_field_set_is_kept_unchanged(
    cluster: ControlPlane, namespace: str
) -> None:
    document = in_namespace(APP_PROJECT, namespace, "full")
    assert comparable(await create(cluster, document)) == document
    await assert_unchanged(cluster, APP_PROJECT, document)


async def test_an_application_set_with_every_field_set_is_kept_unchanged(
    cluster: ControlPlane, namespace: str
) -> None:
    document = in_namespace(APPLICATION_SET, namespace, "full")
    created = await create(cluster, document)
    assert "status" not in created, "its status is a resource of its own"
    await replace_status(cluster, document)
    await assert_unchanged(cluster, APPLICATION_SET, document)


async def test_an_application_with_every_field_set_is_kept_unchanged_and_its_status_with_it(
    cluster: ControlPlane, namespace: str
) -> None:
    owner = await create(cluster, in_namespace(APPLICATION_SET, namespace, "owner"))
    document = in_namespace(APPLICATION, namespace, "full")
    reference = document["metadata"]["ownerReferences"][0]
    reference |= {"name": "owner", "uid": owner["metadata"]["uid"]}  # or the garbage collector takes it away
    assert comparable(await create(cluster, document)) == document
    await assert_unchanged(cluster, APPLICATION, document)


async def test_short_names_and_columns_show_what_the_contract_says(
    cluster: ControlPlane, namespace: str
) -> None:
    document = in_namespace(APPLICATION, namespace, "columns")
    del document["metadata"]["ownerReferences"]
    await create(cluster, document)
    wide = await cluster.kubectl("get", "app", "columns", "-n", namespace, "-o", "wide")
    header, row = (line.split("   ") for line in wide.strip().splitlines())
    columns = [column.strip() for column in header if column.strip()]
    assert columns == ["NAME", "SYNC STATUS", "HEALTH STATUS", "REVISION", "PROJECT"]
    values = [value.strip() for value in row if value.strip()]
    assert values == ["columns", "OutOfSync", "Degraded", document["status"]["sync"]["revision"], "retail"]
    for short in ("apps.argoproj.io", "appproj", "appprojs", "appset", "appsets"):
        await cluster.kubectl("get", short, "-n", namespace)


async def test_an_unknown_field_is_refused_when_asked_to_be_strict(
    cluster: ControlPlane, namespace: str
) -> None:
    document = in_namespace(APPLICATION, namespace, "unknown")
    document["spec"]["surprise"] = True
    with pytest.raises(KubernetesError, match="surprise"):
        await create(cluster, document)


@pytest.mark.parametrize("path", ["", ".", "/"])
async def test_hydrating_into_the_root_of_a_branch_is_refused(
    cluster: ControlPlane, namespace: str, path: str
) -> None:
    document = in_namespace(APPLICATION, namespace, "root")
    document["spec"]["sourceHydrator"]["syncSource"]["path"] = path
    with pytest.raises(KubernetesError, match=r"syncSource\.path"):
        await create(cluster, document)


async def test_the_smallest_application_is_accepted_before_it_was_ever_compared(
    cluster: ControlPlane, namespace: str
) -> None:
    document = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "small", "namespace": namespace},
        "spec": {"project": "", "destination": {}},
        "status": {"sync": {"status": "", "comparedTo": {"destination": {}}}, "health": {}, "summary": {}},
    }
    assert comparable(await create(cluster, document)) == document
    await assert_unchanged(cluster, APPLICATION, document)
