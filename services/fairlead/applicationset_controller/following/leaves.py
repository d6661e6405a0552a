"""The innermost generators of a set, whatever holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.model.errors import MalformedObjectError
from fairlead.model.generators import (
    Generator,
    NestedGenerator,
    TerminalGenerator,
    nested_matrix,
    nested_merge,
)


def leaves(generators: Iterable[Generator]) -> Iterator[TerminalGenerator]:
    """Every generator that holds no other; of a body that cannot be read there are none."""
    for generator in generators:
        outer = generator.matrix or generator.merge
        if outer is None:
            yield generator
            continue
        for nested in outer.generators:
            yield from _nested(nested)


def _nested(generator: NestedGenerator) -> Iterator[TerminalGenerator]:
    try:
        if generator.matrix is not None:
            yield from nested_matrix(generator.matrix).generators
        elif generator.merge is not None:
            yield from nested_merge(generator.merge).generators
        else:
            yield generator
    except MalformedObjectError:
        return
