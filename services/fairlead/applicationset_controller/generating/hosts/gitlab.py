"""GitLab's API, version 4 (docs.gitlab.com/api)."""

from __future__ import annotations

from typing import Final

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.shown import base_of
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.model.providers import PullRequestGitlab, ScmGitlab

NAME: Final = "GitLab"
PUBLIC: Final = "https://gitlab.com"
_API: Final = "/api/v4"


async def gitlab(block: ScmGitlab | PullRequestGitlab, visit: Visit) -> Door:
    """The door of a set. Raises GeneratorError."""
    visit.admit(block.api)
    base = base_of(block.api, PUBLIC).removesuffix(_API) + _API
    authorities = await visit.authorities(block.ca_ref)
    token = await visit.credentials.token(block.token_ref)
    return visit.hosts.door(
        NAME,
        base,
        headers={"PRIVATE-TOKEN": token} if token else {},
        insecure=block.insecure,
        authorities=authorities,
    )
