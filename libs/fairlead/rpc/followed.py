"""What a revision means that a hydrator follows: subject `rpc.repo.<partition>.follow-revision`.

A question makes the revision one of interest to somebody for a while: each commit that is found there is
announced as `commit.detected`. Invariant: it is answered by one look, and renders nothing.
"""

from fairlead.events.envelope import Event

FOLLOW = "follow-revision"
TIMEOUT = 60.0
"""Seconds; a first clone may be waited for."""
AS_FETCHED = 1e9
"""As `max_age`: whatever the mirror has is good enough, if it has anything."""


class FollowRevision(Event, frozen=True, kw_only=True):
    """Ask for the commit that a revision means, by a look at most `max_age` seconds old; 0 asks for one that
    begins after the question."""

    repo_url: str
    project: str
    revision: str = ""
    max_age: float = 0.0


class FollowedRevision(Event, frozen=True, kw_only=True):
    """`date` is RFC 3339; `author` is `Name <address>`; `ref` is the full ref that the revision means, "" for
    a commit that was named itself."""

    commit: str
    author: str
    date: str
    message: str
    ref: str = ""
