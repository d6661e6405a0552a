"""The actions that come with us, run by the engine: all of the contract's, each does what its name says."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
import yaml

from fairlead.app_controller.answering.actions import difference
from fairlead.app_controller.answering.shipped_actions import _all
from fairlead.local.builds import render_engine_binary
from fairlead.render import ScriptError, Scripts

TESTS = Path(__file__).parents[2]
EXPECTED = {
    tuple(named.split("/")): set(actions.split())
    for named, actions in yaml.safe_load((TESTS / "contract" / "actions.yaml").read_text()).items()
}
SAMPLES = yaml.safe_load((TESTS / "golden" / "actions.yaml").read_text())
KINDS = sorted(_all())
NOW = "now"
Object = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripts() -> AsyncIterator[Scripts]:
    found = Scripts(await asyncio.to_thread(render_engine_binary))
    yield found
    await found.aclose()


class Sample(NamedTuple):
    """An object on which an action is open, and the patch that running it comes to; `now` is any time."""

    group: str
    kind: str
    action: str
    live: Object
    parameters: dict[str, str]
    patch: Object
    made: Object


def samples() -> list[Sample]:
    found = []
    for named, cases in SAMPLES.items():
        group, _, kind = named.rpartition("/")
        for action, case in cases.items():
            live = {name: case[name] for name in ("spec", "status", "metadata") if name in case}
            found.append(
                Sample(
                    group,
                    kind,
                    action,
                    live,
                    case.get("with", {}),
                    case.get("patch", {}),
                    case.get("makes", {}),
                )
            )
    return found


def obj(sample: Sample) -> Object:
    metadata = {"name": "a", "namespace": "n", "uid": "u", **sample.live.get("metadata", {})}
    return {
        "apiVersion": f"{sample.group}/v1",
        "kind": sample.kind,
        "spec": {},
        **sample.live,
        "metadata": metadata,
    }


def same(found: Any, expected: Any) -> bool:
    """Whether they are equal, where `now` stands for any text."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return found.keys() == expected.keys() and all(same(found[key], expected[key]) for key in expected)
    return isinstance(found, str) and found > "" if expected == NOW else found == expected


def holds(found: Any, expected: Any) -> bool:
    """Whether all that is expected is there."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return all(key in found and holds(found[key], expected[key]) for key in expected)
    return same(found, expected)


def test_every_action_of_the_contract_is_there_with_a_sample() -> None:
    ours = {kind: set(rules.scripts) for kind, rules in _all().items()}
    assert {
        kind: actions - ours.get(kind, set())
        for kind, actions in EXPECTED.items()
        if actions - ours.get(kind, set())
    } == {}
    sampled = {(sample.group, sample.kind, sample.action) for sample in samples()}
    assert {(*kind, action) for kind, actions in ours.items() for action in actions} == sampled


@pytest.mark.parametrize(("group", "kind"), KINDS)
async def test_every_action_of_a_kind_is_listed_and_no_other(scripts: Scripts, group: str, kind: str) -> None:
    rules = _all()[group, kind]
    bare = obj(Sample(group, kind, "", {}, {}, {}, {}))
    listed = await scripts.lua(rules.discovery, {"obj": bare, "actionParams": {}}, open_libs=True)
    assert set(listed) == set(rules.scripts)


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: f"{sample.kind}-{sample.action}")
async def test_an_action_is_open_and_does_what_its_name_says(scripts: Scripts, sample: Sample) -> None:
    rules, live = _all()[sample.group, sample.kind], obj(sample)
    variables = {"obj": live, "actionParams": sample.parameters}
    listed = await scripts.lua(rules.discovery, {"obj": live, "actionParams": {}}, open_libs=True)
    assert listed[sample.action].get("disabled", False) is False
    asked = [item["name"] for item in listed[sample.action].get("params", [])]
    assert asked == list(sample.parameters)
    found = await scripts.lua(rules.scripts[sample.action], variables, open_libs=True)
    if sample.made:
        (impacted,) = found
        assert impacted["operation"] == "create"
        assert holds(impacted["resource"], sample.made), impacted
    else:
        assert same(difference(live, found), sample.patch), difference(live, found)


async def test_a_database_is_handed_to_one_of_its_own_instances_only(scripts: Scripts) -> None:
    script = _all()["postgresql.cnpg.io", "Cluster"].scripts["promote"]
    status = {"status": {"instanceNames": ["a-1", "a-2"]}}
    cluster = obj(Sample("postgresql.cnpg.io", "Cluster", "promote", status, {}, {}, {}))
    with pytest.raises(ScriptError, match="one of the cluster's instances"):
        await scripts.lua(script, {"obj": cluster, "actionParams": {"instance": "b"}}, open_libs=True)
