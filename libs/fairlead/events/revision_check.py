"""A ref of a repository may have moved: somebody should ask the remote."""

from fairlead.events.cause import Cause
from fairlead.events.envelope import Event


class RevisionCheck(Event, frozen=True, kw_only=True):
    """Asks the repo-server to look at a repository. A forged one costs a look.

    `repository` is the identity of the repository: `host/path`, lower case, without user, port and `.git`.
    `told_at` is when the first to say so did, "" when that is not known.
    `refs` are the refs said to have moved (full names); empty means all that are followed.
    """

    repository: str
    refs: tuple[str, ...] = ()
    cause: Cause = Cause.WEBHOOK
    told_at: str = ""
