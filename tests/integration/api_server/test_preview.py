"""What an application would deploy, shown before it is written."""

from typing import Any

import msgspec
import pytest

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.bus import RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.kube.errors import NotFoundError
from fairlead.kube.rest import KubeClient
from fairlead.rpc import repo
from fairlead.rpc.rendered import RenderedSet
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door

SHA = "0da637be0bd0a308d3a694f270f6b592c617cda9"
LOCAL = "https://kubernetes.default.svc"


def app(name: str, path: str = "one", **spec: object) -> dict[str, object]:
    source = {"repoURL": "https://git.example/team/config.git", "path": path, "targetRevision": "main"}
    destination = {"server": LOCAL, "namespace": "web"}
    return {
        "metadata": {"name": name},
        "spec": {"source": source, "destination": destination, "project": "default", **spec},
    }


@pytest.fixture
def rendered(scripted: dict[str, Answer]) -> dict[str, Answer]:
    """A repository whose folders make a ConfigMap and a Secret of their name."""

    async def test(_: str, __: bytes) -> bytes:
        return encode(repo.TestedRepository(revision=SHA))

    async def generate(_: str, payload: bytes) -> bytes:
        path = decode(repo.GenerateManifests, payload).wanted.sources[0].path
        if path == "broken":
            raise RemoteError("Unknown", "broken: app path does not exist")
        metadata = {"name": "same", "namespace": "web"}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"key": path}}
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": path, "namespace": "web"}}
        found = RenderedSet(documents=(msgspec.json.encode(secret), msgspec.json.encode(config)))
        return encode(repo.GeneratedManifests(digest=found.digest, sources=(), documents=found.documents))

    scripted.update({repo.TEST: test, repo.GENERATE: generate})
    return scripted


async def previewed(door: Door, wanted: dict[str, object]) -> tuple[int, dict[str, Any]]:
    status, answer = await door.ask("POST", "/api/v1/preview", {"application": wanted})
    return status, msgspec.convert(answer, dict[str, Any])


@pytest.mark.usefixtures("rendered")
async def test_a_new_application_is_shown_with_all_it_would_make_and_nothing_is_written(
    door: Door, kube: KubeClient
) -> None:
    status, told = await previewed(door, app("unborn"))
    assert status == 200
    assert told["exists"] is False
    assert [(one["kind"], one.get("left", "")) for one in told["items"]] == [
        ("ConfigMap", ""),
        ("Secret", ""),
    ]
    assert "b25l" not in msgspec.json.encode(told).decode()
    with pytest.raises(NotFoundError):
        await kube.get(APPLICATIONS, "unborn", NAMESPACE)


@pytest.mark.usefixtures("rendered")
async def test_a_changed_spec_is_shown_beside_the_one_that_is_there(door: Door) -> None:
    assert (await door.ask("POST", "/api/v1/applications", app("there")))[0] == 200
    _, told = await previewed(door, app("there", "two"))
    shown = {(one["kind"], one["name"]): (bool(one["left"]), bool(one["right"])) for one in told["items"]}
    assert shown == {
        ("ConfigMap", "one"): (True, False),
        ("ConfigMap", "two"): (False, True),
        ("Secret", "same"): (True, True),
    }
    _, same = await previewed(door, app("there"))
    assert (same["exists"], same["items"], same["same"]) == (True, [], 2)


@pytest.mark.usefixtures("rendered")
async def test_what_is_wrong_with_an_application_is_said_as_when_it_is_written(door: Door) -> None:
    status, told = await previewed(door, app("wrong", "broken"))
    assert (status, told["message"]) == (400, "the manifests cannot be made: broken: app path does not exist")
    status, told = await previewed(door, app("wrong", project="nope"))
    assert (status, told["message"]) == (
        400,
        'app is not allowed in project "nope", or the project does not exist',
    )
    status, told = await previewed(door, app("wrong", destination={"name": "nowhere"}))
    assert told["message"].endswith("there are no clusters with this name: nowhere")
    status, _ = await door.ask("POST", "/api/v1/preview", {"application": {"spec": {"source": 7}}})
    assert status == 400


@pytest.mark.usefixtures("rendered")
async def test_an_application_that_cannot_be_rendered_any_more_says_so_beside_what_it_would_be(
    door: Door,
) -> None:
    broken = app("halfway", "broken")
    assert (await door.ask("POST", "/api/v1/applications", broken, validate="false"))[0] == 200
    _, told = await previewed(door, app("halfway", "two"))
    assert told["problem"] == "the manifests cannot be made: broken: app path does not exist"
    assert [(one["name"], bool(one["left"])) for one in told["items"]] == [("two", False), ("same", False)]
