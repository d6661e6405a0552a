"""Which kinds of a cluster are looked at: `resource.exclusions`, `resource.inclusions`, the hard-wired ones;
and which of their objects: `resource.selectors`.

Invariant: excluded wins over included; what is neither is in, unless some inclusion speaks of its cluster.
"""

from fnmatch import fnmatchcase
from typing import Protocol

import msgspec

HARD_WIRED_GROUPS = frozenset({"events.k8s.io", "metrics.k8s.io"})
HARD_WIRED_KINDS = frozenset({("", "Event"), ("coordination.k8s.io", "Lease")})


class ResourceRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One entry of either list. Groups and clusters are globs, kinds exact or `*`; empty means any."""

    api_groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()


class SelectorRule(ResourceRule, frozen=True, kw_only=True):
    """One entry of `resource.selectors`: of these kinds only objects with such labels are seen."""

    selector: str = ""


def _any_glob(patterns: tuple[str, ...], value: str) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


def _rule(groups: tuple[str, ...], *kinds: str) -> ResourceRule:
    return ResourceRule(api_groups=groups, kinds=kinds)


SHIPPED_EXCLUSIONS = (
    _rule(("", "discovery.k8s.io"), "Endpoints", "EndpointSlice"),
    _rule(("coordination.k8s.io",), "Lease"),
    _rule(
        ("authentication.k8s.io", "authorization.k8s.io"),
        "SelfSubjectReview",
        "TokenReview",
        "LocalSubjectAccessReview",
        "SelfSubjectAccessReview",
        "SelfSubjectRulesReview",
        "SubjectAccessReview",
    ),
    _rule(("certificates.k8s.io",), "CertificateSigningRequest"),
    _rule(("cert-manager.io",), "CertificateRequest"),
    _rule(("cilium.io",), "CiliumIdentity", "CiliumEndpoint", "CiliumEndpointSlice"),
    _rule(
        ("kyverno.io", "reports.kyverno.io", "wgpolicyk8s.io"),
        "PolicyReport",
        "ClusterPolicyReport",
        "EphemeralReport",
        "ClusterEphemeralReport",
        "AdmissionReport",
        "ClusterAdmissionReport",
        "BackgroundScanReport",
        "ClusterBackgroundScanReport",
        "UpdateRequest",
    ),
)
"""The `resource.exclusions` that are installed with the manifests."""


class Rule(Protocol):
    """What the filter needs of a rule, so that settings may bring their own struct."""

    @property
    def api_groups(self) -> tuple[str, ...]: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...
    @property
    def clusters(self) -> tuple[str, ...]: ...


class ResourceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The filter of one cluster; `cluster` is its server URL."""

    exclusions: tuple[Rule, ...] = SHIPPED_EXCLUSIONS
    inclusions: tuple[Rule, ...] = ()
    selectors: tuple[SelectorRule, ...] = ()
    cluster: str = ""

    def excludes(self, group: str, kind: str) -> bool:
        """Whether objects of this kind are neither watched nor compared nor deleted."""
        if group in HARD_WIRED_GROUPS or (group, kind) in HARD_WIRED_KINDS:
            return True
        if any(self._covers(rule) and _names(rule, group, kind) for rule in self.exclusions):
            return True
        included_here = [rule for rule in self.inclusions if self._covers(rule)]
        return bool(included_here) and not any(_names(rule, group, kind) for rule in included_here)

    def selector_of(self, group: str, kind: str) -> str:
        """The label selector by which objects of a kind are watched, "" for all; several rules all hold."""
        rules = [rule for rule in self.selectors if self._covers(rule) and _names(rule, group, kind)]
        return ",".join(rule.selector for rule in rules if rule.selector)

    def _covers(self, rule: Rule) -> bool:
        return _any_glob(rule.clusters, self.cluster)


def _names(rule: Rule, group: str, kind: str) -> bool:
    has_kind = not rule.kinds or "*" in rule.kinds or kind in rule.kinds
    return has_kind and _any_glob(rule.api_groups, group)
