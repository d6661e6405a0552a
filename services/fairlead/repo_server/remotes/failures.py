"""Failures of chart repositories and registries as failures of repositories.

Invariant: what passes by itself stays what passes by itself, and the words stay theirs.
"""

import contextlib
from collections.abc import Iterator

from fairlead.charts import (
    ChartAccessError,
    ChartContentError,
    ChartError,
    ChartNotFoundError,
    ChartTransientError,
    ChartVersionError,
)
from fairlead.git import (
    AuthenticationError,
    GitError,
    GitInvalidError,
    GitTransientError,
    RepositoryNotFoundError,
)
from fairlead.oci import (
    OciAccessError,
    OciContentError,
    OciError,
    OciNotFoundError,
    OciTransientError,
)
from fairlead.repo_server.remotes.versions import VersionError

_OF_LOOKS: tuple[tuple[type[Exception], type[GitError]], ...] = (
    (ChartTransientError, GitTransientError),
    (OciTransientError, GitTransientError),
    (ChartAccessError, AuthenticationError),
    (OciAccessError, AuthenticationError),
    (ChartNotFoundError, RepositoryNotFoundError),
    (OciNotFoundError, RepositoryNotFoundError),
)
_OF_VERSIONS: tuple[tuple[type[Exception], type[GitError]], ...] = (
    (ChartVersionError, VersionError),
    (ChartNotFoundError, VersionError),
    (OciNotFoundError, VersionError),
    (ChartContentError, VersionError),
    (OciContentError, VersionError),
    *_OF_LOOKS,
)


@contextlib.contextmanager
def looking() -> Iterator[None]:
    """A remote is asked what it offers."""
    try:
        yield
    except (ChartError, OciError) as error:
        raise _told(error, _OF_LOOKS) from error


@contextlib.contextmanager
def taking() -> Iterator[None]:
    """One version is chosen or fetched."""
    try:
        yield
    except (ChartError, OciError) as error:
        raise _told(error, _OF_VERSIONS) from error


def _told(error: Exception, kinds: tuple[tuple[type[Exception], type[GitError]], ...]) -> GitError:
    kind = next((ours for theirs, ours in kinds if isinstance(error, theirs)), GitInvalidError)
    return kind(str(error))
