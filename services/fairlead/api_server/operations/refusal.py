"""Why a request was refused: a code of gRPC and words for a person.

RefusalError      policy: invalid for the caller's mistakes, transient for UNAVAILABLE, ABORTED and deadlines

The invariant: the code decides what a client does, the words are for people; nothing matches the words.
"""

from enum import IntEnum

from fairlead.kube import errors as kube
from fairlead.kube.codes import code_title


class Code(IntEnum):
    """The codes of gRPC that are used."""

    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    UNAUTHENTICATED = 16

    @property
    def title(self) -> str:
        """The code as gRPC prints it: `FailedPrecondition`."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @classmethod
    def titled(cls, title: str) -> "Code":
        """The code of a printed name; UNKNOWN when there is none."""
        return _BY_TITLE.get(title, cls.UNKNOWN)


_BY_TITLE = {code.title: code for code in Code}


class RefusalError(Exception):
    """The request is not carried out."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def of_kube(error: kube.KubeError) -> RefusalError:
    """A refusal in the API server's own words (contract 14, conventions)."""
    return RefusalError(Code.titled(code_title(error)), error.message)
