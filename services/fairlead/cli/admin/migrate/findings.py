"""What is found of an installation: each in one of five degrees, about one thing, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec


class Degree(StrEnum):
    """From what needs nothing to what has to be seen to first."""

    WORKS = "works"
    DIFFERS = "differs"
    MISSING = "missing"
    FIGHTS = "fights"
    BLOCKS = "blocks"


MEANING = {
    Degree.WORKS: "works as it is",
    Degree.DIFFERS: "acts otherwise",
    Degree.MISSING: "does not act yet",
    Degree.FIGHTS: "would be fought over",
    Degree.BLOCKS: "to be seen to first",
}
ORDER = tuple(Degree)


class Finding(msgspec.Struct, frozen=True, order=True):
    """`area` is a word such as `settings`; `subject` names the object, "" for the installation."""

    degree: Degree
    area: str
    subject: str
    text: str


def worst(findings: Iterable[Finding]) -> Degree:
    """The gravest degree; WORKS of none."""
    return max((one.degree for one in findings), key=ORDER.index, default=Degree.WORKS)


def sorted_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The gravest first."""
    unique = dict.fromkeys(findings)
    return sorted(unique, key=lambda one: (-ORDER.index(one.degree), one.area, one.subject, one.text))


def as_document(findings: Iterable[Finding], **further: Any) -> dict[str, Any]:
    """The report as it is printed as JSON; its `version` changes when a field does."""
    found = list(findings)
    return {
        "version": 1,
        **further,
        "worst": worst(found).value,
        "counts": {degree.value: sum(one.degree is degree for one in found) for degree in Degree},
        "findings": [
            {"degree": one.degree.value, "area": one.area, "subject": one.subject, "text": one.text}
            for one in found
        ],
    }
