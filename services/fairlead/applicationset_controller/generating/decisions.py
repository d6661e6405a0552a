"""The clusterDecisionResource generator: the clusters that another object of the cluster names in its status.

Invariant: an object that has not decided yet is an error; only a list that is there and empty is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import Generation
from fairlead.applicationset_controller.generating.parameters import Params, flattened
from fairlead.applicationset_controller.generating.selector import require_readable
from fairlead.model.generators import ClusterDecisionGenerator

DEFAULT_LIST = "clusters"


class Duck(msgspec.Struct, frozen=True, kw_only=True):
    """What the ConfigMap says of the objects: their kind, and where in them clusters are named."""

    api_version: str
    kind: str
    status_list_key: str
    match_key: str


async def decisions(block: ClusterDecisionGenerator, generation: Generation) -> list[Params]:
    """One set for each cluster that is named and registered."""
    generation.requeue(block.requeue_after_seconds)
    duck = await _duck(block.config_map_ref, generation)
    selector = block.label_selector
    if bool(block.name) == (selector is not None):
        raise GeneratorError("a clusterDecisionResource has either a name or a labelSelector")
    if selector is not None:
        require_readable(selector)
    found = await generation.sources.objects(
        duck.api_version, duck.kind, generation.sources.namespace, name=block.name, selector=selector
    )
    if not found:
        raise GeneratorError("no clusterDecisionResources found")
    servers = {cluster.name: cluster.server for cluster in generation.sources.clusters()}
    sets = [
        _params(decision, name, servers[name], is_go=generation.is_go)
        for one in found
        for decision in _decisions(one, duck)
        if (name := str(decision.get(duck.match_key))) in servers
    ]
    return await generation.with_values(sets, block.values)


async def _duck(name: str, generation: Generation) -> Duck:
    data = await generation.sources.config_map(generation.sources.namespace, name)
    for key in ("apiVersion", "kind", "matchKey"):
        if not data.get(key):
            raise GeneratorError(f"{key} not found in ConfigMap {name}")
    return Duck(
        api_version=data["apiVersion"],
        kind=data["kind"],
        match_key=data["matchKey"],
        status_list_key=data.get("statusListKey") or DEFAULT_LIST,
    )


def _decisions(obj: Mapping[str, Any], duck: Duck) -> Iterator[Mapping[str, Any]]:
    name = obj.get("metadata", {}).get("name", "")
    status = obj.get("status")
    found = status.get(duck.status_list_key) if isinstance(status, dict) else None
    if not isinstance(found, list):
        raise GeneratorError(f"{duck.kind} {name} has no status.{duck.status_list_key} yet")
    for decision in found:
        if not isinstance(decision, dict) or not isinstance(decision.get(duck.match_key), str):
            raise GeneratorError(f"{duck.kind} {name}: an entry of its status has no {duck.match_key}")
        yield decision


def _params(decision: Mapping[str, Any], name: str, server: str, *, is_go: bool) -> Params:
    own = dict(decision) if is_go else dict(flattened(decision))
    return {"name": name, "server": server, **own}
