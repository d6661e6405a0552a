"""A repo-server in small: what a repository holds is set by the test; answers go the way the real ones go."""

import asyncio
import hashlib
import itertools
from functools import reduce
from operator import xor
from typing import Any

import msgspec

from fairlead.bus import Bus, Message, RemoteError
from fairlead.bus.topology import CAPABILITIES_BUCKET, SETTINGS_BUCKET, SOURCES_BUCKET, repo_renders
from fairlead.cache import Cache, keys
from fairlead.events import (
    Capabilities,
    Cause,
    Look,
    ManifestsRendered,
    PublicEventType,
    RenderFailure,
    RenderRequested,
    RevisionCheck,
    RevisionMoved,
    SourcesWanted,
    Trace,
    subjects,
    trace,
)
from fairlead.events.envelope import decode, encode
from fairlead.events.public import repository_event
from fairlead.events.story import CommitDetectedData
from fairlead.matching.repository import identity, token
from fairlead.rpc import (
    GeneratedManifests,
    GenerateManifests,
    LookAtRepository,
    LookedAtRepository,
    RenderedSet,
    RenderedSource,
    beliefs,
)
from fairlead.rpc.beliefs import CompareBeliefs, ComparedBeliefs, fingerprint, unpacked
from fairlead.rpc.followed import FOLLOW, FollowedRevision, FollowRevision
from fairlead.rpc.repo import GENERATE, LOOK

Document = dict[str, Any]


class Renderer:
    """Renders by looking up what a test committed. `requests` are the renders that were asked for."""

    def __init__(self, bus: Bus, cache: Cache) -> None:
        self._bus = bus
        self._cache = cache
        self.wishes = bus.key_value(SOURCES_BUCKET)
        self.settings = bus.key_value(SETTINGS_BUCKET)
        self._numbers = itertools.count(1)
        self._looks: dict[str, int] = {}
        self.epoch = "first"
        self.looked: list[LookAtRepository] = []
        self.is_away = False
        self._heads: dict[str, str] = {}
        self._contents: dict[tuple[str, str], list[Document] | RenderFailure] = {}
        self._wishes: dict[tuple[str, str], SourcesWanted] = {}
        self.requests: list[RenderRequested] = []
        self.silent = False
        self.charts: set[str] = set()
        self.followed: list[FollowRevision] = []
        self.generated: list[GenerateManifests] = []
        self.broken: dict[str, str] = {}
        self.checked: list[RevisionCheck] = []

    async def capabilities(self, app: str, namespace: str) -> Capabilities:
        """What the application's wish says that its cluster serves."""
        digest = (await self.wish(app, namespace)).capabilities
        found = await self._bus.key_value(CAPABILITIES_BUCKET).get(digest)
        assert found is not None
        assert found.value is not None
        return decode(Capabilities, found.value)

    async def wish(self, app: str, namespace: str) -> SourcesWanted:
        """What is stored of the application."""
        entry = await self.wishes.get(subjects.app_tokens(namespace, app))
        assert entry is not None
        assert entry.value is not None
        return decode(SourcesWanted, entry.value)

    async def run(self) -> None:
        await self._bus.serve(subjects.rpc_repo("*", GENERATE), self._generate)
        await self._bus.serve(subjects.rpc_repo("*", LOOK), self._look)
        await self._bus.serve(subjects.rpc_repo("*", FOLLOW), self._follow)
        await self._bus.hear(f"{subjects.REVISION_CHECK}.*.*", self._checked)
        await self._bus.serve(subjects.rpc_repo("*", beliefs.COMPARE), self._compare)
        async with asyncio.TaskGroup() as group:
            for part in subjects.PARTITIONS:
                group.create_task(self._bus.consume(repo_renders(part), self._requested))

    def holds(self, repo: str, content: list[Document] | RenderFailure) -> str:
        """The repository has this at its head from now on; the commit."""
        revision = hashlib.sha1(f"{repo}{next(self._numbers)}".encode()).hexdigest()  # noqa: S324
        self._heads[repo] = revision
        self._looks[repo] = self._looks.get(repo, 0) + 1
        self._contents[repo, revision] = content
        return revision

    async def commit(self, repo: str, content: list[Document] | RenderFailure) -> str:
        """A commit is detected: every application of the repository gets its manifests."""
        revision = self.holds(repo, content)
        with trace.following(Trace.start()):
            for wish in list(self._wishes.values()):
                if wish.sources[0].repo_url == repo:
                    await self._answer(wish, Cause.WEBHOOK, level=2)
        return revision

    async def move(self, repo: str, *, shard: int) -> str:
        """A commit that changes nothing for anybody."""
        old = self._heads[repo]
        new = self.holds(repo, self._contents[repo, old])
        event = RevisionMoved(repository=identity(repo), ref="HEAD", old=old, new=new)
        await self._bus.publish(subjects.revision_moved(shard, identity(repo)), event)
        return new

    async def _requested(self, message: Message) -> None:
        request = message.event(RenderRequested)
        self.requests.append(request)
        if self.silent:
            return
        entry = await self.wishes.get(subjects.app_tokens(request.namespace, request.name))
        if entry is None or entry.value is None:
            return
        wish = decode(SourcesWanted, entry.value)
        self._wishes[wish.namespace, wish.name] = wish
        await self._answer(wish, request.cause, level=int(request.level), question=request.question)

    async def say(
        self, name: str, revision: str, *, epoch: str, number: int, question: int = 0, level: int = 2
    ) -> None:
        """Any answer for an application: late, repeated, of another replica."""
        wish = next(wish for wish in self._wishes.values() if wish.name == name)
        look = Look(epoch=epoch, number=number)
        await self._answer(wish, Cause.WEBHOOK, level=level, question=question, revision=revision, look=look)

    async def detect(self, repo: str) -> None:
        """Say that a ref of the repository moved, as the real ones do before they advance anybody."""
        await self._bus.tell(
            repository_event(
                PublicEventType.COMMIT_DETECTED,
                service="repo-server",
                repository=identity(repo),
                trace=Trace.start(),
                data=CommitDetectedData(repo_url=repo, ref="refs/heads/main", cause="webhook"),
            )
        )

    async def _follow(self, _: str, payload: bytes) -> bytes:
        asked = decode(FollowRevision, payload)
        self.followed.append(asked)
        commit = self._heads.get(asked.repo_url)
        if self.is_away or commit is None:
            raise RemoteError("Unavailable", f"{asked.repo_url} does not answer")
        told = {"author": "Dev <dev@example.com>", "date": "2026-01-02T03:04:05Z"}
        return encode(FollowedRevision(commit=commit, message="a change", **told))

    async def _checked(self, message: Message) -> None:
        self.checked.append(message.event(RevisionCheck))

    async def _look(self, _: str, payload: bytes) -> bytes:
        asked = decode(LookAtRepository, payload)
        self.looked.append(asked)
        if self.is_away:
            raise RemoteError("Unavailable", "the remote does not answer")
        number = self._looks.get(asked.repo_url, 0)
        return encode(LookedAtRepository(look=Look(epoch=self.epoch, number=number), settled=number))

    async def _compare(self, _: str, payload: bytes) -> bytes:
        """Whether the heads are what is believed; of what was never asked for here nothing is said."""
        differing, unknown, unsaid = list[str](), list[int](), list[str]()
        for believed in decode(CompareBeliefs, payload).repositories:
            wishes = [wish for wish in self._wishes.values() if token(wish.home) == believed.repository]
            ours = {self._belief(wish) for wish in wishes}
            if not wishes or self.silent:
                unsaid.append(believed.repository)
            elif believed.digest != reduce(xor, ours, 0):
                differing.append(believed.repository)
                unknown += [one for one in unpacked(believed.beliefs) if one not in ours]
        compared = ComparedBeliefs(
            differing=tuple(differing), unknown=beliefs.packed(unknown), unsaid=tuple(unsaid)
        )
        return encode(compared)

    def _belief(self, wish: SourcesWanted) -> int:
        revision = self._meant(wish)
        content = self._contents.get((wish.sources[0].repo_url, revision))
        failure = content.message if isinstance(content, RenderFailure) else ""
        return fingerprint(wish.namespace, wish.name, wish.digest, (revision,), failure)

    async def _answer(
        self,
        wish: SourcesWanted,
        cause: Cause,
        *,
        level: int,
        question: int = 0,
        revision: str = "",
        look: Look | None = None,
    ) -> None:
        repo = wish.sources[0].repo_url
        revision = revision or self._meant(wish)
        look = look or Look(epoch=self.epoch, number=self._looks.get(repo, 0))
        content = self._contents.get((repo, revision), RenderFailure(message=f"repository {repo} not found"))
        digest, failure = "", None
        if isinstance(content, RenderFailure):
            failure = content
        else:
            digest = await self._put(content)
        event = ManifestsRendered(
            namespace=wish.namespace,
            name=wish.name,
            digest=digest,
            revisions=(revision,) if revision else (),
            source_types=("Helm" if repo in self.charts else "Directory",),
            sources_digest=wish.digest,
            failure=failure,
            cause=cause,
            level=level,
            looks=(look,),
            question=question,
        )
        await self._bus.publish(subjects.manifests_rendered(wish.shard, wish.namespace, wish.name), event)

    def _meant(self, wish: SourcesWanted) -> str:
        """The commit that a wish names, or else the head."""
        repo, named = wish.sources[0].repo_url, wish.sources[0].target_revision
        return named if (repo, named) in self._contents else self._heads.get(repo, "")

    async def _put(self, documents: list[Document]) -> str:
        rendered = RenderedSet(
            documents=tuple(msgspec.json.encode(item, order="deterministic") for item in documents)
        )
        await self._cache.put(keys.manifests(rendered.digest), encode(rendered))
        return rendered.digest

    async def _generate(self, _: str, payload: bytes) -> bytes:
        request = decode(GenerateManifests, payload)
        self.generated.append(request)
        if request.wanted.name in self.broken:
            raise RemoteError("InvalidArgument", self.broken[request.wanted.name])
        repo = request.wanted.sources[0].repo_url
        revision = (request.revisions or (self._heads.get(repo, ""),))[0]
        content = self._contents.get((repo, revision))
        if content is None or isinstance(content, RenderFailure):
            raise RemoteError("FailedPrecondition", f"unable to resolve '{revision}' to a commit SHA")
        digest = await self._put(content)
        source = RenderedSource(revision=revision, source_type="Directory")
        return encode(GeneratedManifests(digest=digest, sources=(source,)))

    async def settle(self) -> None:
        await asyncio.sleep(0)
