"""Answers for who asks and waits: manifests, the story of a commit, whether a repository can be used.

Invariant: a question costs what it asks for and changes nothing that applications follow.
"""

import msgspec

from fairlead.bus import Handler, RemoteError
from fairlead.events import Cause, SignaturesDemanded, SourcesWanted, decode
from fairlead.events.envelope import encode
from fairlead.events.sources import UNVERIFIED
from fairlead.git import GitError, GitInvalidError
from fairlead.git.history import describe
from fairlead.git.revisions import Resolved
from fairlead.render import Lane, RenderError
from fairlead.repo_server.answering.respond import AS_FETCHED, Responder
from fairlead.repo_server.remotes.mirrors import Mirrors
from fairlead.repo_server.remotes.repository import Repository
from fairlead.repo_server.rendering.attempt import Asked
from fairlead.repo_server.rendering.detect import source_type
from fairlead.repo_server.rendering.integrity import Integrity
from fairlead.repo_server.rendering.located import Located
from fairlead.repo_server.rendering.render import Produced, Renderer, SourceError
from fairlead.repo_server.rendering.sets import Sets
from fairlead.repo_server.rendering.wish import InvalidWishError
from fairlead.rpc import (
    DescribeRevision,
    FetchedManifests,
    FetchManifests,
    GeneratedManifests,
    GenerateManifests,
    LookAtRepository,
    LookedAtRepository,
    RenderedSet,
    RenderedSource,
    RevisionDescription,
    TestedRepository,
    TestRepository,
    repo,
)
from fairlead.signatures.finding import described

SMALL_SET = 512 << 10
"""Bytes of manifests that are sent along with the answer."""
LARGEST_SET = 7 << 20
"""Bytes of manifests that a message holds, when the cache does not have them."""
_INVALID = "InvalidArgument"
_UNAVAILABLE = "Unavailable"


class Answerer:
    """Answers what is asked of the owner of a repository."""

    def __init__(
        self,
        *,
        mirrors: Mirrors,
        renderer: Renderer,
        responder: Responder,
        sets: Sets,
        integrity: Integrity,
    ) -> None:
        self._integrity = integrity
        self._mirrors = mirrors
        self._renderer = renderer
        self._responder = responder
        self._sets = sets

    def verbs(self) -> dict[str, Handler]:
        """What is answered, by verb."""
        return {
            repo.GENERATE: self.generate,
            repo.FETCH: self.fetch,
            repo.DESCRIBE: self.describe,
            repo.TEST: self.test,
            repo.LOOK: self.look,
        }

    async def generate(self, _: str, payload: bytes) -> bytes:
        """`GenerateManifests` → `GeneratedManifests`. Refusals carry the failure's text."""
        asked = decode(GenerateManifests, payload)
        wish = _with_revisions(asked)
        located: list[Located] = []
        try:
            await self._responder.locate(wish, 0.0, Cause.REFRESH, located)
            how = Asked(
                anew=asked.no_cache,
                hard=asked.no_cache,
                lane=Lane.QUESTION,
                is_aside=any(asked.revisions),
                of_strangers=asked.of_strangers,
            )
            produced = await self._renderer.produce(wish, located, how)
        except (SourceError, GitError, InvalidWishError) as error:
            raise _refusal(error) from error
        return encode(await self._generated(located, produced))

    async def fetch(self, _: str, payload: bytes) -> bytes:
        """`FetchManifests` → `FetchedManifests`, for who cannot reach the cache."""
        packed = await self._sets.get(decode(FetchManifests, payload).digest)
        if packed is None or len(packed) >= LARGEST_SET:
            return encode(FetchedManifests())
        return encode(FetchedManifests(documents=decode(RenderedSet, packed).documents))

    async def describe(self, _: str, payload: bytes) -> bytes:
        """`DescribeRevision` → `RevisionDescription`."""
        asked = decode(DescribeRevision, payload)
        try:
            repository = self._mirrors.of(asked.repo_url, asked.project)
            await self._looked(repository, AS_FETCHED)
            found = await repository.resolve(asked.revision)
            told = await describe(repository.mirror, found.commit)
            signature, problems = await self._signed(asked.signatures, repository, found)
        except (GitError, RenderError) as error:
            raise _refusal(error) from error
        return encode(
            RevisionDescription(
                author=told.author,
                date=told.date,
                message=told.message,
                tags=told.tags,
                signature=signature,
                problems=problems,
            )
        )

    async def _signed(
        self, demanded: SignaturesDemanded | None, repository: Repository, found: Resolved
    ) -> tuple[str, tuple[str, ...] | None]:
        """What is said of a commit's signature, and the problems with it where signatures are demanded."""
        if demanded is None:
            return "", None
        text = described(await self._integrity.finding(repository.mirror, found.commit))
        if demanded.problem:
            return text, (demanded.problem,)
        problems = await self._integrity.problems(demanded, repository, found)
        return text, tuple(one.removeprefix(UNVERIFIED) for one in problems)

    async def test(self, _: str, payload: bytes) -> bytes:
        """`TestRepository` → `TestedRepository`; what is wrong with the repository is an answer."""
        asked = decode(TestRepository, payload)
        try:
            return encode(await self._tested(asked))
        except (GitError, InvalidWishError) as error:
            return encode(TestedRepository(problem=str(error)))

    async def look(self, _: str, payload: bytes) -> bytes:
        """`LookAtRepository` → `LookedAtRepository`. Refusals carry the failure's text."""
        asked = decode(LookAtRepository, payload)
        try:
            repository = self._mirrors.of(
                asked.repo_url, asked.project, asked.chart, pass_credentials=asked.pass_credentials
            )
            await repository.ensure(0.0, Cause.RESYNC)
        except GitError as error:
            raise _refusal(error) from error
        return encode(LookedAtRepository(look=repository.look, settled=repository.mirror.settled))

    async def _tested(self, asked: TestRepository) -> TestedRepository:
        repository = self._mirrors.of(
            asked.repo_url, asked.project, asked.chart, pass_credentials=asked.pass_credentials
        )
        if not (asked.revision or asked.path):
            await repository.advertised()
            return TestedRepository()
        await self._looked(repository, 0.0)
        found = await repository.resolve(asked.revision)
        tool, problem = "", ""
        if asked.path:
            tool, problem = await source_type(
                repository.mirror, found.commit, asked.path, self._renderer.disabled
            )
        return TestedRepository(problem=problem, revision=found.revision, source_type=tool)

    @staticmethod
    async def _looked(repository: Repository, max_age: float) -> None:
        await repository.mirror.open()
        if repository.mirror.is_empty or max_age != AS_FETCHED:
            await repository.ensure(max_age, Cause.REFRESH)

    async def _generated(self, located: list[Located], produced: Produced) -> GeneratedManifests:
        stored = await self._sets.get(produced.digest)
        largest = LARGEST_SET if self._sets.holds(produced.digest) else SMALL_SET
        documents = decode(RenderedSet, stored).documents if stored and len(stored) < largest else None
        sources = tuple(
            RenderedSource(revision=found.revision, commit=found.commit, source_type=tool)
            for found, tool in zip(located, produced.source_types, strict=True)
        )
        return GeneratedManifests(digest=produced.digest, sources=sources, documents=documents)


def _with_revisions(asked: GenerateManifests) -> SourcesWanted:
    """The wish with the revisions that the question overrides; "" leaves one as it is."""
    given = dict(enumerate(asked.revisions))
    sources = tuple(
        msgspec.structs.replace(source, target_revision=given.get(place) or source.target_revision)
        for place, source in enumerate(asked.wanted.sources)
    )
    return msgspec.structs.replace(asked.wanted, sources=sources)


def _refusal(error: Exception) -> RemoteError:
    cause = error.error if isinstance(error, SourceError) else error
    transient = isinstance(cause, GitError) and not isinstance(cause, GitInvalidError)
    if isinstance(cause, RenderError):
        return RemoteError("Unknown", str(cause))
    return RemoteError(_UNAVAILABLE if transient else _INVALID, str(cause))
