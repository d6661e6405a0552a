"""Gitea's API, and Forgejo's (docs.gitea.com/api)."""

from __future__ import annotations

from typing import Final

from fairlead.applicationset_controller.generating.hosts.door import Door
from fairlead.applicationset_controller.generating.hosts.shown import base_of
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.model.providers import PullRequestGitea, ScmGitea

NAME: Final = "Gitea"
QUERY: Final = (("limit", "50"),)
"""Items of a page: what Gitea gives at most unless its operator says otherwise."""
_API: Final = "/api/v1"


async def gitea(block: ScmGitea | PullRequestGitea, visit: Visit) -> Door:
    """The door of a set. Raises GeneratorError."""
    visit.admit(block.api)
    base = base_of(block.api).removesuffix(_API) + _API
    token = await visit.credentials.token(block.token_ref)
    return visit.hosts.door(
        NAME,
        base,
        authorization=f"token {token}" if token else "",
        insecure=block.insecure,
        authorities=await visit.authorities(),
    )
