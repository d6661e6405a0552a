"""StatefulSet: ready first, then updated up to its partition.

Invariant: nothing is concluded from a status that has not seen the newest spec.
"""

from __future__ import annotations

from fairlead.health.status import Health, healthy, progressing
from fairlead.manifest.fields import Manifest, integer_at, text_at, value_at


def assess(obj: Manifest) -> Health:
    """Judge one StatefulSet."""
    observed = integer_at(obj, "status", "observedGeneration")
    if observed == 0 or integer_at(obj, "metadata", "generation") > observed:
        return progressing("Waiting for statefulset spec update to be observed...")
    replicas = integer_at(obj, "spec", "replicas")
    ready = integer_at(obj, "status", "readyReplicas")
    if value_at(obj, "spec", "replicas") is not None and ready < replicas:
        return progressing(f"Waiting for {replicas - ready} pods to be ready...")
    kind = text_at(obj, "spec", "updateStrategy", "type")
    if kind == "RollingUpdate" and value_at(obj, "spec", "updateStrategy", "rollingUpdate") is not None:
        return _partitioned(obj, replicas)
    if kind == "OnDelete":
        return healthy(f"statefulset has {ready} ready pods")
    return _revisions(obj)


def _partitioned(obj: Manifest, replicas: int) -> Health:
    partition = value_at(obj, "spec", "updateStrategy", "rollingUpdate", "partition")
    updated = integer_at(obj, "status", "updatedReplicas")
    if value_at(obj, "spec", "replicas") is not None and isinstance(partition, int):
        wanted = replicas - partition
        if updated < wanted:
            return progressing(
                f"Waiting for partitioned roll out to finish: {updated} out of {wanted} "
                "new pods have been updated..."
            )
    return healthy(f"partitioned roll out complete: {updated} new pods have been updated...")


def _revisions(obj: Manifest) -> Health:
    newest = text_at(obj, "status", "updateRevision")
    if newest != text_at(obj, "status", "currentRevision"):
        updated = integer_at(obj, "status", "updatedReplicas")
        return progressing(
            f"waiting for statefulset rolling update to complete {updated} pods at revision {newest}..."
        )
    current = integer_at(obj, "status", "currentReplicas")
    revision = text_at(obj, "status", "currentRevision")
    return healthy(f"statefulset rolling update complete {current} pods at revision {revision}...")
