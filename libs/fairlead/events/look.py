"""When a commit was what a revision meant: which mirror looked at the remote, and how often before.

A total order on commits does not exist in Git (a force-push, a revert, a deleted branch); the order that
counts is the order of looks at the remote.
"""

import msgspec


class Look(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One look. In one `epoch` (an opening of a mirror) the higher `number` saw the later state.

    Number 0 is what the mirror remembered when it was opened. No epoch: no look matters, as the revision is
    the commit itself.
    """

    epoch: str = ""
    number: int = 0
