"""The commit that makes an operation pointless, for which it gives way (ADR 21).

Invariant: who gives way is followed: only an application that syncs itself deploys the newer commit, and only
a commit whose manifests could be made and differ counts as one.
"""

from __future__ import annotations

import msgspec

from fairlead.app_controller.rendering.render import Render
from fairlead.model.application import Application
from fairlead.model.sync import OperationPhase, OperationState, SyncOperation
from fairlead.sync.options import parse_options
from fairlead.sync.retry import superseded_message

GIVES_WAY_AT_MOST = 3
"""Operations in a row that give way: with commits faster than syncs, every fourth is left undisturbed."""
UNDISTURBED = 600.0
"""Seconds for which it is, unless what it waits for cannot begin."""


def newer_commit(app: Application, state: OperationState, render: Render, digest: str) -> str:
    """The revision to give way to, or "". `digest` names the manifests that are being deployed.

    Not for what somebody asked for by its revision, by other sources or by manifests of their own, nor where
    the sync option `NewestCommitWins=false` says so.
    """
    sync = state.operation.sync
    if sync is None or not _is_followed(app) or not _follows(app, state, sync):
        return ""
    if render.failure is not None or not render.digest or (digest and render.digest == digest):
        return ""
    result = state.sync_result
    deployed = result.revisions or (result.revision,) if result is not None else ()
    newer = (new for new, old in zip(render.revisions, deployed, strict=False) if new != old)
    return next(newer, "")


def given_way(state: OperationState, revision: str) -> OperationState:
    """The state of an operation that is given up for another commit while it waits for its next attempt."""
    return msgspec.structs.replace(
        state, phase=OperationPhase.FAILED, message=superseded_message(state.message, revision)
    )


def _is_followed(app: Application) -> bool:
    """Whether the newer commit will be deployed by itself."""
    policy = app.spec.sync_policy
    return policy is not None and policy.is_automated and not app.is_deleting


def _follows(app: Application, state: OperationState, sync: SyncOperation) -> bool:
    """Whether an operation is for whatever is newest, rather than for what it names."""
    if sync.manifests or sync.dry_run or not parse_options(sync.sync_options).newest_commit_wins:
        return False
    initiator = state.operation.initiated_by
    if initiator is not None and initiator.automated:
        return True
    sources = sync.sources or ((sync.source,) if sync.source is not None else ())
    named = sync.revisions or ((sync.revision,) if sync.revision else ())
    return not sources and not any(named)
