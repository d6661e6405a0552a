"""What a host of source code did not answer.

HostError          asked in vain: unreachable, refused, asked too often, not understood, too long
├── MissingError   404 or 410: it knows nothing there, or hides it
└── UnsettledError a listing that changed while it was read
"""

from __future__ import annotations

from fairlead.applicationset_controller.generating.errors import SourceError


class HostError(SourceError):
    """The words are for whoever wrote the set; `status` is the answer's, 0 without one."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


class MissingError(HostError):
    """Nothing is there; `body` is what the host says of it, its beginning."""

    def __init__(self, words: str, status: int = 404, body: bytes = b"") -> None:
        super().__init__(words, status)
        self.body = body

    def says(self, *words: str) -> bool:
        """Whether the host names one of these as what is missing."""
        return any(word.encode() in self.body for word in words)


class UnsettledError(HostError):
    """Two walks over a listing that never agreed."""
