"""What a payload comes to: which repositories may have moved, and which of their refs; or of which one the
requests to merge are others now."""

import msgspec


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of one repository, as many as the payload gives, and the refs said to have moved."""

    urls: tuple[str, ...]
    refs: tuple[str, ...] = ()


class MergeAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A pull or merge request came, went or became another one, in the repository with these addresses."""

    urls: tuple[str, ...]


Told = Push | MergeAsked

IGNORED: tuple[Push, ...] = ()
"""What a recognised event comes to that says nothing about a repository, such as a ping."""


MAX_REF = 1024
"""Characters of a ref's name; Git itself stores none that is longer than a path."""


def refs(*names: str | None) -> tuple[str, ...]:
    """Full names of refs; what is none is left out, which asks for all."""
    return tuple(dict.fromkeys(name for name in names if name and _is_ref(name)))


def _is_ref(name: str) -> bool:
    return name.startswith("refs/") and len(name) <= MAX_REF and name.isprintable()
