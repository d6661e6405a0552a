"""What is to be written: the rendered sets, found by their digests, and put as people read them.

Invariant: what is written under a digest has that digest, wherever it came from.
"""

import asyncio

from fairlead.events.envelope import decode
from fairlead.hydration.errors import TooMuchError
from fairlead.hydration.files import Folder
from fairlead.hydration.folders import clean_folders
from fairlead.hydration.manifest import manifest
from fairlead.process.rendered_sets import RenderedSets
from fairlead.rpc.hydration import MAX_PATHS, Hydrate, HydratedPath
from fairlead.rpc.rendered import RenderedSet

MAX_BYTES = 128 << 20
"""Bytes of all manifests of one request."""
AT_ONCE = 4
"""Sets that are read at once."""


class NotRenderedError(Exception):
    """A set that nobody has any more: it is to be rendered anew."""


async def gather(sets: RenderedSets, asked: Hydrate) -> list[Folder]:
    """The folders in their order. Raises HydrationError, NotRenderedError."""
    names = clean_folders((path.path for path in asked.paths), most=MAX_PATHS)
    places, left = asyncio.Semaphore(AT_ONCE), MAX_BYTES

    async def one(name: str, path: HydratedPath) -> Folder:
        nonlocal left
        async with places:
            packed = await sets.packed(path.digest, path.home or asked.dry.repo_url)
            if packed is None:
                raise NotRenderedError(f"the manifests for {name} are not there any more: render them again")
            left -= len(packed)
            if left < 0:
                raise TooMuchError(f"the manifests for one branch are larger than {MAX_BYTES >> 20} MiB")
            text = await asyncio.to_thread(_written, packed, path.digest)
        return Folder(path=name, manifest=text, commands=path.commands)

    pairs = zip(names, asked.paths, strict=True)
    return list(await asyncio.gather(*(one(name, path) for name, path in pairs)))


def _written(packed: bytes, digest: str) -> bytes:
    found = decode(RenderedSet, packed)
    if found.digest != digest:
        raise NotRenderedError(f"what is kept as {digest} is something else: render it again")
    return manifest(found.documents)
