"""What a set depends on, from what it says and what it came to."""

from __future__ import annotations

from fairlead.applicationset_controller.applying.validate import DEFAULT_PROJECT
from fairlead.applicationset_controller.drawing import Drawing
from fairlead.applicationset_controller.following.concerns import Depends, repositories, selectors
from fairlead.applicationset_controller.following.leaves import leaves
from fairlead.model.applicationset import ApplicationSet


def needs(aset: ApplicationSet, drawing: Drawing) -> Depends:
    """Of a set that was generated."""
    namespace, problems = aset.metadata.namespace, drawing.plan.problems
    watched = ((it.repo_url, it.revision) for it in drawing.generated.watched)
    return Depends(
        repositories=repositories(watched),
        selectors=selectors(aset),
        projects=frozenset(app.spec.project or DEFAULT_PROJECT for app in drawing.wanted),
        names=frozenset((namespace, name) for name in drawing.blocked),
        destinations=bool(problems),
    )


def blind(aset: ApplicationSet) -> Depends:
    """Of a set that could not be generated: what it says itself."""
    watched = []
    for generator in leaves(aset.spec.generators):
        found = generator.git or generator.oci
        if found is not None and "{{" not in found.repo_url:
            watched.append((found.repo_url, found.revision))
    project = aset.spec.template.spec.project or DEFAULT_PROJECT
    return Depends(
        repositories=repositories(watched),
        selectors=selectors(aset),
        projects=frozenset({project}),
        destinations=True,
    )
