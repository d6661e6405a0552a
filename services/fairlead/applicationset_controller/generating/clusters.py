"""The clusters generator: one set for each registered cluster that a selector takes.

Invariant: the local cluster that nobody registered has no labels, so no condition on labels takes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from fairlead.applicationset_controller.generating.generation import Generation
from fairlead.applicationset_controller.generating.parameters import Params, StrMap
from fairlead.applicationset_controller.generating.selector import require_readable
from fairlead.applicationset_controller.generating.sources import ClusterFacts
from fairlead.applicationset_controller.templating.names import normalize
from fairlead.matching.labels import selects
from fairlead.model.generators import ClusterGenerator
from fairlead.model.metadata import LabelSelector

_OURS = "argocd.argoproj.io/"
SECRET_TYPE = f"{_OURS}secret-type"
"""The label of a cluster's Secret: selectors may name it, which leaves out the local cluster without one."""
HIDDEN = frozenset(
    (
        *(
            f"{_OURS}{name}"
            for name in (
                "refresh",
                "refresh-timestamp",
                "hydrate",
                "hydrate-timestamp",
                "tracking-id",
                "installation-id",
            )
        ),
        "kubectl.kubernetes.io/last-applied-configuration",
        "managed-by",
    )
)
"""Annotations that are no parameters (contract 4 and 12.2)."""


async def clusters(block: ClusterGenerator, generation: Generation) -> list[Params]:
    """One set for each cluster; with `flatList` one that holds them all."""
    sets = [_params(cluster, is_go=generation.is_go) for cluster in _taken(block.selector, generation)]
    sets = await generation.with_values(sets, block.values)
    return [{"clusters": sets}] if block.flat_list else sets


def _taken(selector: LabelSelector | None, generation: Generation) -> list[ClusterFacts]:
    known = generation.sources.clusters()
    if selector is None or not (selector.match_labels or selector.match_expressions):
        return list(known)
    require_readable(selector)
    return [one for one in known if one.has_secret and selects(selector, _labels_of(one))]


def _labels_of(cluster: ClusterFacts) -> dict[str, str]:
    return {SECRET_TYPE: "cluster", **cluster.labels}


def _params(cluster: ClusterFacts, *, is_go: bool) -> Params:
    params: Params = {
        "name": cluster.name,
        "nameNormalized": normalize(cluster.name),
        "server": cluster.server,
        "project": cluster.project,
    }
    if not cluster.has_secret:
        return params
    labels = {key: value for key, value in cluster.labels.items() if key != SECRET_TYPE}
    annotations = {key: value for key, value in cluster.annotations.items() if key not in HIDDEN}
    if is_go:
        return {**params, "metadata": _metadata(labels, annotations)}
    return {
        **params,
        **{f"metadata.labels.{key}": value for key, value in labels.items()},
        **{f"metadata.annotations.{key}": value for key, value in annotations.items()},
    }


def _metadata(labels: Mapping[str, str], annotations: Mapping[str, str]) -> Params:
    """Maps that exist even where nothing is in them, so that a template may ask them for anything."""
    return {"labels": StrMap(labels), "annotations": StrMap(annotations)}
