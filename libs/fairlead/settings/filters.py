"""Which kinds of which cluster are looked at: `resource.exclusions` and `resource.inclusions`.

Invariant: excluded means out; else included means in; else out if any inclusion covers the cluster.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

ALWAYS_EXCLUDED_GROUPS = frozenset({"events.k8s.io", "metrics.k8s.io"})
ALWAYS_EXCLUDED_KINDS = frozenset({("", "Event"), ("coordination.k8s.io", "Lease")})


class ResourceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: groups and clusters are globs, kinds exact or `*`; an empty list means any."""

    api_groups: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()

    def covers(self, cluster: str) -> bool:
        """Whether the rule is for a cluster, by its server address."""
        return not self.clusters or any(fnmatchcase(cluster, glob) for glob in self.clusters)

    def matches(self, group: str, kind: str, cluster: str) -> bool:
        """Whether the rule names a kind of a cluster."""
        return (
            self.covers(cluster)
            and (not self.api_groups or any(fnmatchcase(group, glob) for glob in self.api_groups))
            and (not self.kinds or kind in self.kinds or "*" in self.kinds)
        )


class ResourceFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Both lists together."""

    exclusions: tuple[ResourceFilter, ...] = ()
    inclusions: tuple[ResourceFilter, ...] = ()

    def is_excluded(self, group: str, kind: str, cluster: str) -> bool:
        """Whether objects of a kind are left alone altogether."""
        if group in ALWAYS_EXCLUDED_GROUPS or (group, kind) in ALWAYS_EXCLUDED_KINDS:
            return True
        if any(rule.matches(group, kind, cluster) for rule in self.exclusions):
            return True
        if any(rule.matches(group, kind, cluster) for rule in self.inclusions):
            return False
        return any(rule.covers(cluster) for rule in self.inclusions)


_AUTH_KINDS = (
    "SelfSubjectReview",
    "TokenReview",
    "LocalSubjectAccessReview",
    "SelfSubjectAccessReview",
    "SelfSubjectRulesReview",
    "SubjectAccessReview",
)
_REPORT_KINDS = (
    "PolicyReport",
    "ClusterPolicyReport",
    "EphemeralReport",
    "ClusterEphemeralReport",
    "AdmissionReport",
    "ClusterAdmissionReport",
    "BackgroundScanReport",
    "ClusterBackgroundScanReport",
    "UpdateRequest",
)

SHIPPED_EXCLUSIONS = (
    ResourceFilter(api_groups=("", "discovery.k8s.io"), kinds=("Endpoints", "EndpointSlice")),
    ResourceFilter(api_groups=("coordination.k8s.io",), kinds=("Lease",)),
    ResourceFilter(api_groups=("authentication.k8s.io", "authorization.k8s.io"), kinds=_AUTH_KINDS),
    ResourceFilter(api_groups=("certificates.k8s.io",), kinds=("CertificateSigningRequest",)),
    ResourceFilter(api_groups=("cert-manager.io",), kinds=("CertificateRequest",)),
    ResourceFilter(
        api_groups=("cilium.io",), kinds=("CiliumIdentity", "CiliumEndpoint", "CiliumEndpointSlice")
    ),
    ResourceFilter(api_groups=("kyverno.io", "reports.kyverno.io", "wgpolicyk8s.io"), kinds=_REPORT_KINDS),
)
"""In force while argocd-cm has no `resource.exclusions` (contract 11.1)."""
