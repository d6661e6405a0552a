"""How large the measurements are, unless told otherwise."""

import msgspec

APPLICATIONS = 10_000
CLUSTERS = 500
OBJECTS = 2_000
PROCESSES = 2


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """`objects` are those of each cluster, `processes` those that one controller is."""

    applications: int = APPLICATIONS
    clusters: int = CLUSTERS
    objects: int = OBJECTS
    processes: int = PROCESSES
