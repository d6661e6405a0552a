"""By what applications are counted, narrowed and ordered.

The invariant: every value is read from the document alone, so that an index of them is kept up to date
application by application.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from fairlead.api_server.documents import ApplicationDocument
from fairlead.matching.repository import without_password

UNKNOWN = "Unknown"
PROJECT, CLUSTER, REPO, LABEL = "project", "cluster", "repo", "label"

Values = Callable[[ApplicationDocument], tuple[str, ...]]
Rank = Callable[[ApplicationDocument], str | int]

_shown = lru_cache(maxsize=4096)(without_password)


def repositories_of(document: ApplicationDocument) -> tuple[str, ...]:
    """The identities of its repositories as they may be shown: a misspelt one may hold a password."""
    return tuple(dict.fromkeys(map(_shown, document.repositories)))


FACETS: Mapping[str, Values] = MappingProxyType(
    {
        PROJECT: lambda one: (one.project,),
        CLUSTER: lambda one: (one.destination,),
        "namespace": lambda one: (one.destination_namespace,),
        "sync": lambda one: (one.sync_status or UNKNOWN,),
        "health": lambda one: (one.health or UNKNOWN,),
        "operation": lambda one: (one.phase,) if one.phase else (),
        "autoSync": lambda one: ("true" if one.is_automated else "false",),
        REPO: repositories_of,
        LABEL: lambda one: tuple(f"{key}={value}" for key, value in one.labels.items()),
    }
)
"""The values that an application has of each."""

LABEL_KEY, APP_NAMESPACE = "labelKey", "appNamespace"
SETS: Mapping[str, Values] = MappingProxyType(
    {
        **FACETS,
        LABEL_KEY: lambda one: tuple(one.labels),
        APP_NAMESPACE: lambda one: (one.namespace,),
    }
)
"""The same, and what is narrowed by and not counted."""

_HEALTH = {"Degraded": 0, "Missing": 1, UNKNOWN: 2, "Progressing": 3, "Suspended": 4, "Healthy": 5}
_SYNC = {"OutOfSync": 0, UNKNOWN: 1, "Synced": 2}

ORDERS: Mapping[str, Rank] = MappingProxyType(
    {
        "name": lambda one: one.name,
        PROJECT: lambda one: one.project,
        CLUSTER: lambda one: one.destination,
        "namespace": lambda one: one.destination_namespace,
        "sync": lambda one: _SYNC.get(one.sync_status, 1),
        "health": lambda one: _HEALTH.get(one.health, 2),
        "created": lambda one: one.created,
        "finished": lambda one: one.finished,
    }
)
"""What lists are ordered by; the worst comes first of what has a worst."""


def text_of(document: ApplicationDocument) -> str:
    """What is searched for words, in lower case."""
    words = (
        document.namespace,
        document.name,
        document.project,
        document.destination,
        document.destination_namespace,
        *repositories_of(document),
        *document.places,
        *document.images,
    )
    return "\n".join(words).lower()
