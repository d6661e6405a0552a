"""What is wrong with a sourceHydrator before anything is rendered: its shape, and what its project permits.

Invariant: pure; every refusal is one sentence in the contract's words (2.3), the same for the API and for the
controller.
"""

from __future__ import annotations

from fairlead.matching.project import is_source_permitted
from fairlead.matching.repository import identity, without_password
from fairlead.model.appproject import AppProject
from fairlead.model.source import SourceHydrator


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
    if not problems and _hydrates_itself(hydrator):
        problems.append(
            f"spec.sourceHydrator: branch {hydrator.written_branch} would be hydrated into itself; give the "
            "dry source and what is written to different branches"
        )
    return problems


def forbidden(project: AppProject, hydrator: SourceHydrator) -> list[str]:
    """Which of its two repositories the project does not permit."""
    name, found = project.metadata.name, list[str]()
    dry, written = hydrator.dry_source.repo_url, hydrator.write_url
    if not is_source_permitted(project, dry):
        found.append(f"application repo {without_password(dry)} is not permitted in project '{name}'")
    if not is_source_permitted(project, written):
        found.append(f"sync source repo {without_password(written)} is not permitted in project '{name}'")
    return found


def _hydrates_itself(hydrator: SourceHydrator) -> bool:
    dry = hydrator.dry_source
    is_same = identity(dry.repo_url) == identity(hydrator.write_url)
    return is_same and dry.target_revision.removeprefix("refs/heads/") == hydrator.written_branch
