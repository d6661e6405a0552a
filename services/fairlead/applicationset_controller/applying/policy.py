"""What a set may do to its Applications (contract 4, policy in force)."""

from __future__ import annotations

from typing import NamedTuple

from fairlead.model.applicationset import ApplicationSetSpec, ApplicationsSyncPolicy


class Policy(NamedTuple):
    """Creating is allowed always."""

    updates: bool = True
    deletes: bool = True


_OF = {
    ApplicationsSyncPolicy.CREATE_ONLY: Policy(updates=False, deletes=False),
    ApplicationsSyncPolicy.CREATE_UPDATE: Policy(updates=True, deletes=False),
    ApplicationsSyncPolicy.CREATE_DELETE: Policy(updates=False, deletes=True),
    ApplicationsSyncPolicy.SYNC: Policy(),
}


def policy_of(spec: ApplicationSetSpec, ours: ApplicationsSyncPolicy, *, overrides: bool) -> Policy:
    """The controller's policy, `ours`; with `overrides` the set's own where it has one."""
    own = spec.sync_policy.applications_sync if spec.sync_policy is not None else None
    if own is not None and overrides:
        return _OF[own]
    return _OF[ours]


def preserves_resources(spec: ApplicationSetSpec) -> bool:
    """Whether what an Application deployed stays when it is deleted."""
    return spec.sync_policy is not None and spec.sync_policy.preserve_resources_on_deletion
