"""What a pull request would do to a repository: where its commits are, and what their merge would be."""

from fairlead.events.envelope import Event

MERGE = "merge"
TIMEOUT = 55.0
"""Seconds: a first fetch of the commits may be waited for."""


class MergeRevisions(Event, frozen=True, kw_only=True):
    """Ask what the merge of the revision `head` into the branch `target`, "" for the default one, would be.

    Both are as a look at the remote finds them that begins after the question. It is opened as `project`
    may open it, "" for whoever asks in nobody's name.
    """

    repo_url: str
    project: str
    head: str
    target: str = ""


class MergedRevisions(Event, frozen=True, kw_only=True):
    """The commits. `merge` is the merge, as a revision that other questions take, and "" where there are
    `conflicts`; `base` is where both parted. `branch` is the target's name, `is_default` whether it is what
    HEAD means. `of_strangers` says that no branch or tag of the repository has the head."""

    target: str
    head: str
    base: str
    branch: str = ""
    is_default: bool = False
    merge: str = ""
    of_strangers: bool = False
    conflicts: tuple[str, ...] = ()
