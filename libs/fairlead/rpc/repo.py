"""What the repo-server that owns a repository answers: subjects `rpc.repo.<partition>.<verb>`."""

from fairlead.events.envelope import Event
from fairlead.events.look import Look
from fairlead.events.sources import SignaturesDemanded, SourcesWanted

GENERATE = "generate-manifests"
FETCH = "fetch-manifests"
DESCRIBE = "describe-revision"
TEST = "test-repository"
LOOK = "look"
TIMEOUT = 60.0
"""Seconds a render may take (contract 21)."""
PATIENCE = 10.0
"""Seconds for which nobody owns a repository, when its owner was killed."""


class GenerateManifests(Event, frozen=True, kw_only=True):
    """Render now, for somebody who waits. `revisions` overrides the sources' target revisions in order.

    They are resolved by a look at the remote that begins after the question. What is `of_strangers` is
    rendered from the one source alone: no plugin runs, no credentials are shown, nothing is decrypted.
    """

    wanted: SourcesWanted
    revisions: tuple[str, ...] = ()
    no_cache: bool = False
    of_strangers: bool = False


class RenderedSource(Event, frozen=True, kw_only=True):
    """What one source came to; `revision` is what people are told, `commit` what was rendered."""

    revision: str
    source_type: str
    commit: str = ""


class GeneratedManifests(Event, frozen=True, kw_only=True):
    """The rendered set is in the cache under `digest`; a small one is also here."""

    digest: str
    sources: tuple[RenderedSource, ...]
    documents: tuple[bytes, ...] | None = None


class LookAtRepository(Event, frozen=True, kw_only=True):
    """Ask for a look at the remote, or at a chart of it, that begins after the question."""

    repo_url: str
    project: str
    chart: str = ""
    pass_credentials: bool = False


class LookedAtRepository(Event, frozen=True, kw_only=True):
    """That look. Since look `settled` of its epoch every look has found the same."""

    look: Look
    settled: int


class FetchManifests(Event, frozen=True, kw_only=True):
    """Ask for a rendered set that was announced, when the cache cannot be reached."""

    digest: str


class FetchedManifests(Event, frozen=True, kw_only=True):
    """`documents` are those of the set, None when it is not held here or does not fit a message."""

    documents: tuple[bytes, ...] | None = None


class DescribeRevision(Event, frozen=True, kw_only=True):
    """Ask for the author, date, tags and message of a commit; of its signature where those are demanded."""

    repo_url: str
    project: str
    revision: str
    signatures: SignaturesDemanded | None = None


class RevisionDescription(Event, frozen=True, kw_only=True):
    """`date` is RFC 3339; `author` is `Name <address>`; `signature` are words, and `problems` what keeps the
    commit from being deployed, None where no signature is demanded."""

    author: str
    date: str
    message: str
    tags: tuple[str, ...] = ()
    signature: str = ""
    problems: tuple[str, ...] | None = None


class TestRepository(Event, frozen=True, kw_only=True):
    """Ask whether a repository can be reached, and whether a path exists at a revision."""

    __test__ = False

    repo_url: str
    project: str
    revision: str = ""
    path: str = ""
    chart: str = ""
    pass_credentials: bool = False


class TestedRepository(Event, frozen=True, kw_only=True):
    """`problem` is "" when all that was asked holds; `source_type` is the tool the path asks for."""

    __test__ = False

    problem: str = ""
    revision: str = ""
    source_type: str = ""
