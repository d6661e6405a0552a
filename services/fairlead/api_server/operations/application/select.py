"""Which applications a query means: name, project, label selector, repository.

The invariant: a selector that cannot be read selects nothing and is refused, never ignored.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

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


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One of a label selector: the label has one of the values, or any when that is None; or does not."""

    key: str
    values: frozenset[str] | None = None
    is_negated: bool = False

    def matches(self, labels: Labels) -> bool:
        """Whether labels are as it says."""
        has = self.key in labels and (self.values is None or labels[self.key] in self.values)
        return has is not self.is_negated


def requirements(selector: str) -> list[Requirement]:
    """What a label selector in Kubernetes' text form says; "" says nothing. Raises INVALID_ARGUMENT."""
    if len(selector) > MAX_SELECTOR:
        raise RefusalError(Code.INVALID_ARGUMENT, f"the selector has more than {MAX_SELECTOR} characters")
    return [_requirement(part.strip()) for part in _parts(selector)] if selector.strip() else []


def label_matcher(selector: str) -> Callable[[Labels], bool]:
    """A test for a label selector; "" takes everything. Raises INVALID_ARGUMENT."""
    tests = requirements(selector)
    return lambda labels: all(test.matches(labels) for test in tests)


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


def _requirement(text: str) -> Requirement:
    if match := _SET.match(text):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(key=match["key"], values=values, is_negated=match["op"] == "notin")
    if match := _EQUAL.match(text):
        values = frozenset({match["value"]})
        return Requirement(key=match["key"], values=values, is_negated=match["op"] == "!=")
    if match := _PRESENT.match(text):
        return Requirement(key=match["key"], is_negated=bool(match["not"]))
    raise RefusalError(Code.INVALID_ARGUMENT, f"unable to parse requirement: {text!r}")
