"""The text of a policy, read: rules by subject, and who takes whose role.

The invariant: one line that is none spoils the whole text. Half a policy is never in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

import msgspec

from fairlead.rbac import line as csv
from fairlead.rbac.errors import PolicyError

ALLOW, DENY = "allow", "deny"
P_FIELDS, G_FIELDS = 6, 3
MAX_TEXT = 4 << 20
"""Characters of a policy; a ConfigMap holds a quarter of it."""


class Mode(StrEnum):
    """How patterns are compared: as globs, or as regular expressions found anywhere."""

    GLOB = "glob"
    REGEX = "regex"


class Rule(NamedTuple):
    """A `p` line without its subject."""

    resource: str
    action: str
    object: str
    effect: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules by subject, and the roles that each subject takes."""

    rules: dict[str, tuple[Rule, ...]] = {}
    roles: dict[str, tuple[str, ...]] = {}


EMPTY = Policy()


def parse(text: str) -> Policy:
    """The policy of a text. Raises PolicyError."""
    if len(text) > MAX_TEXT:
        raise PolicyError(f"(longer than {MAX_TEXT} characters)")
    rules: dict[str, list[Rule]] = {}
    roles: dict[str, list[str]] = {}
    for line in lines(text):
        found = _read(line)
        if found[0] == "p":
            rules.setdefault(found[1], []).append(Rule(*found[2:]))
        else:
            roles.setdefault(found[1], []).append(found[2])
    return _policy(rules, roles)


def lines(text: str) -> Iterator[str]:
    """The lines that say something."""
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield stripped


def together(policies: Iterable[Policy]) -> Policy:
    """Several policies as one."""
    rules: dict[str, list[Rule]] = {}
    roles: dict[str, list[str]] = {}
    for policy in policies:
        for subject, more in policy.rules.items():
            rules.setdefault(subject, []).extend(more)
        for subject, taken in policy.roles.items():
            roles.setdefault(subject, []).extend(taken)
    return _policy(rules, roles)


def _policy(rules: dict[str, list[Rule]], roles: dict[str, list[str]]) -> Policy:
    return Policy(
        rules={subject: tuple(dict.fromkeys(found)) for subject, found in rules.items()},
        roles={subject: tuple(dict.fromkeys(found)) for subject, found in roles.items()},
    )


def _read(line: str) -> list[str]:
    try:
        found = csv.fields(line)
    except ValueError:
        raise PolicyError(line) from None
    if (found[0], len(found)) not in (("p", P_FIELDS), ("g", G_FIELDS)):
        raise PolicyError(line)
    return found
