"""What is in a repository at a revision, for generators: subjects `rpc.repo.<partition>.<verb>`.

The remote is looked at anew for each question. A long answer comes in pages of one commit: `commit` and
`after` ask for the next, of what the first page's look found and verified.
"""

import msgspec

from fairlead.events.envelope import Event
from fairlead.events.sources import SignaturesDemanded

DIRECTORIES = "list-directories"
FILES = "read-files"
TIMEOUT = 60.0
"""Seconds; a first clone may be waited for."""
MOST_PATTERNS = 256
PAGE_DIRECTORIES = 10_000
PAGE_BYTES = 4 << 20
"""Of the content of files in one answer."""
PAGE_FILES = 5_000


class PathPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A glob of directories or files, taken or left out; one that leaves out wins."""

    path: str
    exclude: bool = False


class InTree(Event, frozen=True, kw_only=True):
    """Ask what a repository has at a revision, as a project may see it.

    `source_repos` are the project's rules, by which submodules are opened with credentials. `globstar` takes
    `**` for any number of directories and `*` for one name, for files.
    """

    repo_url: str
    revision: str
    project: str
    patterns: tuple[PathPattern, ...]
    source_repos: tuple[str, ...] = ()
    signatures: SignaturesDemanded | None = None
    submodules: bool = True
    globstar: bool = False
    commit: str = ""
    after: str = ""


class ListedDirectories(Event, frozen=True, kw_only=True):
    """The directories in order; `more` follow the last."""

    commit: str
    directories: tuple[str, ...] = ()
    more: bool = False


class FileContent(msgspec.Struct, frozen=True, array_like=True):
    """A file and what it holds."""

    path: str
    content: bytes


class FilesRead(Event, frozen=True, kw_only=True):
    """The files in order; `more` follow the last."""

    commit: str
    files: tuple[FileContent, ...] = ()
    more: bool = False
