"""The rules of `resource.exclusions`, `resource.inclusions` and `resource.selectors`, as written.

Invariant: this is data only; what a rule means is decided in one place, where kinds are watched.
"""

from __future__ import annotations

import msgspec


class ResourceRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: groups and clusters are globs, kinds exact or `*`; an empty list means any."""

    api_groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


class SelectorRule(ResourceRule, frozen=True, kw_only=True):
    """One rule of `resource.selectors`: the kinds, and the labels their objects are to have to be seen."""

    selector: str = ""


class ResourceRules(msgspec.Struct, frozen=True, kw_only=True):
    """The lists; `exclusions` is None when none are configured and the shipped ones hold. `respect_rbac` is
    `resource.respectRBAC`: "", "normal" or "strict"."""

    exclusions: tuple[ResourceRule, ...] | None = None
    inclusions: tuple[ResourceRule, ...] = ()
    selectors: tuple[SelectorRule, ...] = ()
    respect_rbac: str = ""
