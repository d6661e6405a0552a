"""Names that become parts of an address.

Invariant: a name is one step of a path, and a path leads downwards: neither changes what is asked for.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fairlead.applicationset_controller.generating.errors import GeneratorError

MOST: Final = 1024
"""Characters."""
_STEPS: Final = frozenset({"", ".", ".."})


def segment(what: str, text: str) -> str:
    """A name as one step. Raises GeneratorError for what is no name; `what` is its field."""
    name = text.strip().strip("/")
    if name in _STEPS or len(name) > MOST or not name.isprintable():
        raise GeneratorError(f"{what} is no name" if text.strip() else f"{what} is missing")
    return quote(name, safe="")


def below(what: str, text: str) -> str:
    """A path of several steps, as it is written. Raises GeneratorError."""
    path = text.strip().strip("/")
    if len(path) > MOST or not path.isprintable() or any(step in _STEPS for step in path.split("/")):
        raise GeneratorError(f"{what}: {text[:80]!r} is no path within a repository")
    return path
