"""The annotations in which the controller notes of an Application what its status has no field for.

Invariant: nobody else writes them; whoever replaces an Application leaves them, and they are no change of it.
"""

from typing import Final

ATTEMPTED: Final = "fairlead.dev/attempted"
"""What the last operation deployed, or tried to."""
CLOCK: Final = "fairlead.dev/sync-clock"
"""Since when the attempt of an operation is at work and waits."""
LET_GO: Final = "fairlead.dev/prunes-let-go"
"""Which prunes were confirmed in an operation."""
NOTED: Final = (ATTEMPTED, CLOCK, LET_GO)
