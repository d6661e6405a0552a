"""The annotations in which controllers note of an Application or a set what its status has no field for.

Invariant: nobody else writes them; whoever replaces an Application leaves them, and they are no change of it.
"""

from typing import Final

ATTEMPTED: Final = "fairlead.dev/attempted"
"""What the last operation deployed, or tried to."""
CLOCK: Final = "fairlead.dev/sync-clock"
"""Since when the attempt of an operation is at work and waits."""
LET_GO: Final = "fairlead.dev/prunes-let-go"
"""Which prunes were confirmed in an operation."""
DELETED_LATELY: Final = "fairlead.dev/deleted-lately"
"""Of an ApplicationSet: which of its Applications it deleted within the last hour, and nobody was asked."""
NOTED: Final = (ATTEMPTED, CLOCK, LET_GO, DELETED_LATELY)
