"""Which applications a query means: name, project, label selector, repository.

The invariant: a selector that cannot be read selects nothing and is refused, never ignored.
"""

from collections.abc import Callable, Mapping

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application.requests import ApplicationQuery
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import identity
from fairlead.matching.selectors import Requirement, SelectorError, parse_selector

Labels = Mapping[str, str]


def chosen(query: ApplicationQuery, documents: list[ApplicationDocument]) -> list[ApplicationDocument]:
    """The documents a query means, in their order."""
    matches = matcher(query)
    return [document for document in documents if matches(document)]


def matcher(query: ApplicationQuery) -> Callable[[ApplicationDocument], bool]:
    """A test for one query. Raises INVALID_ARGUMENT for an unreadable selector."""
    labels = label_matcher(query.selector)
    projects = query.wanted_projects
    names = _names(query)
    repository = identity(query.repo) if query.repo else ""

    def matches(document: ApplicationDocument) -> bool:
        return (
            (not names or document.name in names)
            and query.app_namespace in ("", document.namespace)
            and (not projects or document.project in projects)
            and (not repository or repository in document.repositories)
            and labels(document.labels)
        )

    return matches


def named(query: ApplicationQuery) -> Callable[[ApplicationDocument], bool] | None:
    """A test that is cheap and never false of what the query means; None when it names none."""
    names = _names(query)
    return (lambda document: document.name in names) if names else None


def requirements(selector: str) -> tuple[Requirement, ...]:
    """What a label selector in Kubernetes' text form says; "" says nothing. Raises INVALID_ARGUMENT."""
    try:
        return parse_selector(selector).requirements
    except SelectorError as error:
        raise RefusalError(Code.INVALID_ARGUMENT, str(error)) from error


def label_matcher(selector: str) -> Callable[[Labels], bool]:
    """A test for a label selector; "" takes everything. Raises INVALID_ARGUMENT."""
    tests = requirements(selector)
    return lambda labels: all(test.matches(labels) for test in tests)


def _names(query: ApplicationQuery) -> set[str]:
    return {query.name, *(name.rpartition("/")[2] for name in query.names)} - {""}
