"""What a remote says that it has.

Invariant: only branches and tags count, and each is an object's id.
"""

import re

import msgspec

FOLLOWED = ("refs/heads/", "refs/tags/")
"""What a mirror holds of its remote."""
OBJECT_ID = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")


class Advertised(msgspec.Struct, frozen=True, kw_only=True):
    """The followed refs with what they point at (a tag object for annotated tags).

    `head` is the default branch's full ref, or a commit when the remote's HEAD is detached.
    """

    refs: dict[str, str]
    head: str = ""
