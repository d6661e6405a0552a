"""A target that was found is asked about again: what its project permits and demands may change meanwhile."""

from __future__ import annotations

from typing import Any, cast

import pytest

from fairlead.app_controller.syncing.target import Target, TargetError, Targets
from fairlead.events import SignaturesDemanded
from fairlead.model.application import Application
from fairlead.model.decode import from_object

APP = from_object(
    {
        "metadata": {"name": "app", "namespace": "argocd"},
        "spec": {"source": {"repoURL": "https://git.example/a", "path": "."}, "destination": {}},
    },
    Application,
)
SOURCES = APP.spec.effective_sources()


def test_a_target_is_found_anew_once_other_signatures_are_demanded_and_refused_once_it_is_forbidden() -> None:
    refusal, demanded = "", (None,)
    nobody = cast(Any, None)
    targets = Targets(nobody, nobody, lambda _app, _sources: refusal, lambda _app, _sources: demanded)
    target = Target(desired=nobody, revisions=("a",), sources=SOURCES, demanded=(None,))
    assert targets.is_as_demanded(APP, target)
    targets.require_permitted(APP, target.sources)
    demanded = cast(Any, (SignaturesDemanded(mode="head", keys={"ABCD": "digest"}),))
    assert not targets.is_as_demanded(APP, target)
    refusal = "application repo https://git.example/a is not permitted in project 'default'"
    with pytest.raises(TargetError, match="is not permitted"):
        targets.require_permitted(APP, target.sources)
