"""Bare repositories for what comes from elsewhere, one for each place and for who may look there.

Invariant: what was opened with a project's own credentials lies where nobody else's does. A shelf that is not
used is tidied away like any mirror that nobody wants; what was on it is fetched anew.
"""

import hashlib
import os
from pathlib import Path

from fairlead.archives import create_repository
from fairlead.git.refs import PIN

PREFIX = "supply-"


class Shelves:
    """Shelves in the `folder` of the mirrors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def of(self, kind: str, place: str, scope: str) -> Path:
        """The repository for a place, seen with the credentials of a scope; it is there, and counts as used
        now. Blocks for less than a millisecond. Raises ImportFailedError."""
        shelf = self._folder / self.name(kind, place, scope)
        create_repository(shelf)
        os.utime(shelf)
        return shelf

    @staticmethod
    def name(kind: str, place: str, scope: str) -> str:
        """The name of its folder."""
        return PREFIX + hashlib.sha256(f"{kind}\n{place}\n{scope}".encode()).hexdigest()[:24]


def lies_on(shelf: Path, oid: str) -> bool:
    """Whether what was put on a shelf is there still, which counts as used now.

    It may have been tidied away, or wiped with its disk, and begun anew for something else since.
    """
    try:
        os.utime(shelf)
    except OSError:
        return False
    return (shelf / f"{PIN}{oid}").is_file()
