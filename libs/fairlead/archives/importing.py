"""One import, done a slice at a time, so that large ones and small ones take turns.

Invariant: what ends without its commit leaves nothing behind, whoever gave it up and when.
"""

import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from fairlead.archives.files import File
from fairlead.archives.pack import COMMIT, PackWriter
from fairlead.archives.trees import EXECUTABLE, FILE, LINK, Tree, checked_target

SLICE = 8 << 20
"""Bytes of files after which others have their turn: a few tenths of a second."""
_WHO = b"fairlead <fairlead@localhost> 0 +0000"


class Import:
    """Files that become a commit in a repository."""

    def __init__(self, repository: Path, files: Iterable[File], message: str) -> None:
        self._files = iter(files)
        self._message = message
        self._root = Tree()
        self._pack = PackWriter(repository)
        self._held = ExitStack()
        self._turn = threading.Lock()
        self._is_open = False
        self._is_over = False

    def step(self) -> str | None:
        """Go on with it, in any thread; the commit once it is written, None as long as there is more.

        Raises ArchiveRefusedError or ImportFailedError, and is over then.
        """
        with self._turn:
            if self._is_over:
                return None
            try:
                commit = self._stepped()
            except BaseException:
                self._end()
                raise
            if commit is not None:
                self._end()
            return commit

    def end(self) -> None:
        """Give it up, if it is not over."""
        with self._turn:
            self._end()

    def _stepped(self) -> str | None:
        if not self._is_open:
            self._held.enter_context(self._pack)
            self._is_open = True
        done = 0
        for file in self._files:
            self._add(file)
            done += len(file.content)
            if done >= SLICE:
                return None
        commit = self._pack.add(COMMIT, _commit(self._root.write(self._pack.tree).hex(), self._message))
        self._pack.finish()
        return commit.hex()

    def _add(self, file: File) -> None:
        if file.same_as:
            self._root.add(file.path, *self._root.find(file.same_as))
        elif file.is_link:
            self._root.add(file.path, LINK, self._pack.blob(checked_target(file.path, file.content)))
        else:
            mode = EXECUTABLE if file.executable else FILE
            self._root.add(file.path, mode, self._pack.blob(file.content))

    def _end(self) -> None:
        self._is_over = True
        self._held.close()


def _commit(tree: str, message: str) -> bytes:
    said = message.replace("\0", "").encode(errors="replace")
    return b"tree %s\nauthor %s\ncommitter %s\n\n%s\n" % (tree.encode(), _WHO, _WHO, said)
