"""By what our comment on a request is found again, whoever writes there and whatever process we are.

Invariant: nobody without the services' secret makes a mark, and one that was copied is on a later comment, or
on one of somebody else's, and counts for nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from fairlead.preview.hosts.host import Comment
from fairlead.previews.markdown import Dialect

_PURPOSE: Final = b"fairlead: marks of previews\0"


def mark_of(secret: bytes, repository: str, number: int, dialect: Dialect) -> str:
    """The first line of our comment on one request, which readers do not see."""
    text = f"{repository}\0{number}".encode()
    digest = hmac.digest(secret, _PURPOSE + text, hashlib.sha256).hex()[:32]
    return f"<!-- fairlead-preview {digest} -->" if dialect.folds else f"[fairlead-preview]: # ({digest})"


def ours_among(comments: Sequence[Comment], mark: str) -> Comment | None:
    """The oldest comment that begins with the mark and is not known to be another's."""
    marked = (each for each in comments if each.body.lstrip().startswith(mark))
    return next((each for each in marked if each.is_ours is not False), None)


def is_equal(written: str, body: str) -> bool:
    """Whether a comment has these words, as hosts give them back."""
    return _plain(written) == _plain(body)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
