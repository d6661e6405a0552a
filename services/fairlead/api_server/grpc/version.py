"""Which clients are too old to be understood (contract 14, conventions)."""

import re

from fairlead.api_server.operations.refusal import Code, RefusalError

LEAST = (1, 4, 0)
_CLIENT = re.compile(r"\bargocd-client/v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


def require_client(user_agent: str) -> None:
    """Raises FAILED_PRECONDITION for a client of the command that is older than LEAST."""
    match = _CLIENT.search(user_agent)
    if match is not None and tuple(int(part) for part in match.groups()) < LEAST:
        least = ".".join(map(str, LEAST))
        words = f"unsatisfied client version constraint: client version {match[0]} is below {least}"
        raise RefusalError(Code.FAILED_PRECONDITION, words)
