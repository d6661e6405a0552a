"""What the milestones share, and what several of them do."""

from functools import partial
from pathlib import Path

import msgspec

from fairlead.local.demo.cluster import ClusterView
from fairlead.local.demo.story import Story
from fairlead.local.git_server import GitServer
from fairlead.local.pushing import Hook
from fairlead.local.registry import RegistryServer
from fairlead.local.ssh_server import SshServer
from fairlead.local.work_repo import WorkRepo


class Stage(msgspec.Struct, kw_only=True):
    """The guide's repositories are made in its milestone 2; `hook` is told of pushes to the registry."""

    story: Story
    view: ClusterView
    git: GitServer
    ssh: SshServer
    registry: RegistryServer
    hook: Hook
    folder: Path
    namespace: str
    login: str
    password: str
    repos: dict[str, WorkRepo] = {}
    commits: dict[str, str] = {}


async def make_repository(stage: Stage, name: str) -> WorkRepo:
    """A new repository on the stage's server, and a clone to work in."""
    url = await stage.git.create(name)
    stage.repos[name] = await WorkRepo.clone(url, stage.folder / name)
    return stage.repos[name]


async def until_settled(stage: Stage, app: str, revision: str = "") -> None:
    """Wait until an Application is Synced and Healthy, at a commit when one is given."""
    await stage.story.check(
        f"{app} is Synced and Healthy" + (f" at {revision[:7]}" if revision else ""),
        partial(stage.view.application, app, "Synced", "Healthy", revision),
    )
