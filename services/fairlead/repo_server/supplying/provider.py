"""What a provider is asked and what it answers.

Invariant: nothing is obtained with credentials of a declared repository that the project of the application
does not permit.
"""

import hashlib
from pathlib import Path
from typing import Protocol

import msgspec

from fairlead.matching.project import permits_source
from fairlead.render import Want

OWN = ""
"""As a want's `from_`: the repository of the source itself."""
REF = "ref:"
"""How one begins that names another source, by its `ref`."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """A repository that something is named in: its address, and the commit in a bare repository of this disk.
    `depth` counts the submodules that lead to it."""

    url: str
    mirror: Path
    commit: str
    depth: int = 0


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """On whose behalf something is obtained.

    `source_repos` are the rules of the `project`; `url` is the address of the source, whose repository is
    rendered from `mirror` at `commit`. `origins` are other repositories that wants come from, by what these
    say of them: `ref:` and the name of another source, or the key of a supply. `fresh` asks to look again at
    what may have moved; `pass_credentials` (the source's `helm.passCredentials`) lets those of a chart
    repository go to other hosts that it names.
    """

    project: str
    source_repos: tuple[str, ...]
    url: str
    mirror: Path
    commit: str
    fresh: bool = False
    pass_credentials: bool = False
    origins: tuple[tuple[str, Origin], ...] = ()

    def origin(self, want: Want) -> Origin | None:
        """The repository in which a want is named; None for one that has no address."""
        if want.from_ == OWN:
            return Origin(url=self.url, mirror=self.mirror, commit=self.commit)
        return dict(self.origins).get(want.from_)

    def permits(self, url: str) -> bool:
        """Whether the project may deploy from an address, and so use the credentials that open it."""
        return permits_source(self.source_repos, url)

    def denies(self, url: str) -> bool:
        """Whether a rule of the project forbids an address, whatever else permits it."""
        denials = (rule for rule in self.source_repos if rule.startswith("!"))
        return not permits_source(("*", *denials), url)

    def may_have(self, opened: str) -> bool:
        """Whether what was made of an address that was opened may be this project's, too."""
        scope, _, url = opened.rpartition(" ")
        return scope in ("", self.project) and self.permits(url)


def rules_digest(project: str, source_repos: tuple[str, ...]) -> str:
    """Names a project and what it permits at this moment."""
    return hashlib.sha256("\n".join((project, *source_repos)).encode()).hexdigest()[:24]


def opened_at(url: str, scope: str) -> str:
    """An address that was read with credentials; `scope` is the project whose own they are, "" for shared."""
    return f"{scope} {url}" if scope else url


class Obtained(msgspec.Struct, frozen=True, kw_only=True):
    """A commit, a tree or a blob in a bare repository below the folder of the mirrors.

    What is not `settled` may be something else under the same name tomorrow. `opened` are the addresses that
    were read with credentials, as `opened_at` tells them: who may not read these may not have what was made
    of it. `origin` is set for a repository, so that what it names in its turn can be found.
    """

    mirror: Path
    object: str
    settled: bool = True
    opened: tuple[str, ...] = ()
    origin: Origin | None = None


class Provider(Protocol):
    """Obtains wants of one kind, each once for all who want it at the same time."""

    async def supply(self, want: Want, asker: Asker) -> Obtained:
        """What was wanted.

        Raises RenderInvalidError or RenderTransientError with what a person is to read, GitError, or
        TimeoutError.
        """
        ...
