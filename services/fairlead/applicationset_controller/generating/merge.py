"""The merge generator: the first one's sets, completed by those of later ones that are of the same keys.

Invariant: the order is the first one's; a later set that is of no first one adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import Generation, together
from fairlead.applicationset_controller.generating.matrix import Produce
from fairlead.applicationset_controller.generating.parameters import Params, laid_over, looked_up
from fairlead.model.generators import TerminalGenerator


async def merge(
    generators: Sequence[TerminalGenerator],
    merge_keys: Sequence[str],
    generation: Generation,
    produce: Produce,
) -> list[Params]:
    """The first one's sets with what others say of them. Raises GeneratorError, TemplateError."""
    if len(generators) < 2:
        raise GeneratorError("found less than two generators, Merge requires two or more")
    keys = sorted({key for key in merge_keys if key})
    if not keys:
        raise GeneratorError("no merge keys were specified, Merge requires at least one")
    answers = await together(*(produce(one, generation) for one in generators))
    merged, *later = [_by_key(sets, keys) for sets in answers]
    for sets in later:
        for key in merged.keys() & sets.keys():
            merged[key] = laid_over(merged[key], sets[key])
    return list(merged.values())


def _by_key(sets: Sequence[Params], keys: Sequence[str]) -> dict[str, Params]:
    found: dict[str, Params] = {}
    for params in sets:
        key = msgspec.json.encode({name: looked_up(params, name) for name in keys}).decode()
        if key in found:
            raise GeneratorError(
                "the parameters from a generator were not unique by the given mergeKeys, Merge requires all "
                f"param sets to be unique. Duplicate key was {key}"
            )
        found[key] = params
    return found
