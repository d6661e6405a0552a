"""The set of applications that a question means, whole and facet by facet.

The invariant: what a caller may not see is in no set, so neither counts nor totals tell of it; and which name
and server are one cluster's is known to who may see that cluster.
"""

from collections.abc import Callable, Mapping

import msgspec

from fairlead.api_server.facets import APP_NAMESPACE, CLUSTER, LABEL, LABEL_KEY, REPO
from fairlead.api_server.index import ApplicationIndex
from fairlead.api_server.operations.application import select
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.read import may_see
from fairlead.api_server.operations.cluster.registered import registered
from fairlead.api_server.operations.search.asked import FIELDS, SearchQuery
from fairlead.matching.repository import identity, without_password
from fairlead.matching.selectors import Requirement


class Names(msgspec.Struct, frozen=True):
    """Clusters by server and by name: applications say either."""

    names: Mapping[str, str]
    servers: Mapping[str, str]

    def server(self, said: str) -> str:
        """The server of a cluster, however it was said; what is not declared stays as it is."""
        return said if said in self.names else self.servers.get(said, said)

    def name(self, server: str) -> str:
        """Its name; "" when none is declared."""
        return self.names.get(server, "")


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The set whole, and what each facet that is narrowed leaves of what is visible."""

    whole: int
    base: int
    """What is left by everything that is no facet."""
    narrowed: Mapping[str, int]

    def but(self, facet: str) -> int:
        """The set as it were if one facet was not narrowed: its other values are counted in it."""
        if facet not in self.narrowed:
            return self.whole
        found = self.base
        for other, left in self.narrowed.items():
            if other != facet:
                found &= left
        return found


def names_of(backend: Backend, caller: Caller, query: SearchQuery) -> Names:
    """The clusters that are declared now and may be seen; none for a question that asks of none."""
    declared = registered(backend) if query.cluster or CLUSTER in query.counted else []
    known = [each for each in declared if may_see(caller, each)]
    return Names(
        {each.server: each.name for each in known},
        {each.name: each.server for each in known},
    )


Saying = Callable[[str, int], int]
"""Those of a set that a word means, in lower case."""


def chosen(
    index: ApplicationIndex, query: SearchQuery, seen: int, names: Names, saying: Saying | None = None
) -> Chosen:
    """What a question means of what is `seen`; words are looked for in what applications say, unless `saying`
    knows better. Raises INVALID_ARGUMENT for an unreadable selector."""
    base = seen
    if query.keys:
        base &= index.keyed(query.keys)
    for requirement in select.requirements(query.selector):
        base &= _as_required(index, requirement, base)
    for word in dict.fromkeys(query.search.lower().split()):
        base &= saying(word, base) if saying is not None else index.saying((word,))
    if query.image:
        images = frozenset(query.image)
        base &= index.where(lambda document: not images.isdisjoint(document.known_images), base)
    if query.app_namespace:
        base &= index.of(APP_NAMESPACE, (query.app_namespace,))
    narrowed = {
        facet: _having(index, facet, getattr(query, field), names)
        for facet, field in FIELDS.items()
        if getattr(query, field)
    }
    whole = base
    for left in narrowed.values():
        whole &= left
    return Chosen(whole=whole, base=base, narrowed=narrowed)


def by_cluster(index: ApplicationIndex, names: Names) -> dict[str, int]:
    """The sets of clusters by server, whichever way applications say it."""
    found: dict[str, int] = {}
    for said, members in index.values(CLUSTER).items():
        server = names.server(said)
        found[server] = found.get(server, 0) | members
    return found


def _having(index: ApplicationIndex, facet: str, values: tuple[str, ...], names: Names) -> int:
    if facet == CLUSTER:
        known, found = by_cluster(index, names), 0
        for value in values:
            found |= known.get(names.server(value.rstrip("/")), 0)
        return found
    if facet == REPO:
        return index.of(REPO, (without_password(identity(value)) for value in values))
    return index.of(facet, values)


def _as_required(index: ApplicationIndex, requirement: Requirement, among: int) -> int:
    if requirement.values is None:
        having = index.of(LABEL_KEY, (requirement.key,))
    else:
        having = index.of(LABEL, (f"{requirement.key}={value}" for value in requirement.values))
    return among & ~having if requirement.is_negated else among & having
