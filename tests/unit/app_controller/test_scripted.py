"""Health by scripts: each version of an object is given to a script once, and doubt is never health."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, cast

import pytest

from fairlead.app_controller.comparing.comparison import compare_application
from fairlead.app_controller.comparing.ledger import Ledger
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


async def test_a_script_that_takes_too_long_delays_no_other_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a script without an end takes the engine a second for each of thousands of objects, and looks at
    applications wait for it."""
    engine = Engine()
    engine.error = ScriptError("the script took longer than 1s", took_too_long=True)
    health = judge(engine)
    many = [{**obj(), "metadata": {"uid": f"u{n}", "resourceVersion": "1"}} for n in range(50)]
    await health.learn(many)
    assert len(engine.asked) <= scripted.SLOW_RUNS + scripted.AT_ONCE
    for one in many:
        assert health.of(one) == Health(Code.UNKNOWN, "the script took longer than 1s")
    assert health.is_passing(many[-1]), "it is tried again"
    engine.error = None
    monkeypatch.setattr(scripted, "now", lambda: time.monotonic() + scripted.SLOW_PAUSE + 1)
    await health.learn([obj(status="Healthy")])
    assert health.of(obj(status="Healthy")) == Health(Code.HEALTHY)


async def test_who_waited_for_a_script_whose_asker_left_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    health, hold = judge(engine), asyncio.Event()
    real = engine.lua

    async def held(*given: Any, **named: Any) -> Any:
        await hold.wait()
        return await real(*given, **named)

    monkeypatch.setattr(engine, "lua", held)
    first = asyncio.create_task(health.learn([obj(status="Healthy")]))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(health.learn([obj(status="Healthy")]))
    await asyncio.sleep(0.01)
    first.cancel()
    hold.set()
    await second
    assert health.of(obj(status="Healthy")) == Health(Code.HEALTHY)


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
    cluster, ledger = FakeCluster(live()), Ledger()
    cluster.health = judge(engine)
    engine.error = ScriptError("attempt to call nil")
    found = await compare_application(subject(cluster, wanted()), ledger)
    (item,) = found.items
    assert item.health == Health(Code.UNKNOWN, "attempt to call nil")
    assert found.health.status is Code.UNKNOWN
    (remark,) = found.unjudged
    assert remark.message == f"error setting app health: {KEY}: attempt to call nil"
    assert not found.is_error
    await compare_application(subject(cluster, wanted()), ledger)
    assert engine.asked == ["5"]


async def test_a_look_before_the_engine_is_asked_again_leaves_the_object_in_doubt() -> None:
    """Else nobody looks again, and it stays Unknown although its script would judge it."""
    engine = Engine()
    engine.error = ScriptError("too many requests wait", may_pass=True)
    cluster, ledger = FakeCluster(live()), Ledger()
    cluster.health = judge(engine)
    for _ in range(3):
        found = await compare_application(subject(cluster, wanted()), ledger)
        assert [item.in_doubt for item in found.items] == [True]
    assert len(engine.asked) == 1
