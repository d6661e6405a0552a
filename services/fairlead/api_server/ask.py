"""Questions to the other processes, and their refusals as ours.

The invariant: every question has a deadline; whoever does not answer is named, so that a person knows where
to look.
"""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.bus import Bus, BusUnavailableError, NoResponderError, RemoteError
from fairlead.cache import Cache, keys
from fairlead.events import RepositoryCredentials, subjects
from fairlead.events.envelope import Event, SchemaError, decode, encode
from fairlead.events.sources import SourcesWanted
from fairlead.matching.repository import partition
from fairlead.previews.ask import Questions
from fairlead.rpc import access, clusters, controller, drift, plugins, repo, resource, schema, sets
from fairlead.rpc.affected import AFFECTED, AffectedApplications, AffectedBy
from fairlead.rpc.affected import TIMEOUT as AFFECTED_SECONDS
from fairlead.rpc.explained import EXPLAIN, ExplainedApplication
from fairlead.rpc.explained import TIMEOUT as EXPLAIN_SECONDS
from fairlead.rpc.files import RENDER_FILES, RenderFiles
from fairlead.rpc.rendered import RenderedSet
from fairlead.secret.seal import Seal

E = TypeVar("E", bound=Event)

SHARD = 0
"""The controller shard that is asked about an application nobody has declared yet."""


class Ask:
    """The repo-server and the app-controllers, over the bus."""

    def __init__(self, bus: Bus, cache: Cache, seal: Seal | None = None) -> None:
        self._bus = bus
        self._seal = seal
        self._cache = cache

    @property
    def previews(self) -> Questions:
        """The questions of a preview of a change."""
        return Questions(self._bus)

    @property
    def is_connected(self) -> bool:
        """Whether anybody can be asked now."""
        return self._bus.is_connected

    async def wanted(self, namespace: str, name: str) -> SourcesWanted | None:
        """What the controller said an application wants rendered; None before it did."""
        try:
            entry = await self._bus.key_value("sources").get(subjects.app_tokens(namespace, name))
            return decode(SourcesWanted, entry.value) if entry is not None and entry.value else None
        except (BusUnavailableError, SchemaError):
            return None

    async def test(self, question: repo.TestRepository) -> repo.TestedRepository:
        """Whether a repository, a revision and a path are there."""
        return await self._repo(question.repo_url, repo.TEST, question, repo.TestedRepository)

    async def describe(self, question: repo.DescribeRevision) -> repo.RevisionDescription:
        """Who made a commit, when and why."""
        return await self._repo(question.repo_url, repo.DESCRIBE, question, repo.RevisionDescription)

    async def generate(self, question: repo.GenerateManifests) -> tuple[repo.GeneratedManifests, RenderedSet]:
        """The manifests of a wish, rendered now. Raises RefusalError with the renderer's code and words."""
        answer = await self._repo(question.wanted.home, repo.GENERATE, question, repo.GeneratedManifests)
        if answer.documents is not None:
            return answer, RenderedSet(documents=answer.documents)
        stored = await self._cache.get(keys.manifests(answer.digest))
        if stored is None:
            raise RefusalError(
                Code.UNAVAILABLE, "the rendered manifests are no longer in the cache; ask again"
            )
        return answer, decode(RenderedSet, stored)

    async def render_files(self, question: RenderFiles) -> repo.GeneratedManifests:
        """The manifests of files that somebody sent. Raises RefusalError with the renderer's words."""
        return await self._repo(question.wanted.home, RENDER_FILES, question, repo.GeneratedManifests)

    async def tree(self, shard: int, question: controller.ApplicationQuery) -> controller.ResourceTree:
        """The resource tree of an application."""
        return await self._controller(shard, controller.TREE, question, controller.ResourceTree)

    async def other_tree(self, shard: int, question: controller.AwaitTree) -> controller.ResourceTree:
        """The resource tree as soon as it is another one; `is_same` when none came in time."""
        subject = subjects.rpc_controller(shard, controller.AWAIT_TREE)
        seconds = question.seconds + controller.TIMEOUT
        return await self._ask("app-controller", subject, question, controller.ResourceTree, seconds=seconds)

    async def managed(self, shard: int, question: controller.ApplicationQuery) -> controller.ManagedResources:
        """The managed objects of an application with both states."""
        return await self._controller(shard, controller.MANAGED, question, controller.ManagedResources)

    async def explained(self, shard: int, question: controller.ApplicationQuery) -> ExplainedApplication:
        """Why the objects of an application are not as Git says."""
        subject = subjects.rpc_controller(shard, EXPLAIN)
        return await self._ask(
            "app-controller", subject, question, ExplainedApplication, seconds=EXPLAIN_SECONDS
        )

    async def drift(self, shard: int, question: controller.ApplicationQuery) -> drift.DriftJournal:
        """What was changed of an application outside Git."""
        return await self._controller(shard, drift.DRIFT, question, drift.DriftJournal)

    async def schema(self, shard: int, question: controller.ApplicationQuery) -> schema.KindSchema:
        """The schema of a kind that an application's cluster serves."""
        subject = subjects.rpc_controller(shard, schema.SCHEMA)
        return await self._ask(
            "app-controller", subject, question, schema.KindSchema, seconds=resource.TIMEOUT
        )

    async def live(self, shard: int, question: controller.ApplicationQuery) -> controller.LiveResource:
        """One live object of an application."""
        return await self._controller(shard, controller.LIVE, question, controller.LiveResource)

    async def cluster(self, question: clusters.ClusterQuery) -> clusters.ClusterState:
        """How a cluster is found by the controller it belongs to."""
        subject = subjects.rpc_controller(SHARD, clusters.STATE)
        return await self._ask(
            "app-controller", subject, question, clusters.ClusterState, seconds=clusters.STATE_TIMEOUT
        )

    async def rotate(self, question: clusters.ClusterQuery) -> None:
        """Have a cluster's token replaced by a new one. Raises RefusalError in the controller's words."""
        subject = subjects.rpc_controller(SHARD, clusters.ROTATE)
        await self._ask(
            "app-controller", subject, question, clusters.ClusterRotated, seconds=clusters.ROTATE_TIMEOUT
        )

    async def try_cluster(self, server: str, config: bytes) -> str:
        """Why its controller cannot reach a cluster with the `config` of a Secret; "" when it can."""
        if self._seal is None:
            text = "credentials cannot be handed over to be tried: FAIRLEAD_CACHE_SECRET is not set"
            raise RefusalError(Code.FAILED_PRECONDITION, text)
        sealed = self._seal.seal(clusters.context_of(server), config)
        question = clusters.TryCluster(server=server, sealed=sealed)
        subject = subjects.rpc_controller(SHARD, clusters.TRY)
        tried = await self._ask(
            "app-controller", subject, question, clusters.TriedCluster, seconds=clusters.TRY_TIMEOUT
        )
        return tried.problem

    async def try_access(
        self, url: str, project: str, kind: str, data: Mapping[str, str], *, max_age: float = 0.0
    ) -> access.TriedAccess:
        """Whether a repository can be read with these fields of a Secret; a look that its owner had within
        `max_age` seconds is good enough."""
        credentials = RepositoryCredentials(secret="", secret_type="repository", data=dict(data))  # noqa: S106
        if self._seal is None:
            text = "credentials cannot be handed over to be tried: FAIRLEAD_CACHE_SECRET is not set"
            raise RefusalError(Code.FAILED_PRECONDITION, text)
        sealed = self._seal.seal(access.context_of(url), encode(credentials))
        question = access.TryAccess(repo_url=url, project=project, kind=kind, sealed=sealed, max_age=max_age)
        return await self._access(url, access.TRY, question, access.TriedAccess, seconds=access.TRY_TIMEOUT)

    async def charts(self, question: access.ListCharts) -> access.ListedCharts:
        """What a chart repository offers."""
        return await self._access(question.repo_url, access.CHARTS, question, access.ListedCharts)

    async def tags(self, question: access.ListTags) -> access.ListedTags:
        """The tags of a repository in a registry."""
        return await self._access(question.repo_url, access.TAGS, question, access.ListedTags)

    async def refs(self, question: access.ListRefs) -> access.ListedRefs:
        """The branches and tags of a remote."""
        return await self._access(question.repo_url, access.REFS, question, access.ListedRefs)

    async def apps(self, question: access.ListApps) -> access.ListedApps:
        """Which folders of a repository hold applications of a tool."""
        return await self._access(question.repo_url, access.APPS, question, access.ListedApps)

    async def details(self, question: access.DescribeSource) -> access.DescribedSource:
        """What a folder of a repository consists of."""
        return await self._access(question.repo_url, access.DETAILS, question, access.DescribedSource)

    async def affected(self, repo_url: str, *, old: str, new: str, target: str) -> AffectedApplications:
        """Who is affected by a change in a repository, of the applications of all partitions."""
        questions = (
            AffectedBy(part=part, repo_url=repo_url, old=old, new=new, target=target)
            for part in subjects.PARTITIONS
        )
        found = await asyncio.gather(*map(self._affected, questions))
        return AffectedApplications(applications=tuple(one for some in found for one in some.applications))

    async def _affected(self, question: AffectedBy) -> AffectedApplications:
        return await self._ask(
            "repo-server",
            subjects.rpc_repo(question.part, AFFECTED),
            question,
            AffectedApplications,
            seconds=AFFECTED_SECONDS,
            patience=repo.PATIENCE,
        )

    async def plugin_names(self) -> tuple[str, ...]:
        """The plugins beside the repo-servers, by name."""
        question, kind = plugins.ListPlugins(), plugins.ListedPlugins
        return (await self._repo("", plugins.LIST, question, kind, seconds=access.TRY_TIMEOUT)).names

    async def announced(self, wanted: SourcesWanted) -> plugins.AnnouncedParameters:
        """The parameters of the plugin that renders the one source of a wish."""
        question, kind = plugins.AnnounceParameters(wanted=wanted), plugins.AnnouncedParameters
        return await self._repo(wanted.home, plugins.ANNOUNCE, question, kind, seconds=plugins.TIMEOUT)

    async def version(self, question: access.DescribeVersion) -> access.DescribedVersion:
        """What a version of a chart or an artifact says of itself."""
        return await self._access(question.repo_url, access.VERSION, question, access.DescribedVersion)

    async def _access(
        self, url: str, verb: str, question: Event, answer: type[E], *, seconds: float = access.TIMEOUT
    ) -> E:
        return await self._repo(url, verb, question, answer, seconds=seconds)

    async def act(self, shard: int, verb: str, question: Event, answer: type[E]) -> E:
        """What a controller does to, or knows of, one object; see `fairlead.rpc.resource`."""
        subject = subjects.rpc_controller(shard, verb)
        return await self._ask("app-controller", subject, question, answer, seconds=resource.TIMEOUT)

    async def generate_set(self, document: bytes) -> sets.GeneratedApplications:
        """What a set would come to; its JSON says the namespace."""
        return await self._ask(
            "applicationset-controller",
            subjects.rpc_sets(sets.GENERATE),
            sets.GenerateApplications(application_set=document),
            sets.GeneratedApplications,
            seconds=sets.TIMEOUT,
        )

    async def _repo(
        self, url: str, verb: str, question: Event, answer: type[E], *, seconds: float = repo.TIMEOUT
    ) -> E:
        """The owner of a repository; when it was killed, the next one."""
        subject = subjects.rpc_repo(partition(url), verb)
        return await self._ask(
            "repo-server", subject, question, answer, seconds=seconds, patience=repo.PATIENCE
        )

    async def _controller(self, shard: int, verb: str, question: Event, answer: type[E]) -> E:
        subject = subjects.rpc_controller(shard, verb)
        return await self._ask("app-controller", subject, question, answer, seconds=controller.TIMEOUT)

    async def _ask(
        self,
        whom: str,
        subject: str,
        question: Event,
        answer: type[E],
        *,
        seconds: float,
        patience: float = 0.0,
    ) -> E:
        try:
            payload = encode(question)
            return decode(
                answer, await self._bus.request(subject, payload, timeout=seconds, patience=patience)
            )
        except RemoteError as error:
            raise RefusalError(_edge(Code.titled(error.code)), str(error)) from error
        except NoResponderError as error:
            raise RefusalError(Code.UNAVAILABLE, f"the {whom} is not running or not connected") from error
        except BusUnavailableError as error:
            text = f"the {whom} did not answer within {seconds:g} s"
            raise RefusalError(Code.DEADLINE_EXCEEDED, text) from error
        except SchemaError as error:
            raise RefusalError(Code.INTERNAL, f"the {whom} speaks another version: {error}") from error


def _edge(code: Code) -> Code:
    """A code of another process as clients are to see it: the stock command tries what is unavailable or
    exhausted again at once, three times, which helps nothing where a repository cannot be reached."""
    return Code.UNKNOWN if code in (Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED) else code
