"""What a server over SSH means when it ends a command: forges say it in words of their own, on stderr."""

import re

from fairlead.git.errors import (
    MAX_DETAIL,
    AuthenticationError,
    GitError,
    GitTransientError,
    RepositoryNotFoundError,
)

_MISSING = re.compile(
    r"not found|not be found|does not exist|cannot find|no such (file|repo|project)|"
    r"does not appear to be a git repository",
    re.I,
)
_FORBIDDEN = re.compile(
    r"denied|not (allowed|authori[sz]ed|permitted)|unauthori[sz]ed|forbidden|permission", re.I
)


def refused(url: str, said: str) -> GitError:
    """The error that the server's words mean; `said` is free of control characters."""
    said = " ".join(said.split())[:MAX_DETAIL]
    if _MISSING.search(said):
        return RepositoryNotFoundError(f"repository not found: {url}: {said}")
    if _FORBIDDEN.search(said):
        return AuthenticationError(f"access refused by {url}: check the repository's SSH key: {said}")
    return GitTransientError(f"could not reach {url}: {said}")
