"""What a commit's tree lacks for who reads all of it: submodules, with theirs, and files of Git LFS.

The engine asks for what it meets; a process or a plugin cannot ask, so all of it is obtained before.
"""

from collections.abc import AsyncIterator, Iterator

import msgspec

from fairlead.git import GitProgram
from fairlead.render import RenderInvalidError, RenderRequest, Want
from fairlead.repo_server.rendering.tree import Entry, Graft, contents, listed_raw
from fairlead.repo_server.supplying.provider import OWN, Asker, Origin
from fairlead.repo_server.supplying.supply import Supplied, Supplier

MOST = 1000
"""Submodules and files of one tree."""
POINTER = b"version https://git-lfs.github.com/spec/"
POINTER_BYTES = 1024
"""A pointer is smaller."""


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the tree's places, and the addresses that were opened for it with credentials."""

    grafts: dict[str, Graft] = {}
    opened: tuple[str, ...] = ()


class Wholes:
    """Makes trees whole."""

    def __init__(self, program: GitProgram, supplier: Supplier) -> None:
        self._program = program
        self._supplier = supplier

    async def lacking(self, request: RenderRequest, asker: Asker) -> Lacking:
        """All that the tree of a request lacks and may have. Raises RenderError, GitError."""
        if not (request.submodules or request.lfs):
            return Lacking()
        supplied, grafts = Supplied(), dict[str, Graft]()
        here = Origin(url=asker.url, mirror=request.mirror, commit=request.commit)
        waiting: list[tuple[str, str, Origin]] = [("", OWN, here)]
        while waiting:
            prefix, key, origin = waiting.pop()
            wants = [(want, entry) async for want, entry in self._wants(request, prefix, key, origin)]
            if len(grafts) + len(wants) > MOST:
                text = f"the repository has more than {MOST} submodules and files of Git LFS"
                raise RenderInvalidError(text, code="limit")
            found = await self._supplier.obtain(tuple(want for want, _ in wants), supplied.seen(asker))
            supplied.obtained |= found
            for want, entry in wants:
                one = found[want.key]
                is_executable = entry.is_executable
                grafts[want.file] = Graft(mirror=one.mirror, object=one.object, is_executable=is_executable)
                if want.kind == "submodule" and one.origin is not None:
                    waiting.append((f"{want.file}/", want.key, one.origin))
        return Lacking(grafts=grafts, opened=supplied.opened)

    async def _wants(
        self, request: RenderRequest, prefix: str, key: str, origin: Origin
    ) -> AsyncIterator[tuple[Want, Entry]]:
        entries, links = await listed_raw(self._program, origin.mirror, origin.commit)
        for entry in links if request.submodules else ():
            file = f"{prefix}{entry.path}"
            want = Want(
                key=f"whole submodule {key} {entry.path} {entry.oid}",
                kind="submodule",
                file=file,
                from_=key,
                refusal=f"{file} is a submodule, and submodules are not fetched",
                path=entry.path,
                oid=entry.oid,
            )
            yield want, entry
        small = [entry for entry in entries if not entry.is_link and entry.size < POINTER_BYTES]
        async for batch in contents(self._program, small if request.lfs else ()):
            for entry, body in batch:
                for oid, size in _pointed(body):
                    want = Want(
                        key=f"whole lfs {key} {entry.path} {oid}",
                        kind="lfs",
                        file=f"{prefix}{entry.path}",
                        from_=key,
                        refusal=f"{prefix}{entry.path} is a file of Git LFS, which is not fetched",
                        path=entry.path,
                        oid=oid,
                        size=size,
                    )
                    yield want, entry


def _pointed(body: bytes) -> Iterator[tuple[str, int]]:
    """The digest and size that a pointer names; nothing for any other file."""
    if not body.startswith(POINTER):
        return
    lines = dict(line.partition(b" ")[::2] for line in body.splitlines())
    oid, size = lines.get(b"oid", b"").decode(errors="replace"), lines.get(b"size", b"")
    if oid.startswith("sha256:") and len(oid) == 71 and size.isdigit():
        yield oid.removeprefix("sha256:"), int(size)
