"""The generators that ask hosts of source code, as one generation asks them."""

from __future__ import annotations

from fairlead.applicationset_controller.generating.generation import LATER, Generation
from fairlead.applicationset_controller.generating.parameters import Params, shown
from fairlead.applicationset_controller.generating.pull_requests.pull_requests import pull_requests
from fairlead.applicationset_controller.generating.scm.repositories import repositories
from fairlead.model.generators import PullRequestGenerator, ScmProviderGenerator


async def of_repositories(block: ScmProviderGenerator, generation: Generation) -> list[Params]:
    """One set for each repository, or branch, of a host."""
    generation.requeue(block.requeue_after_seconds, LATER)
    found = await repositories(block, generation.sources, generation.namespace, name=generation.name)
    return await generation.with_values(_told(found, generation), block.values)


async def of_pull_requests(block: PullRequestGenerator, generation: Generation) -> list[Params]:
    """One set for each pull request; its labels are for Go templates alone."""
    generation.requeue(block.requeue_after_seconds, LATER)
    found = await pull_requests(block, generation.sources, generation.namespace, name=generation.name)
    return await generation.with_values(_told(found, generation), block.values)


def _told(found: list[Params], generation: Generation) -> list[Params]:
    if generation.is_go:
        return found
    return [
        {key: shown(value) for key, value in params.items() if not isinstance(value, list)}
        for params in found
    ]
