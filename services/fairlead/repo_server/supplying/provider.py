"""What a provider is asked and what it answers.

Invariant: nothing is obtained with credentials of a declared repository that the project of the application
does not permit.
"""

from pathlib import Path
from typing import Protocol

import msgspec

from fairlead.matching.project import permits_source
from fairlead.render import Want


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf something is obtained.

    `source_repos` are the rules of the `project`; `url` is the address of the source, whose repository is
    rendered from `mirror` at `commit`. `fresh` asks to look again at what may have moved; `pass_credentials`
    (the source's `helm.passCredentials`) lets those of a chart repository go to other hosts that it names.
    """

    project: str
    source_repos: tuple[str, ...]
    url: str
    mirror: Path
    commit: str
    fresh: bool = False
    pass_credentials: bool = False

    def permits(self, url: str) -> bool:
        """Whether the project may deploy from an address, and so use the credentials that open it."""
        return permits_source(self.source_repos, url)


class Obtained(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, a tree or a blob in a bare repository below the folder of the mirrors.

    What is not `settled` may be something else under the same name tomorrow. `opened` are the addresses that
    were read with credentials: who is not permitted these may not have what was made of it.
    """

    mirror: Path
    object: str
    settled: bool = True
    opened: tuple[str, ...] = ()


class Provider(Protocol):
    """Obtains wants of one kind, each once for all who want it at the same time."""

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """What was wanted.

        Raises RenderInvalidError or RenderTransientError with what a person is to read, GitError, or
        TimeoutError.
        """
        ...
