"""Fields that a set does not overwrite stay as they are, whoever put them there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fairlead.applicationset_controller.applying.change import Desired, Preserved, current, desired
from fairlead.applicationset_controller.applying.ignoring import rules_for, unless_ignored
from fairlead.applicationset_controller.applying.wanted import owner_reference, wanted
from fairlead.diff.errors import IgnoreRuleError
from fairlead.render.jq import Jq
from tests.unit.applicationset_controller.made import a_set, an_application, there


@pytest.fixture(scope="module", name="jq")
async def one_jq() -> AsyncIterator[Jq]:
    made = Jq(20.0)
    yield made
    await made.aclose()


async def written(
    jq: Jq, rules: list[dict[str, Any]], wants: dict[str, Any], has: dict[str, Any]
) -> Desired | None:
    """What is written of an application `a` whose spec is to be and is otherwise in these fields."""
    aset = a_set(ignoreApplicationDifferences=rules)
    obj = an_application("a")
    obj["spec"] |= wants
    child = there("a", spec=has)
    to_be = desired(wanted(aset, obj), child, owner_reference(aset), Preserved())
    return await unless_ignored(to_be, current(child), rules_for(aset.spec, "a"), jq)


AUTOMATED = {"syncPolicy": {"automated": {"prune": True}}}
REVISION = "/spec/source/targetRevision"


def source(revision: str = "", path: str = "apps") -> dict[str, Any]:
    found = {"repoURL": "https://git.example/a.git", "path": path}
    return {"source": {**found, **({"targetRevision": revision} if revision else {})}}


async def test_an_ignored_difference_alone_is_not_written(jq: Jq) -> None:
    rules = [{"jsonPointers": [REVISION]}]
    assert await written(jq, rules, source("main"), source("v1")) is None
    assert await written(jq, [{"jsonPointers": ["/spec/syncPolicy"]}], {}, AUTOMATED) is None
    assert await written(jq, [{"jsonPointers": ["/spec/syncPolicy"]}], AUTOMATED, {}) is None


async def test_beside_a_real_difference_an_ignored_field_is_written_as_it_is(jq: Jq) -> None:
    rules = [{"jsonPointers": [REVISION, "/spec/syncPolicy"]}]
    found = await written(jq, rules, source("main", path="new"), {**source("v1"), **AUTOMATED})
    assert found is not None
    assert found.spec["source"] == {
        "repoURL": "https://git.example/a.git",
        "path": "new",
        "targetRevision": "v1",
    }
    assert found.spec["syncPolicy"] == AUTOMATED["syncPolicy"]


async def test_jq_names_fields_too_and_a_rule_may_be_of_one_application(jq: Jq) -> None:
    rules = [{"name": "a", "jqPathExpressions": [".spec.source.targetRevision", ".spec.syncPolicy"]}]
    assert await written(jq, rules, source("main"), source("v1")) is None
    others = [{"name": "b", "jqPathExpressions": [".spec.source.targetRevision"]}]
    assert await written(jq, others, source("main"), source("v1")) is not None


async def test_an_item_of_a_list_is_named_by_its_place(jq: Jq) -> None:
    wants = {"source": None, "sources": [source("main")["source"], source("x", "p")["source"]]}
    has = {"source": None, "sources": [source("v1")["source"], source("x", "p")["source"]]}
    rules = [{"jsonPointers": ["/spec/sources/0/targetRevision"]}]
    assert await written(jq, rules, wants, has) is None
    select = '.spec.sources[] | select(.path == "apps") | .targetRevision'
    assert await written(jq, [{"jqPathExpressions": [select]}], wants, has) is None


@pytest.mark.parametrize("rule", [{"jsonPointers": ["spec"]}, {"jqPathExpressions": [".spec[["]}])
async def test_a_rule_that_cannot_be_read_is_an_error(jq: Jq, rule: dict[str, Any]) -> None:
    with pytest.raises(IgnoreRuleError):
        await written(jq, [rule], source("main"), source("v1"))
