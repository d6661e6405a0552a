"""The generators of what is in a repository: Git's, and its twin for artifacts in registries.

Invariant: all files of one answer are of one commit, and each is read or the answer is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from fairlead.applicationset_controller.generating import paths
from fairlead.applicationset_controller.generating.errors import GeneratorError
from fairlead.applicationset_controller.generating.generation import Generation, aside
from fairlead.applicationset_controller.generating.parameters import Params
from fairlead.applicationset_controller.generating.sources import Place, Rights
from fairlead.matching.project import permits_source
from fairlead.matching.repository import without_password
from fairlead.model.generators import GitGenerator, OciGenerator


async def repository(block: GitGenerator | OciGenerator, generation: Generation) -> list[Params]:
    """One set for each directory, or each object in each file, that is named and not excluded."""
    generation.requeue(block.requeue_after_seconds)
    if not block.repo_url:
        raise GeneratorError("a generator of a repository has no repoURL")
    if not (block.directories or block.files):
        raise GeneratorError(f"the generator of {block.repo_url} names neither directories nor files")
    generation.watched.add((block.repo_url, block.revision))
    return await generation.with_values(
        await _sets(block, _place(block, generation), generation), block.values
    )


def _place(block: GitGenerator | OciGenerator, generation: Generation) -> Place:
    """With a project that parameters decide nothing is seen but what every project may see.

    Whoever may write sets in another namespace than the control plane's is no administrator, and reads what
    the project may deploy from: the rest is opened by credentials that are not theirs.
    """
    project, sources = generation.project, generation.sources
    is_ours = generation.namespace in ("", sources.namespace)
    if not (project or is_ours):
        raise GeneratorError(
            f"the template's project is a template itself, so it is not known which repositories sets of "
            f"namespace {generation.namespace} may read: name the project"
        )
    rights = sources.rights(project, generation.namespace, block.repo_url) if project else Rights()
    if not (is_ours or permits_source(rights.source_repos, block.repo_url)):
        url = without_password(block.repo_url)
        raise GeneratorError(
            f"project {project} does not permit repository {url}, so sets of namespace "
            f"{generation.namespace} do not read it"
        )
    return Place(repo_url=block.repo_url, revision=block.revision, project=project, rights=rights)


async def _sets(block: GitGenerator | OciGenerator, place: Place, generation: Generation) -> list[Params]:
    repositories, prefix, is_go = generation.sources.repositories, block.path_param_prefix, generation.is_go
    if block.directories:
        if block.files:
            generation.say(
                f"the generator of {block.repo_url} has directories, so its files are not looked at"
            )
        found = await repositories.directories(place, block.directories)
        return [paths.of_directory(path, prefix, is_go=is_go) for path in found]
    files = await repositories.files(place, block.files)
    size = sum(len(content) for _, content in files)
    return await aside(size, lambda: _of_files(files, prefix, is_go=is_go))


def _of_files(files: Sequence[tuple[str, bytes]], prefix: str, *, is_go: bool) -> list[Params]:
    return [params for path, content in files for params in paths.of_file(path, content, prefix, is_go=is_go)]
