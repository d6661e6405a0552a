"""jq expressions name fields; one that never ends costs its own answer only."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fairlead.diff.errors import IgnoreRuleError
from fairlead.render.jq import Jq, without_paths

POD = {
    "spec": {
        "replicas": 3,
        "containers": [{"name": "a", "image": "x"}, {"name": "injected"}, {"name": "injected-too"}],
    }
}


@pytest.fixture
async def jq() -> AsyncIterator[Jq]:
    made = Jq(20.0)
    yield made
    await made.aclose()


async def test_fields_are_named_and_left_out_on_each_side(jq: Jq) -> None:
    expressions = (
        ".spec.replicas",
        '.spec.containers[] | select(.name | startswith("injected"))',
        ".none[].x",
    )
    mine, empty = await jq.paths(expressions, (POD, {}))
    assert mine == (("spec", "replicas"), ("spec", "containers", 1), ("spec", "containers", 2))
    assert without_paths(POD, mine) == {"spec": {"containers": [{"name": "a", "image": "x"}]}}
    assert without_paths({}, empty) == {}


@pytest.mark.parametrize("text", [".spec.[", "1 + 1) | (.", "include", "nosuch(.a)"])
async def test_what_is_no_expression_is_refused_by_name(jq: Jq, text: str) -> None:
    with pytest.raises(IgnoreRuleError, match="jq expression"):
        await jq.paths((text,), (POD,))
    assert await jq.paths((".spec.replicas",), (POD,)) == ((("spec", "replicas"),),)


async def test_there_is_no_environment_to_be_told(jq: Jq) -> None:
    text = '.spec | select(env | keys - ["PYTHONPATH", "LC_CTYPE"] | length == 0) | .replicas'
    assert await jq.paths((text,), (POD,)) == ((("spec", "replicas"),),)


async def test_an_expression_that_never_ends_is_ended_and_the_next_one_is_answered() -> None:
    jq = Jq(1.0)
    try:
        with pytest.raises(IgnoreRuleError, match="took too long"):
            await jq.paths(("last(range(0; 1e18)) | .a",), (POD,))
    finally:
        await jq.aclose()
    patient = Jq(20.0)
    assert await patient.paths((".spec.replicas",), (POD,)) == ((("spec", "replicas"),),)
    await patient.aclose()


@pytest.mark.parametrize(
    "text", ['import "x" as $d {search: "FOLDER"}; .', 'include "x" {search: "FOLDER"}; .a']
)
async def test_no_file_is_looked_for(jq: Jq, tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text("no JSON")
    (tmp_path / "x.jq").write_text("no jq")
    with pytest.raises(IgnoreRuleError) as refusal:
        await jq.paths((text.replace("IN", str(tmp_path)),), (POD,))
    told = str(refusal.value).rpartition(": jq: ")[2]
    assert "x.jq" not in told
    assert "x.json" not in told
    assert "found" not in told


async def test_many_expressions_that_never_end_hold_up_others_for_one_only() -> None:
    jq = Jq(2.0)
    endless = tuple(f"last(range(0; 1e18 + {number})) | .a" for number in range(50))
    try:
        await jq.paths((".spec.replicas",), (POD,))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        holding = asyncio.create_task(jq.paths(endless, (POD, POD)))
        await asyncio.sleep(0)
        await jq.paths((".spec.replicas",), (POD,))
        assert loop.time() - begun < 90
        with pytest.raises(IgnoreRuleError, match="took too long"):
            await holding
    finally:
        await jq.aclose()


async def test_the_kernel_ends_the_child_before_the_controller(jq: Jq) -> None:
    await jq.paths((".spec.replicas",), (POD,))
    children = await asyncio.to_thread(_children, "fairlead.render.jq_child")
    assert children
    assert {Path(f"/proc/{child}/oom_score_adj").read_text().strip() for child in children} == {"1000"}


def _children(module: str) -> list[str]:
    """Our children that run a module; whoever runs the tests may have others."""
    own = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [child for child in own if module in Path(f"/proc/{child}/cmdline").read_text()]
