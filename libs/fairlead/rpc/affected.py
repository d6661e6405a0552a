"""Which applications a change in Git affects, by what their renders read: nothing is rendered to know it.

Asked of every owner of a partition: a repository's files may be read by applications of all.
"""

import msgspec

from fairlead.events.envelope import Event

AFFECTED = "affected"
TIMEOUT = 50.0
"""Seconds: a first fetch of a commit may be waited for."""
MAX_PATHS = 20
"""Paths that are told of one application."""


class AffectedBy(Event, frozen=True, kw_only=True):
    """Ask who is affected by what differs between two revisions of a repository.

    Without `old` it is what each application is at. `target` leaves out those that follow another revision;
    only applications of the partition `part` are meant.
    """

    part: str
    repo_url: str
    new: str
    old: str = ""
    target: str = ""


class AffectedApplication(msgspec.Struct, frozen=True, kw_only=True):
    """One of them: the revision that a source of it follows, and the first of the paths it read that differ.

    `paths` is empty, and `is_sure` false, when it is not known what it reads at `old`. `project` is its
    project, "" from an owner that does not tell it.
    """

    namespace: str
    name: str
    target_revision: str
    paths: tuple[str, ...] = ()
    more: int = 0
    is_sure: bool = True
    project: str = ""


class Followers(msgspec.Struct, frozen=True, kw_only=True):
    """How many applications of a project follow a revision of the repository."""

    project: str
    target_revision: str
    count: int


class AffectedApplications(Event, frozen=True, kw_only=True):
    """Those that the owner answers for, and how many there are that might have been."""

    applications: tuple[AffectedApplication, ...] = ()
    followers: tuple[Followers, ...] = ()
