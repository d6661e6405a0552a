"""From a provider block to parameters: list, filter by repository, ask for branches, filter by branch.

Invariant: the order is that of the host's listing, and the same listing gives the same parameters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.hosts.errors import HostError
from fairlead.applicationset_controller.generating.hosts.pages import MOST_ITEMS, each
from fairlead.applicationset_controller.generating.hosts.visit import Visit
from fairlead.applicationset_controller.generating.parameters import Params
from fairlead.applicationset_controller.generating.scm import (
    azure_devops,
    bitbucket,
    bitbucket_server,
    codecommit,
    gitea,
    github,
    gitlab,
)
from fairlead.applicationset_controller.generating.scm.filters import Filters
from fairlead.applicationset_controller.generating.scm.found import Branch, Clone, Provider, Repository
from fairlead.applicationset_controller.generating.sources import Sources
from fairlead.applicationset_controller.templating.names import normalize
from fairlead.model.generators import ScmProviderGenerator

SECONDS: Final = 420.0
"""Seconds that all questions of one generator may take."""

_Opened = Callable[[Any, Visit, Clone], Awaitable[Provider]]
_PROVIDERS: Final[tuple[tuple[str, _Opened], ...]] = (
    ("github", github.opened),
    ("gitlab", gitlab.opened),
    ("gitea", gitea.opened),
    ("bitbucket_server", bitbucket_server.opened),
    ("azure_dev_ops", azure_devops.opened),
    ("bitbucket", bitbucket.opened),
    ("aws_code_commit", codecommit.opened),
)


async def repositories(
    spec: ScmProviderGenerator, sources: Sources, namespace: str, *, name: str = ""
) -> list[Params]:
    """One set of parameters for each repository, or branch; `namespace` and `name` are the set's.

    Raises GeneratorError: with less than everything there is nothing.
    """
    filters = Filters(spec.filters)
    visit = Visit(sources=sources, namespace=namespace, name=name)
    provider = await _provider(spec, visit)
    try:
        async with asyncio.timeout(SECONDS) as limit:
            return await _found(provider, filters)
    except TimeoutError:
        if not limit.expired():
            raise
        raise HostError(f"repositories are not listed within {SECONDS:g} s") from None


async def _provider(spec: ScmProviderGenerator, visit: Visit) -> Provider:
    clone = Clone(protocol=spec.clone_protocol)
    for field, opened in _PROVIDERS:
        block = getattr(spec, field)
        if block is not None:
            return await opened(block, visit, clone)
    raise GeneratorError("no SCM provider implementation configured")


async def _found(provider: Provider, filters: Filters) -> list[Params]:
    wanted = [found for found in await provider.repositories() if filters.may_take(found)]

    async def of(repository: Repository) -> list[Params]:
        branches = await provider.branches(repository)
        return [
            _params(repository, branch)
            for branch in branches
            if await filters.takes(provider, repository, branch)
        ]

    found = [params for some in await each(wanted, of) for params in some]
    if len(found) > MOST_ITEMS:
        raise HostError(f"{len(found)} branches are more than {MOST_ITEMS}: name fewer with branchMatch")
    return found


def _params(repository: Repository, branch: Branch) -> Params:
    return {
        "organization": repository.organization,
        "repository": repository.name,
        "repository_id": repository.id,
        "url": repository.url,
        "branch": branch.name,
        "branchNormalized": normalize(branch.name),
        "sha": branch.sha,
        "short_sha": branch.sha[:8],
        "short_sha_7": branch.sha[:7],
        "labels": ",".join(repository.labels),
    }
