"""Waves: the order inside a phase.

Invariant: a wave is a whole number; text that is none counts as not being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from fairlead.manifest.fields import Manifest, annotation_of

SYNC_WAVE = "argocd.argoproj.io/sync-wave"
HELM_WEIGHT = "helm.sh/hook-weight"
_INTEGER = re.compile(r"[+-]?\d{1,18}")


def wave_of(obj: Manifest) -> int:
    """The object's wave: its own, else the Helm hook weight, else 0."""
    for annotation in (SYNC_WAVE, HELM_WEIGHT):
        text = annotation_of(obj, annotation)
        if _INTEGER.fullmatch(text):
            return int(text)
    return 0


def mirrored(waves: Iterable[int]) -> Mapping[int, int]:
    """What is created first is removed last: the lowest distinct wave swaps with the highest, and so on."""
    distinct = sorted(set(waves))
    return dict(zip(distinct, reversed(distinct), strict=True))
