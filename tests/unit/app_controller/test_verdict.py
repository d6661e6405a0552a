"""What a look says of an application whose newest manifests cannot be used."""

from __future__ import annotations

from typing import Any, cast

import pytest

from fairlead.app_controller.comparing import comparison
from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.desired import DesiredState
from fairlead.app_controller.comparing.ledger import Ledger
from fairlead.app_controller.looking.facts import Facts
from fairlead.app_controller.looking.verdict import judge
from fairlead.app_controller.rendering.render import Render
from fairlead.model.application import Application, ApplicationSpec
from fairlead.model.metadata import ObjectMeta
from fairlead.model.status import ConditionType, SyncCode
from tests.unit.app_controller.compared import FakeCluster, live, subject, wanted

AWAY = "the repository is away"


async def test_while_git_is_away_everything_is_in_doubt_and_nothing_is_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger, judged = Ledger(), list[object]()
    about = subject(FakeCluster(live()), wanted())
    await compare_application(about, ledger)
    real = comparison.judged

    def counted(*args: Any, **more: Any) -> Any:
        judged.append(args)
        return real(*args, **more)

    monkeypatch.setattr(comparison, "judged", counted)
    app = Application(
        metadata=ObjectMeta(name="app", namespace="argocd"), spec=ApplicationSpec(project="default")
    )
    facts = Facts(subject=about, render=Render(), desired=cast(DesiredState, None), problem=AWAY)
    for _ in range(3):
        found = await judge(facts, app, ledger, control_namespace="argocd", refreshed_now=False)
        assert found.status.sync.status is SyncCode.UNKNOWN
        said = {item.type: item.message for item in found.status.conditions}
        assert said == {ConditionType.COMPARISON_ERROR: AWAY}
    assert judged == []
