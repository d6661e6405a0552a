"""A request to an extension that is not passed on, in the contract's words."""

from fairlead.api_server.operations.refusal import Code, RefusalError

_CODES = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    404: Code.NOT_FOUND,
    408: Code.DEADLINE_EXCEEDED,
    413: Code.RESOURCE_EXHAUSTED,
    429: Code.RESOURCE_EXHAUSTED,
    501: Code.UNIMPLEMENTED,
    502: Code.UNAVAILABLE,
    504: Code.DEADLINE_EXCEEDED,
}


class RefusedError(Exception):
    """It is answered with a status and plain words."""

    def __init__(self, status: int, words: str, code: Code | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.refusal = RefusalError(code or _CODES[status], words)
