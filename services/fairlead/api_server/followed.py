"""Which repositories the Applications name: gathered once per change, not once per question.

Invariant: an answer is of the mirror as it is now.
"""

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.mirror import Mirror


class Followed:
    """The identities of all repositories, and charts of them, that Applications have as sources."""

    def __init__(self, applications: Mirror[ApplicationDocument]) -> None:
        self._applications = applications
        self._as_of = -1
        self._identities: frozenset[str] = frozenset()

    def names(self, repository: str) -> bool:
        """Whether an Application names the repository of an identity."""
        if self._as_of != self._applications.changed:
            self._as_of = self._applications.changed
            self._identities = frozenset().union(
                *(
                    {*document.repositories, *(followed for followed, _ in document.follows)}
                    for document in self._applications.unsorted()
                )
            )
        return repository in self._identities
