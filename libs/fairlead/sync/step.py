"""What a sync is to do next, as data.

Invariant: a step names everything that is done to the cluster; who carries it out decides nothing.
"""

from __future__ import annotations

import msgspec

from fairlead.manifest.identity import ResourceKey
from fairlead.model.sync import OperationPhase
from fairlead.sync.task import Results, Task


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """What happens once, before anything else: the namespace, then a dry run of everything."""

    namespace: Task | None
    dry_run: tuple[Task, ...]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What to do now, in this order: release, delete hooks, prune, apply; then :func:`settle`.

    ``results`` are all records so far and belong into the status before anything is carried out.
    ``release`` are hooks whose finalizer is to be taken off where they are there and held. ``apply`` is in
    kind order: one kind at a time, its objects in parallel. ``is_last_wave`` means that no pause is due
    afterwards. ``awaits`` are the tasks whose outcome is waited for; with ``awaits_person`` it is somebody's
    confirmation.
    """

    phase: OperationPhase = OperationPhase.RUNNING
    message: str
    results: Results
    release: tuple[ResourceKey, ...] = ()
    delete_hooks: tuple[ResourceKey, ...] = ()
    prune: tuple[Task, ...] = ()
    apply: tuple[Task, ...] = ()
    is_last_wave: bool = False
    awaits: tuple[Task, ...] = ()
    awaits_person: bool = False

    @property
    def changes_objects(self) -> bool:
        """Whether this step applies or prunes, after which ``advance`` is due at once."""
        return bool(self.prune or self.apply)

    @property
    def touches_hooks(self) -> bool:
        """Whether this step frees or deletes hooks: what came of them can be read no more afterwards."""
        return bool(self.release or self.delete_hooks)

    @property
    def is_final(self) -> bool:
        """Whether the operation has ended (hooks named here are still to be removed)."""
        return self.phase.is_final
