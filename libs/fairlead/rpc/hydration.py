"""What the commit server answers, which alone pushes: subjects `rpc.commit.<partition>.<verb>`, the partition
being that of the repository that is written to.

Order is that of looks: who asks reads the head of the branch, looks at the dry source after that, and says
with what it wants written which head it read, and which dry commit that stood for. A branch that is elsewhere
by then, or stands for another dry commit, is not written to: one that changes no manifest leaves the branch
where it was. So what was decided first and arrives last overtakes nothing, whoever pushes.
"""

import msgspec

from fairlead.events.envelope import Event

HEAD = "head"
HYDRATE = "hydrate"
HEAD_TIMEOUT = 30.0
"""Seconds to read where a branch is."""
TIMEOUT = 150.0
"""Seconds to read a branch, and to write and push to it."""
PATIENCE = 10.0
"""Seconds for which nobody owns a repository, when its owner was killed."""
MAX_PATHS = 5000
"""Paths of one request."""


class WriteBranch(Event, frozen=True, kw_only=True):
    """Ask where the branch is that `target_branch` names in the repository that is written to."""

    project: str
    repo_url: str
    sync_branch: str
    target_branch: str


class WriteBranchHead(Event, frozen=True, kw_only=True):
    """`head` is the commit that the next one is put upon: that of the target branch, else of the sync branch,
    else "". `is_there` says whether the target branch is.

    `dry_sha` is the dry commit that it was made from, by its note, else by its root `hydrator.metadata`,
    else "".
    """

    head: str = ""
    is_there: bool = False
    dry_sha: str = ""


class DryCommit(msgspec.Struct, frozen=True, kw_only=True):
    """What is hydrated. `author` is `Name <address>`, `date` RFC 3339, `message` the whole of it."""

    repo_url: str
    sha: str
    author: str = ""
    date: str = ""
    message: str = ""


class HydratedPath(msgspec.Struct, frozen=True, kw_only=True):
    """What one application's folder is to hold: the rendered set of this digest.

    `home` is the address of the dry repository, whose repo-server has the set when the cache has not.
    `commands` are what a person runs to get the same.
    """

    path: str
    digest: str
    home: str = ""
    commands: tuple[str, ...] = ()


class Authoring(msgspec.Struct, frozen=True, kw_only=True):
    """Who commits, and the Go templates of what is said; "" is what is said by itself (argocd-cm)."""

    name: str = "Argo CD"
    email: str = "argo-cd@example.com"
    message_template: str = ""
    readme_template: str = ""


class Hydrate(Event, frozen=True, kw_only=True):
    """Ask that the branch holds these folders, made from that dry commit.

    `project` is the one whose write credentials are used, `target_branch` that of `hydrateTo`, else the sync
    branch. `expected_head` is the `WriteBranchHead.head` that was read before the dry source was looked at,
    `expected_dry_sha` the `dry_sha` that was told with it; None does not ask for it.
    """

    project: str
    repo_url: str
    sync_branch: str
    target_branch: str
    expected_head: str
    dry: DryCommit
    paths: tuple[HydratedPath, ...]
    authoring: Authoring = Authoring()
    expected_dry_sha: str | None = None


class Hydrated(Event, frozen=True, kw_only=True):
    """`hydrated_sha` is where the branch is; `pushed` says whether that is a commit of this request.

    With `overtaken` the branch was not at the expected head, and nothing was written: read it again.
    """

    hydrated_sha: str = ""
    pushed: bool = False
    overtaken: bool = False
