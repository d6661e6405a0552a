"""The matrix generator: every combination of two, the second of which may name parameters of the first.

Invariant: generators that come out alike are asked once; one that fails fails the matrix.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import PARAMS, Generation, aside, together
from fairlead.applicationset_controller.generating.parameters import (
    MOST_SETS,
    ConflictError,
    Params,
    combined,
    laid_over,
)
from fairlead.model.decode import from_object, to_object
from fairlead.model.errors import MalformedObjectError
from fairlead.model.generators import TerminalGenerator

AT_ONCE = 8
"""Second generators that are asked at once."""
BEGUN_AT_ONCE = 32
"""Those that are begun before others have their turn: many ask nobody and are done at once."""

Produce = Callable[[TerminalGenerator, Generation], Coroutine[Any, Any, list[Params]]]


async def matrix(
    generators: Sequence[TerminalGenerator], generation: Generation, produce: Produce
) -> list[Params]:
    """One set for each combination. Raises GeneratorError, TemplateError."""
    if len(generators) < 2:
        raise GeneratorError("found less than two generators, Matrix support only two")
    if len(generators) > 2:
        raise GeneratorError("found more than two generators, Matrix support only two")
    first, second = generators
    try:
        firsts = await produce(first, generation)
    except GeneratorError as error:
        text = f"failed to get params for first generator in the matrix generator: {error}"
        raise GeneratorError(text) from error
    try:
        written = await _interpolated(second, firsts, generation)
        answers = await _asked(type(second), set(written), generation, produce)
    except GeneratorError as error:
        text = f"failed to get params for second generator in the matrix generator: {error}"
        raise GeneratorError(text) from error
    count = sum(len(answers[one]) for one in written)
    if count > MOST_SETS:
        raise GeneratorError(f"the matrix has more than {MOST_SETS} combinations")
    return await aside(
        count * PARAMS,
        lambda: [
            _joined(one, other, is_go=generation.is_go)
            for one, key in zip(firsts, written, strict=True)
            for other in answers[key]
        ],
    )


async def _interpolated(
    second: TerminalGenerator, firsts: Sequence[Params], generation: Generation
) -> list[bytes]:
    """The second generator as the parameters of each first set make it, in JSON."""
    bodies = await generation.templates.fill(_without_templates(to_object(second)), firsts)
    return [msgspec.json.encode(body) for body in bodies]


async def _asked(
    kind: type[TerminalGenerator], written: Collection[bytes], generation: Generation, produce: Produce
) -> dict[bytes, list[Params]]:
    """What generators come to, each asked once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def asked(text: bytes) -> list[Params]:
        try:
            generator = from_object(msgspec.json.decode(text), kind)
        except MalformedObjectError as error:
            words = f"what it becomes with the first one's parameters is none: {error}"
            raise GeneratorError(words) from error
        async with gate:
            return await produce(generator, generation)

    found: dict[bytes, list[Params]] = {}
    ordered = sorted(written)
    for start in range(0, len(ordered), BEGUN_AT_ONCE):
        some = ordered[start : start + BEGUN_AT_ONCE]
        found |= zip(some, await together(*map(asked, some)), strict=True)
        await asyncio.sleep(0)
    return found


def _without_templates(body: dict[str, Any]) -> dict[str, Any]:
    """A generator without the templates that are of no effect where it stands."""
    return {
        kind: {key: item for key, item in block.items() if key != "template"}
        if isinstance(block, dict) and kind != "selector"
        else block
        for kind, block in body.items()
    }


def _joined(first: Params, second: Params, *, is_go: bool) -> Params:
    """Nested, the first one's value holds; flat ones must agree."""
    if is_go:
        return laid_over(second, first)
    try:
        return combined(first, second)
    except ConflictError as error:
        text = f"failed to combine string maps with merging params for the matrix generator: {error}"
        raise GeneratorError(text) from error
