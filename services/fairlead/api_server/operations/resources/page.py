"""One page of the objects of all applications, with counts by facet.

The invariant: an object is told and counted for who may see its application; which name and server are one
cluster's is known to who may see that cluster.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from heapq import nlargest, nsmallest
from operator import attrgetter

import msgspec

from fairlead.api_server.facets import PROJECT
from fairlead.api_server.operations import authorize
from fairlead.api_server.operations.application import lookup
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.cluster.read import may_see
from fairlead.api_server.operations.cluster.registered import registered
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.resources.asked import ORDERS, ResourceSearchQuery, require_sound
from fairlead.api_server.operations.search.chosen import Chosen, Names
from fairlead.api_server.operations.search.counted import MAX_TOLD, Facet, FacetValue
from fairlead.api_server.resource_index import Found, ResourceIndex

SWITCHED_OFF = "looking at resources across applications is switched off (ui.view.resources.disabled)"
COUNTED = {"namespace", "application"}
"""What has too many values to be kept as sets, and is counted object by object."""


class ResourceCluster(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A cluster as the application names it, and its name or server where that may be known."""

    server: str = ""
    name: str = ""


class ResourceRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One object. `key` is `application namespace/application/group/Kind/namespace/name`; `health` is empty
    for what has none, or of which it is not known yet."""

    key: str
    group: str = ""
    version: str = ""
    kind: str
    namespace: str = ""
    name: str
    sync: str = ""
    health: str = ""
    sync_wave: int = 0
    application: str
    app_namespace: str
    project: str
    cluster: ResourceCluster


class ResourcePage(msgspec.Struct, frozen=True, kw_only=True):
    """`total` objects are meant; `items` are those from `offset` on. A facet counts as if it was not narrowed
    itself. `more` when there are applications whose objects are not among them, since there are too many."""

    total: int
    offset: int
    limit: int
    items: tuple[ResourceRow, ...]
    facets: dict[str, Facet]
    more: bool = False


async def search(backend: Backend, caller: Caller, query: ResourceSearchQuery) -> msgspec.Struct:
    """ResourcePage."""
    if not backend.control.presentation.resource_view_enabled:
        raise RefusalError(Code.NOT_FOUND, SWITCHED_OFF)
    require_sound(query)
    index = backend.mirrors.resources
    await index.ready()
    names = _names(backend, caller)
    found = _chosen(backend, caller, query, names)
    facets = {
        facet: _by_sets(_sets(index, facet, names), found.but(facet), names if facet == "cluster" else None)
        for facet in query.counted
        if facet not in COUNTED
    }
    among = index.chosen(found.whole)
    one_by_one = {
        facet: among if found.but(facet) == found.whole else index.chosen(found.but(facet))
        for facet in query.counted
        if facet in COUNTED
    }
    items, counts = await asyncio.to_thread(_sifted, query, among, one_by_one)
    told = {facet: facets.get(facet) or counts[facet] for facet in query.counted}
    return ResourcePage(
        total=found.whole.bit_count(),
        offset=query.offset,
        limit=query.limit,
        items=tuple(_row(one, names) for one in items),
        facets=told,
        more=index.is_cut,
    )


def _names(backend: Backend, caller: Caller) -> Names:
    known = [each for each in registered(backend) if may_see(caller, each)]
    return Names(
        {each.server: each.name for each in known},
        {each.name: each.server for each in known},
    )


def _visible(backend: Backend, caller: Caller) -> int:
    applications, index, found = backend.mirrors.index, backend.mirrors.resources, 0
    for project, members in applications.values(PROJECT).items():
        decided = authorize.is_allowed_all(caller, lookup.RESOURCE, "get", project)
        if decided is None:
            seen = applications.where(lambda document: lookup.may(caller, "get", document), members)
            found |= index.of_applications(one.key for one in applications.documents(seen))
        elif decided:
            found |= index.of(PROJECT, (project,))
    return found


def _chosen(backend: Backend, caller: Caller, query: ResourceSearchQuery, names: Names) -> Chosen:
    index = backend.mirrors.resources
    base = _visible(backend, caller) & index.all
    for word in dict.fromkeys(query.search.lower().split()):
        base &= index.saying(word)
    if query.group:
        kinds = [kind for kind in index.values("kind") if kind.rpartition("/")[0] in query.group]
        base &= index.of("kind", kinds)
    narrowed = {
        facet: _having(backend, facet, values, names)
        for facet in ("kind", "health", "sync", "namespace", "cluster", "project", "application")
        if (values := getattr(query, facet))
    }
    whole = base
    for left in narrowed.values():
        whole &= left
    return Chosen(whole=whole, base=base, narrowed=narrowed)


def _having(backend: Backend, facet: str, values: tuple[str, ...], names: Names) -> int:
    index = backend.mirrors.resources
    if facet == "namespace":
        return index.in_namespaces(values)
    if facet == "application":
        applications = backend.mirrors.index
        return index.of_applications(one.key for one in applications.documents(applications.keyed(values)))
    if facet == "kind":
        kinds = [kind for kind in index.values("kind") if {kind, kind.rpartition("/")[2]} & set(values)]
        return index.of("kind", kinds)
    if facet == "cluster":
        servers = {names.server(value.rstrip("/")) for value in values}
        return index.of(
            "cluster", [said for said in index.values("cluster") if names.server(said) in servers]
        )
    return index.of(facet, values)


def _sets(index: ResourceIndex, facet: str, names: Names) -> Mapping[str, int]:
    if facet != "cluster":
        return index.values(facet)
    found: dict[str, int] = {}
    for said, members in index.values(facet).items():
        server = names.server(said)
        found[server] = found.get(server, 0) | members
    return found


def _by_sets(sets: Mapping[str, int], among: int, names: Names | None) -> Facet:
    counts = {value: (members & among).bit_count() for value, members in sets.items()}
    return _told({value: count for value, count in counts.items() if count}, names)


def _told(counts: Mapping[str, int], names: Names | None = None) -> Facet:
    most = nsmallest(MAX_TOLD, counts.items(), key=lambda item: (-item[1], item[0]))
    values = tuple(
        FacetValue(value=value, count=count, name=names.name(value) if names is not None else "")
        for value, count in most
    )
    return Facet(values=values, more=len(counts) > MAX_TOLD)


_VALUES: Mapping[str, Callable[[Found], str]] = {
    "namespace": attrgetter("namespace"),
    "application": attrgetter("application"),
}


def _sifted(
    query: ResourceSearchQuery, among: list[Found], counted: Mapping[str, list[Found]]
) -> tuple[list[Found], dict[str, Facet]]:
    """The page, and the counts of what is counted object by object; for a thread, as it may take a while."""
    facets = {facet: _told(Counter(map(_VALUES[facet], found))) for facet, found in counted.items()}
    rank, end = ORDERS[query.sort.removeprefix("-")], query.offset + query.limit
    pick = nlargest if query.sort.startswith("-") else nsmallest
    page = pick(end, among, key=lambda one: (rank(one), one.name, one.kind, one.namespace, one.application))
    return page[query.offset :], facets


def _row(one: Found, names: Names) -> ResourceRow:
    document = one.document
    server = names.server(document.destination)
    return ResourceRow(
        key=f"{one.application}/{one.group}/{one.kind}/{one.namespace}/{one.name}",
        group=one.group,
        version=one.version,
        kind=one.kind,
        namespace=one.namespace,
        name=one.name,
        sync=one.sync,
        health=one.health,
        sync_wave=one.wave,
        application=document.name,
        app_namespace=document.namespace,
        project=document.project,
        cluster=ResourceCluster(server=server, name=names.name(server)),
    )
