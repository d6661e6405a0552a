"""Where a symbolic link of a commit leads.

Invariant: it leads to a file of the same repository at the same commit, or to an error.
"""

from __future__ import annotations

from fairlead.git.objects import Objects
from fairlead.git.tree import kind_of
from fairlead.matching.links import HOPS
from fairlead.repo_server.answering.walk import DIRECTORY, LINK, SUBMODULE, Folder, Met


class LinkError(Exception):
    """A link that leads nowhere, or where it may not."""


async def followed(objects: Objects, root: Folder, link: Met) -> str | None:
    """The id of the file that a link leads to, None where it is a directory. Raises LinkError, GitError."""
    if link.mirror != root.origin.mirror:
        raise LinkError(f"{link.path} is a link in a submodule, which is not followed")
    at = link.path.split("/")[:-1]
    waiting = list(reversed((await _target(objects, link.oid)).split("/")))
    hops = 1
    while waiting:
        step = waiting.pop()
        if step in ("", "."):
            continue
        if step == "..":
            if not at:
                raise LinkError(f"{link.path} is a link that leads out of the repository")
            at.pop()
            continue
        kind, oid = await _found(objects, root.oid, (*at, step), link.path)
        if kind == LINK:
            hops += 1
            if hops > HOPS:
                raise LinkError(f"{link.path} is a link that leads in a circle")
            waiting += reversed((await _target(objects, oid)).split("/"))
            continue
        at.append(step)
        if kind not in (DIRECTORY, SUBMODULE):
            if waiting:
                raise LinkError(f"{link.path} is a link that leads nowhere")
            return oid
    return None


async def _target(objects: Objects, oid: str) -> str:
    [body] = await objects.contents([oid], "blob")
    target = body.decode(errors="replace")
    if target.startswith("/"):
        raise LinkError(f"a link leads out of the repository, to {target[:200]!r}")
    return target


async def _found(objects: Objects, root: str, names: tuple[str, ...], link: str) -> tuple[str, str]:
    """Kind and id of what is at a path."""
    kind, oid = DIRECTORY, root
    for name in names:
        if kind != DIRECTORY:
            raise LinkError(f"{link} is a link that leads nowhere")
        [tree] = await objects.trees([oid])
        mode, binary = tree.get(name.encode())
        if not binary:
            raise LinkError(f"{link} is a link that leads nowhere")
        kind, oid = kind_of(mode), binary.hex()
    return kind, oid
