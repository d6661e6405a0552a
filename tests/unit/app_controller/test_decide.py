"""A decision is a value: what should happen, and what is to be remembered of it."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from fairlead.app_controller.looking.decide import REPEATED, Decided, decided
from fairlead.app_controller.looking.facts import Facts
from fairlead.app_controller.looking.kept import Kept
from fairlead.app_controller.rendering.render import Render
from fairlead.events import RenderFailure
from fairlead.model.application import Application
from fairlead.model.status import SyncCode
from fairlead.model.sync import OperationPhase
from fairlead.sync.automated import default_heal_wait
from tests.unit.app_controller.test_attempt import application, comparison

NOW = 1000.0


def facts(digest: str = "d", revision: str = "c3", problem: str = "") -> Facts:
    render = Render(digest=digest, revisions=(revision,))
    return Facts(subject=cast(Any, None), render=render, desired=cast(Any, None), problem=problem)


def decide(app: Application, kept: Kept, *, moment: float = NOW, **more: Any) -> Decided:
    options = {"may_sync": True, "heal_wait": default_heal_wait, **more}
    found = options.pop("facts", facts())
    return decided(app, found, options.pop("found", comparison()), kept, moment=moment, **options)


def synced(app: Application) -> Application:
    sync = msgspec.structs.replace(app.status.sync, status=SyncCode.SYNCED)
    return msgspec.structs.replace(app, status=msgspec.structs.replace(app.status, sync=sync))


def test_the_same_sync_does_not_begin_again_at_once() -> None:
    app, kept, begun = application(revision="c0"), Kept(), []
    for _ in range(4):
        decision, _, kept = decide(app, kept)
        begun.append(decision.operation is not None)
    assert begun == [True, True, False, False]
    assert decision.error == REPEATED
    assert decision.again_after is not None


def test_deciding_twice_from_the_same_decides_the_same_and_changes_nothing() -> None:
    app, kept = application(revision="c0"), Kept()
    first, second = decide(app, kept), decide(app, kept)
    assert first == second
    assert kept == Kept()
    assert first.kept.was_compared
    assert first.kept.pace.last == NOW


def test_what_cannot_be_used_or_may_not_be_synced_begins_nothing_and_counts_as_no_beginning() -> None:
    app = application(revision="c0")
    unusable = decide(app, Kept(), facts=facts(problem="broken"))
    assert unusable.kept == Kept()
    held = decide(app, Kept(), may_sync=False)
    assert (unusable.decision.operation, held.decision.operation) == (None, None)
    assert unusable.decision.keeps_error
    assert held.decision.keeps_error
    assert held.kept == Kept(was_compared=True)


def test_a_drift_is_found_once_and_remembered_since() -> None:
    app = synced(application(attempted="d"))
    first = decide(app, Kept(was_compared=True))
    assert first.has_drifted
    assert first.kept.drifted_at == NOW
    again = decide(app, first.kept, moment=NOW + 5)
    assert not again.has_drifted
    assert again.kept.drifted_at == NOW
    moved = decide(app, Kept(was_compared=True), facts=facts(revision="c4"))
    assert not moved.has_drifted
    anew = decide(app, Kept(was_compared=True), facts=facts(digest="published anew"))
    assert not anew.has_drifted, "a version that was published anew is nobody's change of the cluster"


def test_how_long_something_has_been_so_counts_from_when_it_was_first_seen() -> None:
    app, failed = application(), Render(failure=RenderFailure(message="no"))
    kept = Kept().at(NOW, app, failed).at(NOW + 5, app, failed)
    assert kept.failing_since == NOW
    assert kept.at(NOW + 9, app, Render()).failing_since is None
    state = app.status.operation_state
    assert state is not None
    ending = msgspec.structs.replace(state, phase=OperationPhase.TERMINATING)
    status = msgspec.structs.replace(app.status, operation_state=ending)
    asked = msgspec.structs.replace(app, status=status, operation=state.operation)
    assert Kept().at(NOW, asked, None).at(NOW + 5, asked, None).ending_since == NOW
    assert Kept().at(NOW, app, None).ending_since is None
