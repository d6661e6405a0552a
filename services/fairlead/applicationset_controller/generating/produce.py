"""What one generator comes to, of whatever kind it is.

Invariant: exactly one block says what it is; two would be a guess, and none would be an empty answer, which
deletes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from fairlead.applicationset_controller.generating.clusters import clusters
from fairlead.applicationset_controller.generating.decisions import decisions
from fairlead.applicationset_controller.generating.elements import elements
from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import PARAMS, Generation, aside
from fairlead.applicationset_controller.generating.git import repository
from fairlead.applicationset_controller.generating.hosting import of_pull_requests, of_repositories
from fairlead.applicationset_controller.generating.matrix import matrix
from fairlead.applicationset_controller.generating.merge import merge
from fairlead.applicationset_controller.generating.parameters import MOST_SETS, Params
from fairlead.applicationset_controller.generating.plugin import plugin
from fairlead.applicationset_controller.generating.selector import selected
from fairlead.model.errors import MalformedObjectError
from fairlead.model.generators import (
    ClusterDecisionGenerator,
    ClusterGenerator,
    GitGenerator,
    ListGenerator,
    MatrixGenerator,
    MergeGenerator,
    OciGenerator,
    PluginGenerator,
    PullRequestGenerator,
    ScmProviderGenerator,
    TerminalGenerator,
    nested_matrix,
    nested_merge,
)

_SELECTOR = "selector"


async def produced(generator: TerminalGenerator, generation: Generation) -> list[Params]:
    """The sets of parameters that it comes to and that its selector takes.

    Raises GeneratorError, TemplateError.
    """
    name, block = block_of(generator)
    sets = await _sets(name, block, generation)
    if generator.selector is not None:
        selector, found = generator.selector, sets
        sets = await aside(len(found) * PARAMS, lambda: selected(selector, found))
    if len(sets) > MOST_SETS:
        raise GeneratorError(f"a generator comes to more than {MOST_SETS} sets of parameters")
    return sets


async def _sets(  # noqa: PLR0911 - one for each kind
    name: str, block: Any, generation: Generation
) -> list[Params]:
    match block:
        case ListGenerator():
            return await elements(block, generation)
        case ClusterGenerator():
            return await clusters(block, generation)
        case GitGenerator() | OciGenerator():
            return await repository(block, generation)
        case ClusterDecisionGenerator():
            return await decisions(block, generation)
        case PluginGenerator():
            return await plugin(block, generation)
        case ScmProviderGenerator():
            return await of_repositories(block, generation)
        case PullRequestGenerator():
            return await of_pull_requests(block, generation)
        case MatrixGenerator():
            return await matrix(_told(block.generators, generation), generation, produced)
        case MergeGenerator():
            return await merge(_told(block.generators, generation), block.merge_keys, generation, produced)
    raise GeneratorError(f"a {name} generator is not generated yet")


def block_of(generator: TerminalGenerator) -> tuple[str, Any]:
    """The name of its one block, and the block. Raises GeneratorError."""
    fields = msgspec.structs.fields(generator)
    names = [field.encode_name for field in fields if field.name != _SELECTOR]
    found = [
        (field.encode_name, block)
        for field in fields
        if field.name != _SELECTOR and (block := getattr(generator, field.name)) is not None
    ]
    if len(found) == 1:
        ((name, block),) = found
        return name, _read(name, block)
    if found:
        told = " and ".join(name for name, _ in found)
        raise GeneratorError(f"a generator has exactly one block, and one has {told}")
    raise GeneratorError(f"a generator has exactly one block, and one has none of {', '.join(names)}")


def _read(name: str, block: Any) -> Any:
    """The block, read where the cluster keeps it as it was written."""
    if not isinstance(block, dict):
        return block
    try:
        if name == "matrix":
            return MatrixGenerator(generators=nested_matrix(block).generators)  # type: ignore[arg-type]
        nested = nested_merge(block)
    except MalformedObjectError as error:
        raise GeneratorError(str(error)) from error
    return MergeGenerator(generators=nested.generators, merge_keys=nested.merge_keys)  # type: ignore[arg-type]


def _told(generators: tuple[Any, ...], generation: Generation) -> tuple[TerminalGenerator, ...]:
    """The generators within another; a template of one has no effect, which is said."""
    for one in generators:
        name, block = block_of(one)
        if getattr(block, "template", None) is not None:
            generation.say(f"the template of a {name} generator within a matrix or merge has no effect")
    return generators
