"""I9: whatever fails, no process takes more than it may, and none grows for as long as it lives. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median

import msgspec

from tests.chaos.vitals import Sample

LIMITS: Mapping[str, int] = {"rss_mib": 200, "files": 320, "threads": 48, "children": 40, "children_mib": 600}
"""For a dozen applications; what many more may take is measured by `make bench`."""
STEADY = 600.0
"""Seconds that a process has to live before its growth says something."""
GROWTH = 1.5
SLACK: Mapping[str, int] = {"rss_mib": 24, "files": 24, "threads": 12, "children": 4}
"""What a process may grow by, beside the factor, between the second and the last quarter of its life."""
BESIDE = 10.0
"""Seconds between samples of two processes that are taken to be of one moment."""
SUBSCRIPTIONS = 600
"""Of one connection to NATS."""
PENDING_BYTES = 1 << 20
"""That NATS holds for one connection when nothing happens."""


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """NATS at rest: messages by work stream, subscriptions and pending bytes by connection."""

    work: Mapping[str, int] = {}
    subscriptions: Mapping[str, int] = {}
    pending: Mapping[str, int] = {}


def unbounded(samples: Iterable[Sample]) -> list[str]:
    """Processes that took more than the limits, or grew."""
    found = []
    by_process: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    samples = list(samples)
    for sample in samples:
        by_process[(sample.instance, sample.pid)].append(sample)
    shared = _shared(samples)
    for (instance, pid), lived in by_process.items():
        for name, limit in LIMITS.items():
            most = max(getattr(sample, name) for sample in lived)
            if most > limit:
                found.append(f"I9: {instance} ({pid}) had {name} {most}, more than {limit}")
        found += [f"I9: {instance} ({pid}) {growth}" for growth in _growths(lived, shared)]
    return found


def backlog(broker: Broker) -> list[str]:
    """What waits at NATS although everything is at rest."""
    return [
        *(f"I9: {count} messages wait in {name}" for name, count in broker.work.items() if count),
        *(
            f"I9: {who} has {count} subscriptions"
            for who, count in broker.subscriptions.items()
            if count > SUBSCRIPTIONS
        ),
        *(f"I9: {size} bytes wait for {who}" for who, size in broker.pending.items() if size > PENDING_BYTES),
    ]


def most(samples: Iterable[Sample]) -> dict[str, dict[str, int]]:
    """The largest of each by service process."""
    found: dict[str, dict[str, int]] = {}
    for sample in samples:
        known = found.setdefault(sample.instance, dict.fromkeys(LIMITS, 0))
        for name in LIMITS:
            known[name] = max(known[name], getattr(sample, name))
    return found


def _growths(lived: list[Sample], shared: Mapping[int, int]) -> list[str]:
    if lived[-1].at - lived[0].at < STEADY:
        return []
    quarter = len(lived) // 4
    found = []
    for name, slack in SLACK.items():
        had = [getattr(one, name) + (shared[id(one)] if name == "files" else 0) for one in lived]
        before, after = median(had[quarter : 2 * quarter]), median(had[-quarter:])
        if after > before * GROWTH + slack:
            found.append(f"grew: {name} {before:g}, then {after:g}")
    return found


def _shared(samples: list[Sample]) -> dict[int, int]:
    """Files of the others of its service beside each sample. Connections to a cluster are its owner's, and
    the owner changes whenever one dies: what all of them have together stays, unless somebody leaks."""
    found: dict[int, int] = {}
    last: dict[str, Sample] = {}
    for sample in sorted(samples, key=lambda one: one.at):
        last[sample.instance] = sample
        service = sample.instance.removesuffix("-2")
        found[id(sample)] = sum(
            other.files
            for instance, other in last.items()
            if instance != sample.instance
            and instance.removesuffix("-2") == service
            and sample.at - other.at < BESIDE
        )
    return found
