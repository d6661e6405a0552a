"""What a scrape reads of sets (contract 17).

Invariant: it is made when it is asked for; no path that a change takes knows of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from fairlead.applicationset_controller.following.children import Children
from fairlead.applicationset_controller.following.sets import KnownSet, Sets
from fairlead.applicationset_controller.rolling import measuring as rolling
from fairlead.kube.collection import Name
from fairlead.metrics import Histogram, header, labelled
from fairlead.model.applicationset import ApplicationSetConditionType

_INFO = header("argocd_appset_info", "gauge", "1 for each ApplicationSet, with its state")
_OWNED = header("argocd_appset_owned_applications", "gauge", "Applications of each ApplicationSet")
_RECONCILE = Histogram(
    "argocd_appset_reconcile", "Seconds of looks at ApplicationSets", ["namespace", "name"]
)


class Scrape:
    """The sets of this replica."""

    def __init__(self, sets: Sets, children: Children, owns: Callable[[Name], bool]) -> None:
        self._sets = sets
        self._children = children
        self._owns = owns

    def written(self) -> Iterator[bytes]:
        """Each set's lines."""
        own = [known for known in self._sets if self._owns(known.key)]
        yield _INFO
        for known in own:
            yield _line("argocd_appset_info", known.key, 1, resource_update_status=_state(known))
        yield _OWNED
        for known in own:
            yield _line("argocd_appset_owned_applications", known.key, self._children.count_of(known.key))
        yield rolling.STATUS_HEADER
        for known in own:
            yield from rolling.status_lines(known.key, known.set.status.application_status)


def took(key: Name, seconds: float) -> None:
    """A look at a set ended."""
    _RECONCILE.labels(*key).observe(seconds)


def forget(key: Name) -> None:
    """The set is gone."""
    with contextlib.suppress(KeyError):
        _RECONCILE.remove(*key)


def _state(known: KnownSet) -> str:
    kind = ApplicationSetConditionType.RESOURCES_UP_TO_DATE
    return next((item.reason for item in known.set.status.conditions if item.type == kind), "Unknown")


def _line(name: str, key: Name, value: int, **labels: str) -> bytes:
    text = labelled(namespace=key[0], name=key[1], **labels)
    return f"{name}{text} {value}\n".encode()
