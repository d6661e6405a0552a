"""What is wrong with single Applications of a set: names that come twice, projects and clusters not there.

Invariant: what is wrong with one costs no other anything; one that is there is neither changed nor deleted
for as long as something is wrong with it (contract 4, errors).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from fairlead.applicationset_controller.applying.wanted import Wanted
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.status import Destination

DEFAULT_PROJECT = "default"


def problems(
    aset: ApplicationSet,
    found: Sequence[Wanted],
    *,
    has_project: Callable[[str], bool],
    destination: Callable[[Destination], str],
) -> dict[str, str]:
    """What is wrong with Applications, by their names."""
    times = Counter(app.name for app in found)
    result: dict[str, str] = {}
    for app in found:
        if times[app.name] > 1:
            problem = (
                f"ApplicationSet {aset.metadata.name} contains applications with duplicate name: {app.name}"
            )
        else:
            problem = _problem(app, has_project, destination)
        if problem:
            result[app.name] = problem
    return result


def _problem(
    app: Wanted, has_project: Callable[[str], bool], destination: Callable[[Destination], str]
) -> str:
    project = app.spec.project or DEFAULT_PROJECT
    if not has_project(project):
        return f"application references project {project} which does not exist"
    wrong = destination(app.spec.destination)
    return f"application destination spec is invalid: {wrong}" if wrong else ""


def summed_up(found: Mapping[str, str]) -> str:
    """The first problem by name, and how many more there are."""
    if not found:
        return ""
    first = found[min(found)]
    return first if len(found) == 1 else f"{first} (and {len(found) - 1} more)"
