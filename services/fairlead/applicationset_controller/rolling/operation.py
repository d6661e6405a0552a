"""The sync that a set begins for one of its Applications (contract 4, RollingSync)."""

from __future__ import annotations

from typing import Any, Final

from fairlead.applicationset_controller.rolling.facts import USERNAME, Revisions
from fairlead.model.application import ApplicationSpec
from fairlead.model.decode import to_object
from fairlead.model.sync import Info, Operation, OperationInitiator, RetryStrategy, SyncOperation

REASON: Final = "ApplicationSet RollingSync triggered a sync of this Application resource"
LIMIT: Final = 5
"""Retries where the Application says nothing of them."""


def operation(spec: ApplicationSpec, revisions: Revisions) -> dict[str, Any]:
    """To these revisions, as the Application's policy has syncs."""
    policy = spec.sync_policy
    automated = policy.automated if policy is not None else None
    several = spec.has_multiple_sources
    return to_object(
        Operation(
            initiated_by=OperationInitiator(username=USERNAME, automated=True),
            info=(Info(name="Reason", value=REASON),),
            retry=(policy.retry if policy is not None else None) or RetryStrategy(limit=LIMIT),
            sync=SyncOperation(
                revision="" if several else revisions[0],
                revisions=revisions if several else (),
                prune=automated.prune if automated is not None else False,
                sync_options=policy.sync_options if policy is not None else (),
            ),
        )
    )
