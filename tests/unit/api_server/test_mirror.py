"""What a mirror shows of an object that can no longer be read."""

import msgspec
import pytest

from fairlead.api_server.kinds import PROJECTS
from fairlead.api_server.mirror import Mirror
from fairlead.kube.head import decode_head
from fairlead.kube.watch_events import Added, Modified, Relisting, Synced
from fairlead.model.appproject import AppProject
from fairlead.model.decode import decode_app_project


def project(version: int, repos: object) -> bytes:
    metadata = {"name": "p", "namespace": "argocd", "resourceVersion": str(version)}
    return msgspec.json.encode({"metadata": metadata, "spec": {"sourceRepos": repos}})


@pytest.fixture
def mirror() -> Mirror[AppProject]:
    return Mirror(None, PROJECTS, "argocd", decode_app_project)  # type: ignore[arg-type]


def test_a_project_that_was_tightened_and_mistyped_permits_nothing_until_it_can_be_read(
    mirror: Mirror[AppProject], capsys: pytest.CaptureFixture[str]
) -> None:
    wide, broken, narrow = project(1, ["*"]), project(2, "https://one"), project(3, ["https://one"])
    with mirror.subscribed() as subscription:
        mirror._take(Added(decode_head(wide), wide))
        mirror._take(Modified(decode_head(broken), broken))
        assert mirror.get("p") is None
        assert "p" in mirror.unreadable
        assert "api.mirror.unreadable" in "".join(capsys.readouterr())
        mirror._take(Modified(decode_head(narrow), narrow))
        shown = mirror.get("p")
        assert shown is not None
        assert shown.spec.source_repos == ("https://one",)
        assert not mirror.unreadable
        kinds = [subscription._queue.get_nowait().type for _ in range(3)]
    assert kinds == ["ADDED", "DELETED", "ADDED"]


def test_an_unreadable_object_that_was_deleted_meanwhile_is_forgotten(mirror: Mirror[AppProject]) -> None:
    broken = project(2, "https://one")
    mirror._take(Added(decode_head(broken), broken))
    mirror._take(Relisting())
    mirror._take(Synced("9"))
    assert not mirror.unreadable


def test_a_change_wakes_only_those_who_want_it(mirror: Mirror[AppProject]) -> None:
    raw = project(1, ["*"])
    with (
        mirror.subscribed(lambda value: "*" in value.spec.source_repos) as mine,
        mirror.subscribed(lambda value: "*" not in value.spec.source_repos) as others,
    ):
        mirror._take(Added(decode_head(raw), raw))
        assert mine._queue.qsize() == 1
        assert others._queue.empty()
        assert not others.overrun
