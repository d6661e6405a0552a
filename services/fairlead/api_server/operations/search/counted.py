"""How many applications of a set have each value of a facet.

The invariant: a count is right or not told; what is not counted is said to be more.
"""

from collections import Counter
from collections.abc import Mapping
from heapq import heappush, heappushpop, nlargest

import msgspec

from fairlead.api_server.facets import CLUSTER, FACETS
from fairlead.api_server.index import ApplicationIndex
from fairlead.api_server.operations.search.chosen import Chosen, Names, by_cluster

MAX_TOLD = 100
"""Values of a facet that are told, the most frequent."""
FEW = 1500
"""Applications up to which values are counted application by application."""
MAX_COUNTED = 4000
"""Values of a facet that are counted, the most frequent of all applications first."""


class FacetValue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One value, how many applications have it, and of a cluster its name."""

    value: str
    count: int
    name: str = ""


class Facet(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The most frequent values; `more` when there may be others."""

    values: tuple[FacetValue, ...]
    more: bool = False


def counted(
    index: ApplicationIndex, facets: tuple[str, ...], chosen: Chosen, names: Names
) -> dict[str, Facet]:
    """The counts of facets."""
    return {facet: _counted(index, facet, chosen.but(facet), names) for facet in facets}


def _counted(index: ApplicationIndex, facet: str, among: int, names: Names) -> Facet:
    if facet == CLUSTER:
        found, is_cut = _by_sets(by_cluster(index, names), among), False
    elif among.bit_count() <= FEW:
        found, is_cut = _one_by_one(index, facet, among), False
    else:
        found, is_cut = _most_frequent(index, facet, among)
    told = nlargest(MAX_TOLD, found.items(), key=lambda item: (item[1], _reversed(item[0])))
    name_of = names.name if facet == CLUSTER else lambda _: ""
    values = tuple(FacetValue(value=value, count=count, name=name_of(value)) for value, count in told)
    return Facet(values=values, more=is_cut or len(found) > MAX_TOLD)


def _one_by_one(index: ApplicationIndex, facet: str, among: int) -> dict[str, int]:
    values_of = FACETS[facet]
    return Counter(value for document in index.documents(among) for value in values_of(document))


def _by_sets(sets: Mapping[str, int], among: int) -> dict[str, int]:
    counts = ((value, (members & among).bit_count()) for value, members in sets.items())
    return {value: count for value, count in counts if count}


def _most_frequent(index: ApplicationIndex, facet: str, among: int) -> tuple[dict[str, int], bool]:
    """The counts of the most frequent values, and whether there may be others: a value that all applications
    have less often than the last of these is not counted."""
    sets, found, best = index.values(facet), dict[str, int](), list[int]()
    for number, (value, total) in enumerate(index.frequent(facet)):
        is_full = len(best) >= MAX_TOLD
        if number >= MAX_COUNTED or (is_full and total <= best[0]):
            return found, True
        count = (sets[value] & among).bit_count()
        if count and (not is_full or count > best[0]):
            found[value] = count
            (heappushpop if is_full else heappush)(best, count)
    return found, False


def _reversed(text: str) -> tuple[int, ...]:
    """Orders texts the other way round, so that of equal counts the first by name is told first."""
    return tuple(-ord(letter) for letter in text[:32])
