"""What is wrong with a sourceHydrator before anything is rendered: its shape, and what its project permits.

Invariant: pure; every refusal is one sentence in the contract's words (2.3), the same for the API and for the
controller.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.hydration.errors import PathRefusedError
from fairlead.hydration.folders import clean_folder
from fairlead.matching.project import is_source_permitted
from fairlead.matching.repository import identity, without_password
from fairlead.model.appproject import AppProject
from fairlead.model.source import SourceHydrator

_BRANCH = "refs/heads/"


def shape_problems(hydrator: SourceHydrator) -> list[str]:
    """What is missing, or else what cannot be."""
    problems = []
    if not hydrator.dry_source.repo_url:
        problems.append("spec.sourceHydrator.drySource.repoURL is required")
    if not hydrator.sync_source.target_branch:
        problems.append("spec.sourceHydrator.syncSource.targetBranch is required")
    if hydrator.hydrate_to is not None and not hydrator.hydrate_to.target_branch:
        problems.append(
            "when spec.sourceHydrator.hydrateTo is set, "
            "spec.sourceHydrator.hydrateTo.targetBranch is required"
        )
    return problems or [*_misspelt(hydrator)]


def forbidden(project: AppProject, hydrator: SourceHydrator) -> list[str]:
    """Which of its two repositories the project does not permit."""
    name, found = project.metadata.name, list[str]()
    dry, written = hydrator.dry_source.repo_url, hydrator.write_url
    if not is_source_permitted(project, dry):
        found.append(f"application repo {without_password(dry)} is not permitted in project '{name}'")
    if not is_source_permitted(project, written):
        found.append(f"sync source repo {without_password(written)} is not permitted in project '{name}'")
    return found


def is_written(hydrator: SourceHydrator, ref: str) -> bool:
    """Whether a full ref of the dry repository is the branch that is written to."""
    is_same = identity(hydrator.dry_source.repo_url) == identity(hydrator.write_url)
    return is_same and ref == _BRANCH + hydrator.written_branch


def into_itself(hydrator: SourceHydrator) -> str:
    """What is said where that is so."""
    return (
        f"spec.sourceHydrator: branch {hydrator.written_branch} would be hydrated into itself; give the "
        "dry source and what is written to different branches"
    )


def _misspelt(hydrator: SourceHydrator) -> Iterator[str]:
    """What is there, and cannot be; one application's fault does not become all others' of its branch."""
    revision = hydrator.dry_source.target_revision
    if is_written(hydrator, _BRANCH + revision.removeprefix(_BRANCH)):
        yield into_itself(hydrator)
    branches = {"syncSource": hydrator.sync_source.target_branch}
    if hydrator.hydrate_to is not None:
        branches["hydrateTo"] = hydrator.hydrate_to.target_branch
    for field, branch in branches.items():
        if branch.startswith("refs/"):
            yield (
                f"spec.sourceHydrator.{field}.targetBranch is the name of a branch, such as env/prod, and "
                f"not that of a ref, {branch}"
            )
    try:
        clean_folder(hydrator.sync_source.path)
    except PathRefusedError as error:
        yield f"spec.sourceHydrator.syncSource.path: {error}"
