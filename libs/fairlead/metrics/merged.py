"""What several processes of one service expose, as one.

Invariant: counters and histograms are sums, so they fall only when a process was started again, as those of
one process do; what says that something is so is told once.
"""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.metrics.family import number

_SAME = ("argocd_app_", "argocd_cluster_")
"""Beginnings of gauges of which each line is one process's at a time: two have it while it changes hands."""
_LARGEST = frozenset({"argocd_info", "python_info", "process_max_fds"})
_SMALLEST = frozenset({"process_start_time_seconds"})


def merged(texts: Iterable[bytes]) -> bytes:
    """One text of several; families in the order in which they first occur."""
    heads: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    values: dict[str, dict[str, float]] = {}
    for text in texts:
        family = ""
        for line in text.decode().splitlines():
            if line.startswith("# "):
                word, family, about = line[2:].split(" ", 2)
                lines = heads.setdefault(family, [])
                if line not in lines:
                    lines.append(line)
                if word == "TYPE":
                    kinds[family] = about
                values.setdefault(family, {})
            elif line:
                key, _, amount = line.rpartition(" ")
                found = values.setdefault(family, {})
                value = float(amount)
                known = found.get(key)
                found[key] = value if known is None else _both(family, kinds.get(family, ""), known, value)
    written = []
    for family, found in values.items():
        written += heads.get(family, [])
        written += [f"{key} {number(value)}" for key, value in found.items()]
    return ("\n".join(written) + "\n").encode()


def _both(family: str, kind: str, one: float, other: float) -> float:
    if family in _SMALLEST:
        return min(one, other)
    if kind == "gauge" and (family in _LARGEST or family.startswith(_SAME)):
        return max(one, other)
    return one + other
