"""What a remote says that it has.

Invariant: only branches, tags and the refs that were asked for by name count, and each is an object's id.
"""

import re

import msgspec

FOLLOWED = ("refs/heads/", "refs/tags/")
"""What a mirror holds of its remote, whoever asks for it."""
OBJECT_ID = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
OURS = "refs/fairlead/"
"""What a mirror holds for itself."""
MAX_REF = 1024
"""Characters of a ref's name."""
_STEP = re.compile(r"(?![.-])[^\x00-\x20~^:?*\[\\\x7f/]{1,200}(?<!\.)(?<!\.lock)")


REPLACED = "refs/replace/"
"""Refs by which git would show one object in the place of another."""


def is_beside(ref: str) -> bool:
    """Whether a text is the full name of a ref that is none of those every mirror holds, such as
    `refs/pull/7/head`: git takes it for a name, and it is a name of a file within the mirror."""
    steps = ref.split("/")
    return (
        len(ref) <= MAX_REF
        and len(steps) > 2
        and steps[0] == "refs"
        and not ref.startswith((*FOLLOWED, OURS, REPLACED))
        and all(_STEP.fullmatch(step) for step in steps)
        and ".." not in ref
        and "@{" not in ref
    )


def is_branch(name: str) -> bool:
    """Whether a text is the name of a branch that git takes, `main` for `refs/heads/main`."""
    return (
        0 < len(name) <= MAX_REF
        and not name.startswith("-")
        and name != "HEAD"
        and all(_STEP.fullmatch(step) for step in name.split("/"))
        and ".." not in name
        and "@{" not in name
    )


class Advertised(msgspec.Struct, frozen=True, kw_only=True):
    """The followed refs with what they point at (a tag object for annotated tags).

    `head` is the default branch's full ref, or a commit when the remote's HEAD is detached.
    """

    refs: dict[str, str]
    head: str = ""
