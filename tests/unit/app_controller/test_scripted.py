"""Health by scripts: each version of an object is given to a script once, and doubt is never health."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import pytest

from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.memo import Memo
from fairlead.app_controller.destination import scripted
from fairlead.app_controller.destination.scripted import INVALID, PENDING, HealthScripts, concluded
from fairlead.health import Code, Health
from fairlead.render import ScriptError, Scripts
from fairlead.settings import controller_settings
from tests.unit.app_controller.compared import KEY, FakeCluster, live, subject, wanted

SETTINGS = controller_settings({"resource.customizations.health.ConfigMap": "return obj.data"})


class Engine:
    """Answers with what a ConfigMap holds."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: ScriptError | None = None

    async def lua(self, script: str, variables: Mapping[str, Any], *, open_libs: bool = False) -> Any:
        assert (script, open_libs) == ("return obj.data", False)
        await asyncio.sleep(0)
        self.asked.append(variables["obj"]["metadata"]["resourceVersion"])
        if self.error is not None:
            raise self.error
        return variables["obj"]["data"]


def judge(engine: Engine) -> HealthScripts:
    return HealthScripts(cast(Scripts, engine), lambda: SETTINGS)


def obj(version: str = "1", **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "uid": "u", "resourceVersion": version},
        "data": data,
    }


async def test_each_version_is_judged_once_and_counts_as_progressing_until_then() -> None:
    engine = Engine()
    health = judge(engine)
    first = obj(status="Healthy", message="fine")
    assert health.of(first) is PENDING
    await asyncio.gather(health.learn([first]), health.learn([first]))
    assert health.of(first) == Health(Code.HEALTHY, "fine")
    await health.learn([first])
    assert engine.asked == ["1"]
    second = obj("2", status="Degraded")
    assert health.of(second) is PENDING
    assert await health.catch_up()
    assert health.of(second) == Health(Code.DEGRADED)
    assert engine.asked == ["1", "2"]
    assert not await health.catch_up()


async def test_a_script_that_fails_is_unknown_with_its_words_and_not_run_again() -> None:
    engine = Engine()
    engine.error = ScriptError("attempt to index a nil value")
    health = judge(engine)
    await health.learn([obj()])
    assert health.of(obj()) == Health(Code.UNKNOWN, "attempt to index a nil value")
    assert health.problem_of(obj()) == "attempt to index a nil value"
    assert not health.is_passing(obj())
    await health.learn([obj()])
    assert engine.asked == ["1"]


async def test_what_the_engine_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    engine.error = ScriptError("too many requests wait", may_pass=True)
    health = judge(engine)
    await health.learn([obj()])
    assert health.is_passing(obj())
    monkeypatch.setattr(scripted, "TRY_AGAIN", 0.0)
    await judge(engine).learn([obj()])
    other = judge(engine)
    await other.learn([obj()])
    assert other.of(obj()) is PENDING


async def test_kinds_without_a_script_have_the_health_that_is_built_in() -> None:
    health = judge(Engine())
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"uid": "p"}, "status": {"phase": "Succeeded"}}
    assert health.of(pod) == Health(Code.HEALTHY)
    assert not health.may_differ(pod, pod)
    assert health.may_differ(obj(), obj())
    assert HealthScripts().of(obj()) is None


def test_what_a_script_returns_is_read_as_the_contract_says() -> None:
    leaving = obj()
    leaving["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]}
    assert concluded(obj(), None) is None
    assert concluded(obj(), {"status": "Suspended", "message": "held"}) == Health(Code.SUSPENDED, "held")
    assert concluded(obj(), {"status": "Fine"}) == Health(Code.UNKNOWN, INVALID)
    assert concluded(obj(), []) == Health(Code.UNKNOWN, INVALID)
    with pytest.raises(ScriptError, match="returned a str, not a table"):
        concluded(obj(), "Healthy")
    pending = Health(Code.PROGRESSING, "Pending deletion; blocked by finalizers: a/b")
    assert concluded(leaving, None) == pending
    assert concluded(leaving, {"status": "Degraded", "message": "bad"}) == pending
    told = {"status": "Degraded", "deletionMessage": "the bucket is not empty"}
    assert concluded(leaving, told) == Health(Code.DEGRADED, "the bucket is not empty")


async def test_a_comparison_awaits_the_scripts_and_says_which_failed() -> None:
    engine = Engine()
    cluster, memo = FakeCluster(live()), Memo()
    cluster.health = judge(engine)
    engine.error = ScriptError("attempt to call nil")
    found = await compare_application(subject(cluster, wanted()), memo)
    (item,) = found.items
    assert item.health == Health(Code.UNKNOWN, "attempt to call nil")
    assert found.health.status is Code.UNKNOWN
    (remark,) = found.unjudged
    assert remark.message == f"error setting app health: {KEY}: attempt to call nil"
    assert not found.is_error
    await compare_application(subject(cluster, wanted()), memo)
    assert engine.asked == ["5"]
