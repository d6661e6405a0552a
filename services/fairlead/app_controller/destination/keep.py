"""How much is kept of live objects that no application manages: what the tree and their health are read from.

Invariant: a kind that a health script of the settings judges is kept whole, since a script reads anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fairlead.health.assess import has_rule
from fairlead.kube.live_object import Kept
from fairlead.manifest.identity import GroupKind
from fairlead.settings import ControllerSettings
from fairlead.settings.health import health_rule

_SHOWN: Final = frozenset(
    {
        GroupKind("", "Node"),
        GroupKind("", "Service"),
        GroupKind("networking.k8s.io", "Ingress"),
        GroupKind("extensions", "Ingress"),
        GroupKind("apps", "ReplicaSet"),
        GroupKind("argoproj.io", "Rollout"),
    }
)
"""Kinds of which the tree shows more than health."""


class Keep:
    """Answers for one cluster, by the settings of the moment."""

    def __init__(self, settings: Callable[[], ControllerSettings]) -> None:
        self._settings = settings
        self._of: ControllerSettings | None = None
        self._known: dict[GroupKind, Kept] = {}

    def __call__(self, kind: GroupKind) -> Kept:
        """How much is kept of an object of the kind."""
        settings = self._settings()
        if settings is not self._of:
            self._of, self._known = settings, {}
        known = self._known.get(kind)
        if known is None:
            known = self._known[kind] = _kept(kind, settings)
        return known


def _kept(kind: GroupKind, settings: ControllerSettings) -> Kept:
    if health_rule(settings.health_scripts, settings.open_libs, *kind) is not None:
        return Kept.WHOLE
    return Kept.BRIEF if kind in _SHOWN or has_rule(*kind) else Kept.NOTHING
