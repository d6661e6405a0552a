"""Trees of templates that the engine fills in for many sets of values."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from fairlead.local.builds import render_engine_binary
from fairlead.render import ScriptError, Scripts
from tests.golden.set_case import cases, check


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripts() -> AsyncIterator[Scripts]:
    found = Scripts(await asyncio.to_thread(render_engine_binary))
    yield found
    await found.aclose()


async def values(scripts: Scripts, tree: Any, sets: list[Any], **options: Any) -> list[Any]:
    filled = [one async for one in scripts.fill(tree, sets, **options)]
    assert [one.error for one in filled if one.error] == []
    return [one.value for one in filled]


@pytest.mark.parametrize("case", cases("go"))
async def test_a_set_of_go_templates_comes_to_its_applications(
    case: dict[str, Any], scripts: Scripts
) -> None:
    await check(case, scripts)


async def test_more_sets_than_one_request_holds_come_out_in_order(scripts: Scripts) -> None:
    sets = [{"n": n, "text": "x" * 6000} for n in range(1300)]
    found = await values(scripts, ["{{.n}}", {"{{.n}}": "{{len .text}}"}, 5, None, True], sets)
    assert found == [[str(n), {str(n): "6000"}, 5, None, True] for n in range(1300)]


async def test_sets_of_results_that_fill_an_answer_are_asked_for_again(scripts: Scripts) -> None:
    found = await values(scripts, "{{repeat 3000000 .x}}", [{"x": str(n)} for n in range(10)])
    assert [one[:3] for one in found] == [str(n) * 3 for n in range(10)]


async def test_one_set_that_fails_leaves_the_others_and_says_where(scripts: Scripts) -> None:
    tree = {"a": {"b": ["x", "{{.n.m}}"]}}
    found = [one async for one in scripts.fill(tree, [{"n": {"m": 1}}, {"n": "text"}, {"n": {"m": 3}}])]
    assert [one.field for one in found] == ["", "a.b.1", ""]
    assert "can't evaluate field m in type interface {}" in found[1].error
    assert [one.value for one in found if not one.error] == [
        {"a": {"b": ["x", "1"]}},
        {"a": {"b": ["x", "3"]}},
    ]


async def test_what_a_template_does_to_its_values_reaches_no_other_set(scripts: Scripts) -> None:
    found = await values(scripts, '{{$_ := set .m "a" "changed"}}{{.m.a}}', [{"m": {"a": "1"}}, {"m": {}}])
    assert found == ["changed", "changed"]


async def test_a_template_without_end_or_measure_is_ended_and_the_next_is_filled_in(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    measureless, endless = (
        "{{range until 100000}}{{repeat 1000 $.x}}{{end}}",
        "{{range until 100000}}{{range until 100000}}{{end}}{{end}}",
    )
    (one,) = [one async for one in scripts.fill(measureless, [{"x": "x"}])]
    assert "longer than 4 MiB" in one.error
    monkeypatch.setattr("fairlead.render.scripts.FILL_SECONDS", 1.0)
    hasty = Scripts(await asyncio.to_thread(render_engine_binary))
    try:
        with pytest.raises(ScriptError) as raised:
            _ = [one async for one in hasty.fill(endless, [{}])]
        assert raised.value.took_too_long
        assert await values(hasty, "{{.x}}", [{"x": 12345678}]) == ["12345678"]
    finally:
        await hasty.aclose()
