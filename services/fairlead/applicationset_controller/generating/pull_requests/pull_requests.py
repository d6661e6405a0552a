"""From a provider block to parameters: list, then filter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.errors import HostError, MissingError
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.parameters import Params
from fairlead.applicationset_controller.generating.pull_requests import (
    azure_devops,
    bitbucket,
    bitbucket_server,
    gitea,
    github,
    gitlab,
)
from fairlead.applicationset_controller.generating.pull_requests.filters import Filters
from fairlead.applicationset_controller.generating.pull_requests.found import Provider, PullRequest
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.applicationset_controller.templating.names import slugify
from fairlead.model.generators import PullRequestGenerator

log = structlog.get_logger(__name__)

SECONDS: Final = 300.0
"""Seconds that all questions of one generator may take."""
SLUG: Final = 50
"""Characters of a slug."""

_Opened = Callable[[Any, Visit], Awaitable[Provider]]
_PROVIDERS: Final[tuple[tuple[str, _Opened], ...]] = (
    ("github", github.opened),
    ("gitlab", gitlab.opened),
    ("gitea", gitea.opened),
    ("bitbucket_server", bitbucket_server.opened),
    ("bitbucket", bitbucket.opened),
    ("azuredevops", azure_devops.opened),
)


async def pull_requests(
    spec: PullRequestGenerator, sources: Sources, namespace: str, *, name: str = ""
) -> list[Params]:
    """One set of parameters for each request; `namespace` and `name` are the set's.

    `labels` is a list, for Go templates. Raises GeneratorError: with less than everything there is nothing.
    """
    filters = Filters(spec.filters)
    provider = await _provider(spec, Visit(sources=sources, namespace=namespace, name=name))
    try:
        async with asyncio.timeout(SECONDS) as limit:
            found = await provider.pull_requests()
    except TimeoutError:
        if not limit.expired():
            raise
        raise HostError(f"pull requests are not listed within {SECONDS:g} s") from None
    except MissingError as error:
        if not spec.continue_on_repo_not_found_error:
            raise
        log.warning("sets.pull_requests.no_repository", set=name, namespace=namespace, reason=str(error))
        return []
    return [_params(each) for each in found if filters.take(each)]


async def _provider(spec: PullRequestGenerator, visit: Visit) -> Provider:
    for field, opened in _PROVIDERS:
        block = getattr(spec, field)
        if block is not None:
            return await opened(block, visit)
    raise GeneratorError("no Pull Request provider implementation configured")


def _params(found: PullRequest) -> Params:
    return {
        "number": str(found.number),
        "title": found.title,
        "branch": found.branch,
        "branch_slug": slugify(found.branch, most=SLUG, smart=True),
        "target_branch": found.target,
        "target_branch_slug": slugify(found.target, most=SLUG, smart=True),
        "head_sha": found.sha,
        "head_short_sha": found.sha[:8],
        "head_short_sha_7": found.sha[:7],
        "author": found.author,
        "labels": list(found.labels),
    }
