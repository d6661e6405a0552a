"""The shared page in which the engine says which file it is in.

It is plain shared memory, so it can still be read after the child was killed. Invariant: two bytes of
big-endian length, then that many bytes of the file's name.
"""

from __future__ import annotations

import mmap
import os

PAGE_BYTES = 4096


class StatusPage:
    """One page, written by the child that inherits `descriptor`."""

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("render-status")
        os.ftruncate(self.descriptor, PAGE_BYTES)
        self._memory = mmap.mmap(self.descriptor, PAGE_BYTES, prot=mmap.PROT_READ)

    @property
    def file(self) -> str:
        """The file the engine is in, or "" between files."""
        size = min(int.from_bytes(self._memory[:2], "big"), PAGE_BYTES - 2)
        return self._memory[2 : 2 + size].decode(errors="replace")

    def close(self) -> None:
        """Free the page."""
        self._memory.close()
        os.close(self.descriptor)
