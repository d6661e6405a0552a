"""Which operations give way to a newer commit, and which do not."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from fairlead.app_controller.rendering.render import Render
from fairlead.app_controller.syncing.newer import newer_commit
from fairlead.events import RenderFailure
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.sync import Operation, OperationPhase, OperationState, SyncResult

OLD, NEW = "a" * 40, "b" * 40
SOURCE = {"repoURL": "https://git.example/a.git", "path": "."}


def app(**policy: Any) -> Application:
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "app", "namespace": "argocd", "uid": "u", "resourceVersion": "1"},
        "spec": {"project": "default", "source": SOURCE, "destination": {}, "syncPolicy": policy},
    }
    return decode_application(json.dumps(body).encode())


def state(sync: dict[str, Any], *, automated: bool = False, pinned: str = OLD) -> OperationState:
    operation = {"sync": sync, "initiatedBy": {"automated": automated}}
    return OperationState(
        phase=OperationPhase.RUNNING,
        operation=msgspec.convert(operation, Operation),
        started_at="2026-01-01T00:00:00Z",  # type: ignore[arg-type]
        sync_result=SyncResult(revision=pinned) if pinned else None,
    )


def found(
    found_state: OperationState, *, of: Application | None = None, digest: str = "old", **render: Any
) -> str:
    newest = Render(**{"digest": "new", "revisions": (NEW,), **render})
    return newer_commit(of or app(automated={}), found_state, newest, digest)


@pytest.mark.parametrize(
    "given",
    [
        state({"revision": OLD}, automated=True),
        state({"revision": OLD, "resources": [{"kind": "ConfigMap", "name": "a"}]}, automated=True),
        state({}),
    ],
    ids=["automated", "a heal", "for whatever is newest"],
)
def test_these_give_way(given: OperationState) -> None:
    assert found(given) == NEW


@pytest.mark.parametrize(
    "given",
    [
        state({"revision": OLD}),
        state({"source": SOURCE}),
        state({"manifests": ["{}"]}),
        state({"dryRun": True}, automated=True),
        state({"syncOptions": ["NewestCommitWins=false"]}, automated=True),
        state({}, pinned=NEW),
        state({}, automated=True, pinned=""),
    ],
    ids=["a revision", "a source", "manifests", "a dry run", "the option", "the newest", "nothing yet"],
)
def test_these_do_not(given: OperationState) -> None:
    assert found(given) == ""


def test_only_what_syncs_itself_is_followed_by_the_newer_commit() -> None:
    assert found(state({}), of=app()) == ""
    assert found(state({}), of=app(automated={"enabled": False})) == ""


def test_only_manifests_that_could_be_made_and_differ_are_newer() -> None:
    given = state({}, automated=True)
    assert found(given, digest="new") == ""
    assert found(given, digest="", failure=RenderFailure(message="line 3")) == ""
    assert found(given, digest="") == NEW
