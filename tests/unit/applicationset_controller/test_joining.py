"""What a matrix and a merge come to, whatever is joined."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.applicationset_controller.generating.errors import GenerationError, GeneratorError
from fairlead.applicationset_controller.generating.generate import generate
from fairlead.applicationset_controller.generating.generation import together
from fairlead.applicationset_controller.generating.parameters import (
    Params,
    StrMap,
    combined,
    flattened,
    laid_over,
)
from fairlead.applicationset_controller.templating.names import normalize, slugify
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object
from fairlead.render import Scripts
from tests.fakes.set_sources import MemorySources

NAMES = st.text(alphabet="abc", min_size=1, max_size=2)
SETS = st.lists(st.dictionaries(NAMES, NAMES, min_size=1, max_size=3), max_size=4)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(NAMES, st.booleans(), st.integers()), lambda inner: st.dictionaries(NAMES, inner, max_size=3)
)


async def params_of(generator: dict[str, Any]) -> list[Params]:
    spec = {"generators": [generator], "template": {"metadata": {"name": "x"}}}
    aset = from_object({"metadata": {"name": "set"}, "spec": spec}, ApplicationSet)
    generated = await generate(aset, MemorySources(), Scripts(None))
    return [one.params for one in generated.made]


def listed(sets: list[dict[str, str]]) -> dict[str, Any]:
    return {"list": {"elements": sets}}


@given(SETS, SETS)
def test_a_matrix_is_every_agreeing_combination_or_an_error(
    first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    pairs = [(a, b) for a in first for b in second]
    agree = all(a[key] == b[key] for a, b in pairs for key in a.keys() & b.keys())
    matrix = {"matrix": {"generators": [listed(first), listed(second)]}}
    if agree:
        assert asyncio.run(params_of(matrix)) == [{**a, **b} for a, b in pairs]
    else:
        with pytest.raises(GenerationError, match="found duplicate key"):
            asyncio.run(params_of(matrix))


@given(SETS, SETS)
def test_a_merge_keeps_the_first_ones_sets_in_number_and_order(
    first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    merge = {"merge": {"mergeKeys": ["a"], "generators": [listed(first), listed(second)]}}
    keys = [[one.get("a") for one in sets] for sets in (first, second)]
    if any(len(set(each)) < len(each) for each in keys):
        with pytest.raises(GenerationError, match="Duplicate key was"):
            asyncio.run(params_of(merge))
        return
    later = {one.get("a"): one for one in second}
    assert asyncio.run(params_of(merge)) == [{**one, **later.get(one.get("a"), {})} for one in first]


@given(TREES.filter(lambda tree: isinstance(tree, dict)), TREES.filter(lambda tree: isinstance(tree, dict)))
def test_what_lies_above_holds_and_nothing_of_either_is_lost(below: Params, above: Params) -> None:
    before = msgspec.json.encode([below, above])
    joined = laid_over(below, above)
    assert flattened(above).items() <= flattened(joined).items()
    assert joined.keys() == below.keys() | above.keys()
    assert msgspec.json.encode([below, above]) == before


def test_maps_of_texts_stay_such_when_they_are_joined() -> None:
    joined = laid_over({"m": StrMap(a="1")}, {"m": StrMap(b="2")})
    assert type(joined["m"]) is StrMap
    assert joined["m"] == {"a": "1", "b": "2"}
    assert combined({"a": "1"}, {"a": "1", "b": "2"}) == {"a": "1", "b": "2"}


def test_numbers_are_written_as_people_write_them() -> None:
    found = flattened({"a": 12345678.0, "b": 0.5, "c": True, "d": None, "e": {"f": [1, {"g": "h"}]}, "i": {}})
    assert found == {"a": "12345678", "b": "0.5", "c": "true", "d": "", "e.f.0": "1", "e.f.1.g": "h"}


@given(st.text(max_size=300))
def test_a_name_that_is_made_of_a_text_is_one(text: str) -> None:
    name, slug = normalize(text), slugify(text)
    assert len(name) <= 253
    assert not name or (name[0] not in "-." and name[-1] not in "-.")
    assert len(slug) <= 50
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert normalize(name) == name


async def test_the_first_failure_ends_what_is_asked_beside_it() -> None:
    ended = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        await asyncio.sleep(0)
        raise GeneratorError("no")

    with pytest.raises(GeneratorError, match="no"):
        await together(waits(), fails())
    assert ended.is_set()
