"""Health scripts as argocd-cm configures them (contract 8.3, 8.4): which one judges a kind.

Invariant: the exact kind's script comes before one that matches it; an empty one counts as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from hashlib import sha256

import msgspec


class HealthRule(msgspec.Struct, frozen=True, kw_only=True):
    """The Lua that judges a kind, and whether it may use the string, math and coroutine libraries."""

    script: str
    is_open: bool = False

    @property
    def digest(self) -> str:
        """Names the rule: results of another one do not hold."""
        return sha256(f"{self.is_open}\0{self.script}".encode()).hexdigest()[:16]


def health_rule(
    scripts: Mapping[str, str], open_libs: Iterable[tuple[str, str]], group: str, kind: str
) -> HealthRule | None:
    """The rule of a kind; `scripts` are by `group/Kind`, which may hold `*`."""
    name = f"{group}/{kind}"
    script = scripts.get(name) or next(
        (text for pattern, text in scripts.items() if text and fnmatchcase(name, pattern)), ""
    )
    if not script:
        return None
    return HealthRule(script=script, is_open=is_open(open_libs, group, kind))


def is_open(open_libs: Iterable[tuple[str, str]], group: str, kind: str) -> bool:
    """Whether scripts of a kind may use all libraries; `open_libs` are kinds, which may hold `*`."""
    return any(fnmatchcase(f"{group}/{kind}", f"{among}/{of}") for among, of in open_libs)
