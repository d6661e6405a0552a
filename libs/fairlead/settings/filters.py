"""The rules of `resource.exclusions` and `resource.inclusions`, as written.

Invariant: this is data only; what a rule means is decided in one place, where kinds are watched.
"""

from __future__ import annotations

import msgspec


class ResourceRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: groups and clusters are globs, kinds exact or `*`; an empty list means any."""

    api_groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


class ResourceRules(msgspec.Struct, frozen=True, kw_only=True):
    """Both lists; `exclusions` is None when none are configured and the shipped ones hold."""

    exclusions: tuple[ResourceRule, ...] | None = None
    inclusions: tuple[ResourceRule, ...] = ()
