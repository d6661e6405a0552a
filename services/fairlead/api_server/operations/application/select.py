"""Which applications a query means: name, project, label selector, repository.

The invariant: a selector that cannot be read selects nothing and is refused, never ignored.
"""

import re
from collections.abc import Callable, Mapping

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application.requests import ApplicationQuery
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.matching.repository import identity

Labels = Mapping[str, str]

_SET = re.compile(r"^(?P<key>[\w./-]+)\s+(?P<op>in|notin)\s+\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[\w./-]+)\s*(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)$")
_PRESENT = re.compile(r"^(?P<not>!?)\s*(?P<key>[\w./-]+)$")
MAX_SELECTOR = 8192
"""Characters of a label selector; the request line itself has at most twice as many."""


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


def label_matcher(selector: str) -> Callable[[Labels], bool]:
    """A test for a label selector in Kubernetes' text form; "" takes everything."""
    if len(selector) > MAX_SELECTOR:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the selector has more than {MAX_SELECTOR} characters")
    tests = [_requirement(part.strip()) for part in _parts(selector)] if selector.strip() else []
    return lambda labels: all(test(labels) for test in tests)


def _names(query: ApplicationQuery) -> set[str]:
    return {query.name, *(name.rpartition("/")[2] for name in query.names)} - {""}


def _parts(selector: str) -> list[str]:
    """What stands between commas outside of brackets, in one pass."""
    parts, start, depth = [], 0, 0
    for index, letter in enumerate(selector):
        if letter == "," and depth <= 0:
            parts.append(selector[start:index])
            start = index + 1
        depth += (letter == "(") - (letter == ")")
    return [*parts, selector[start:]]


def _requirement(text: str) -> Callable[[Labels], bool]:
    if match := _SET.match(text):
        key, values = match["key"], {value.strip() for value in match["values"].split(",")}
        if match["op"] == "in":
            return lambda labels: key in labels and labels[key] in values
        return lambda labels: labels.get(key) not in values
    if match := _EQUAL.match(text):
        key, value = match["key"], match["value"]
        if match["op"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if match := _PRESENT.match(text):
        key, wanted = match["key"], not match["not"]
        return lambda labels: (key in labels) is wanted
    raise RefusalError(Code.INVALID_ARGUMENT, f"unable to parse requirement: {text!r}")
