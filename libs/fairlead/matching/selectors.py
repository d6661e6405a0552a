"""Label selectors in Kubernetes' text form: `team=shop,tier in (web, api),!canary`.

Invariant: a selector that cannot be read is an error, never one that selects everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

_SET = re.compile(r"^(?P<key>[\w./-]+)\s+(?P<op>in|notin)\s+\((?P<values>[^()]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[\w./-]+)\s*(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)$")
_PRESENT = re.compile(r"^(?P<not>!?)\s*(?P<key>[\w./-]+)$")
MAX_SELECTOR = 8192
"""Characters of a label selector."""


class SelectorError(ValueError):
    """Not a label selector."""


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One of a label selector: the label has one of the values, or any when that is None; or does not."""

    key: str
    values: frozenset[str] | None = None
    is_negated: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are as it says."""
        has = self.key in labels and (self.values is None or labels[self.key] in self.values)
        return has is not self.is_negated


class Selector(msgspec.Struct, frozen=True):
    """All of these; none selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels are selected."""
        return all(each.matches(labels) for each in self.requirements)


def parse_selector(text: str) -> Selector:
    """The selector that a text is; "" selects everything. Raises SelectorError."""
    if len(text) > MAX_SELECTOR:
        raise SelectorError(f"the selector has more than {MAX_SELECTOR} characters")
    return Selector(tuple(_requirement(part.strip()) for part in _parts(text)) if text.strip() else ())


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
    raise SelectorError(f"unable to parse requirement: {text!r}")
