"""The applications that a word of a search means: by what they say, by what they are at, and by its author.

The invariant: a word means an application for what may be read of it by whoever may see it, and nothing else;
of an author only by commits of repositories that the application follows and its project permits.
"""

import re
from collections.abc import Callable
from functools import partial

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.facets import REPO
from fairlead.api_server.operations.backend import Backend
from fairlead.matching.repository import without_password

_REVISION = re.compile(r"[0-9a-f]{4,64}")
LONG = 7
"""Hex digits from which revisions that are laid over are looked at too, which costs more."""


def meaning(backend: Backend) -> Callable[[str, int], int]:
    """Finds those of a set that a word means. Authors that are not known yet are found out for the next."""
    backend.commits.look(backend.mirrors.applications.unsorted())
    return partial(_saying, backend)


def _saying(backend: Backend, word: str, among: int) -> int:
    index = backend.mirrors.index
    found = index.saying((word,)) & among
    left = among & ~found
    authored = backend.commits.by(word)
    if left and authored:
        found |= index.where(lambda document: backend.commits.is_at(document, authored), left)
    if left and _REVISION.fullmatch(word):
        found |= _at(backend, word, left)
    return found


def _at(backend: Backend, word: str, among: int) -> int:
    """Those whose revision begins with some digits."""
    index, moved = backend.mirrors.index, backend.moved
    found = index.where(lambda document: _begins(document.revisions, word), among)
    if len(word) < LONG:
        return found
    repositories = [without_password(one) for one in moved.repositories_at(word)]
    left = among & ~found & index.of(REPO, repositories)

    def is_shown(document: ApplicationDocument) -> bool:
        return _begins(moved.shown(document).revisions, word)

    return found | index.where(is_shown, left)


def _begins(revisions: tuple[str, ...], word: str) -> bool:
    return any(one.startswith(word) for one in revisions)
