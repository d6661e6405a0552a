"""Git: remotes through the `git` program, mirrors on disk, objects read straight from them.

The invariant: what a person or a repository wrote never becomes an option, a configuration value, a file
name or a protocol of a `git` process; and no credential is ever in an argument, on disk or in an error.
"""

from fairlead.git.credentials import Credential
from fairlead.git.errors import (
    AuthenticationError,
    GitError,
    GitInvalidError,
    GitTransientError,
    HostKeyError,
    MirrorCorruptError,
    RepositoryNotFoundError,
    RevisionError,
    UnsupportedCredentialError,
    UrlRefusedError,
)
from fairlead.git.mirror import Mirror, MovedRef
from fairlead.git.program import GitProgram

__all__ = [
    "AuthenticationError",
    "Credential",
    "GitError",
    "GitInvalidError",
    "GitProgram",
    "GitTransientError",
    "HostKeyError",
    "Mirror",
    "MirrorCorruptError",
    "MovedRef",
    "RepositoryNotFoundError",
    "RevisionError",
    "UnsupportedCredentialError",
    "UrlRefusedError",
]
