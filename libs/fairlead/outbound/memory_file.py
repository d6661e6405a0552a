"""A file that is in memory alone, for programs and libraries that take a secret only by a path.

Invariant: its content is never on a disk, and ends with the last descriptor.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def memory_file(content: str) -> Iterator[tuple[str, int]]:
    """Its path, for this process and for children that inherit the descriptor, and the descriptor."""
    descriptor = os.memfd_create("fairlead", os.MFD_CLOEXEC)
    try:
        os.fchmod(descriptor, 0o600)
        view = memoryview(content.encode())
        while view:
            view = view[os.write(descriptor, view) :]
        yield f"/proc/self/fd/{descriptor}", descriptor
    finally:
        os.close(descriptor)
