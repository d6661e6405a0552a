"""One application followed for a page: what is there, what changes, and what happens to it."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import bcrypt
import msgspec
import pytest
import pytest_asyncio

from fairlead.api_server.kinds import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.bus import Bus, RemoteError
from fairlead.events.envelope import decode, encode
from fairlead.events.public import PublicEventType, app_event, repository_event
from fairlead.events.story import CommitDetectedData, SyncedData
from fairlead.events.trace import Trace
from fairlead.kube.rest import KubeClient
from fairlead.rpc import ResourceNode, ResourceTree, controller
from fairlead.rpc.waiting import NOTHING_AWAITED, Awaited, HeldBack, Outlook, Waiting
from tests.integration.api_server.conftest import NAMESPACE, Answer, Door, application, opened
from tests.integration.api_server.event_stream import EventStream, following

VIEW = "/api/v1/stream/view/application"
REPO = "git.example/viewed/config"
PASSWORD = "a long enough password"
RBAC = "argocd-rbac-cm"
MAY = "p, viewer, applications, get, default/viewed, allow"
RESOURCES = [
    {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": "x",
        "name": "web",
        "status": "Synced",
    }
]


class Tree:
    """The controller's answers about the tree, which change when a test says so."""

    def __init__(self) -> None:
        self.nodes = (node("web"), node("pod", parent="web"))
        self.version = 1
        self.problem = ""
        self.outlook = NOTHING_AWAITED
        self.told: list[int] = []
        self._changed = asyncio.Event()

    def set(self, *nodes: ResourceNode, problem: str = "", outlook: Outlook = NOTHING_AWAITED) -> None:
        """Another tree from now on."""
        self.nodes, self.problem, self.outlook = nodes, problem, outlook
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def answer(self, _: str, payload: bytes) -> bytes:
        """AwaitTree -> ResourceTree."""
        query = decode(controller.AwaitTree, payload)
        if self.problem:
            raise RemoteError("FailedPrecondition", self.problem)
        if query.seen == str(self.version):
            try:
                async with asyncio.timeout(2.0):
                    await self._changed.wait()
            except TimeoutError:
                return encode(ResourceTree(is_same=True, digest=query.seen))
        if self.problem:
            raise RemoteError("FailedPrecondition", self.problem)
        self.told.append(self.version)
        return encode(ResourceTree(nodes=self.nodes, outlook=self.outlook, digest=str(self.version)))


def node(name: str, *, parent: str = "", health: str = "Healthy") -> ResourceNode:
    above = (
        (controller.ResourceRef(group="apps", kind="Deployment", namespace="x", name=parent),)
        if parent
        else ()
    )
    return ResourceNode(
        group="" if parent else "apps",
        version="v1",
        kind="Pod" if parent else "Deployment",
        namespace="x",
        name=name,
        parent_refs=above,
        health={"status": health},
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tree(scripted: dict[str, Answer]) -> Tree:
    found = Tree()
    scripted[controller.AWAIT_TREE] = found.answer
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def viewer(door: Door, kube: KubeClient, tree: Tree) -> AsyncIterator[Door]:
    """An application, and somebody who may see that one alone."""
    assert tree.nodes
    spec = {
        "project": "default",
        "source": {"repoURL": f"https://{REPO}.git", "path": "x"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "x"},
    }
    await application(kube, "viewed", spec=spec, status={"resources": RESOURCES})
    await application(kube, "unseen", spec=spec)
    labels = {"app.kubernetes.io/part-of": "argocd"}
    for name, values in (("argocd-cm", {"accounts.viewer": "login"}), (RBAC, {"policy.csv": MAY})):
        metadata = {"name": name, "labels": labels}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": values}
        await kube.create(CONFIG_MAPS, body, NAMESPACE)
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4))
    data = {"accounts.viewer.password": base64.b64encode(hashed).decode()}
    await kube.merge_patch(SECRETS, "argocd-secret", {"data": data}, NAMESPACE)
    somebody = msgspec.structs.replace(door, token=await opened(door, "viewer", PASSWORD))
    async with asyncio.timeout(120):
        while (await somebody.ask("GET", "/api/v1/applications/viewed"))[0] != 200:
            await asyncio.sleep(0.1)
    yield somebody


class EndedError(Exception):
    """The stream ended, in these words."""


class Page:
    """What a client of the stream has, doing as `ViewEvent` says."""

    def __init__(self, stream: EventStream) -> None:
        self.stream = stream
        self.application: dict[str, Any] = {}
        self.nodes: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.problem = ""
        self.outlook: dict[str, Any] | None = None
        self.wholes = 0
        self.types: list[str] = []

    async def take(self) -> None:
        """One event of the stream."""
        told = await self.stream.next()
        if "error" in told:
            raise EndedError(told["error"]["message"])
        self.types.append(told["type"])
        match told["type"]:
            case "APPLICATION":
                self.application = told["application"]
            case "TREE":
                self.problem = told.get("problem", "")
                if told.get("whole"):
                    self.wholes += 1
                    self.nodes = {}
                for key in told.get("removed", []):
                    del self.nodes[key]
                self.nodes |= {one["key"]: one for one in told.get("nodes", [])}
            case "WAITING":
                self.outlook = told.get("outlook", {})
            case "EVENT":
                self.events.append(told["event"])
            case "DELETED":
                self.application, self.nodes = {}, {}

    async def until(self, holds: Any) -> None:
        """Take events until something holds of what is there."""
        while not holds(self):
            await self.take()

    @property
    def names(self) -> set[str]:
        return {one["name"] for one in self.nodes.values()}


async def test_a_page_has_the_application_and_its_tree_and_then_what_changes(
    door: Door, viewer: Door, kube: KubeClient, tree: Tree
) -> None:
    async with asyncio.timeout(300), following(viewer, VIEW, name="viewed") as stream:
        page = Page(stream)
        await page.until(lambda page: page.wholes)
        assert page.types[:3] == ["APPLICATION", "WAITING", "TREE"]
        assert page.outlook == {}
        assert page.application["metadata"]["name"] == "viewed"
        assert page.names == {"web", "pod"}
        web = page.nodes["apps/Deployment/x/web"]
        assert (web["sync"], web["managed"], web["health"]) == ("Synced", True, {"status": "Healthy"})
        assert page.nodes["/Pod/x/pod"]["parentRefs"][0]["name"] == "web"

        tree.set(node("web", health="Progressing"), node("other", parent="web"))
        await page.until(lambda page: page.names == {"web", "other"})
        assert page.nodes["apps/Deployment/x/web"]["health"] == {"status": "Progressing"}
        await kube.merge_patch(APPLICATIONS, "viewed", {"metadata": {"labels": {"seen": "yes"}}}, NAMESPACE)
        await page.until(lambda page: page.application["metadata"].get("labels") == {"seen": "yes"})
        changed = {"status": {"resources": [{**RESOURCES[0], "status": "OutOfSync"}]}}
        await kube.merge_patch(APPLICATIONS, "viewed", changed, NAMESPACE)
        await page.until(lambda page: page.nodes["apps/Deployment/x/web"]["sync"] == "OutOfSync")
        assert page.wholes == 1

        tree.set(*tree.nodes, problem="the cluster does not answer")
        await page.until(lambda page: page.problem)
        assert page.problem == "the cluster does not answer"
        assert page.names == {"web", "other"}
        tree.set(node("web"), node("pod", parent="web"))
        await page.until(lambda page: not page.problem and page.names == {"web", "pod"})


async def test_a_page_is_told_in_fields_what_is_waited_for(viewer: Door, tree: Tree) -> None:
    waited = Awaited(group="apps", kind="Deployment", namespace="x", name="web", what="health")
    waiting = Waiting(reason="objects", started_at="2026-01-01T00:00:00Z", wave=2, objects=(waited,))
    held = HeldBack(what="prune", by="share", going=3, living=4, share=50.0)
    async with asyncio.timeout(300), following(viewer, VIEW, name="viewed") as stream:
        page = Page(stream)
        await page.until(lambda page: page.wholes)
        tree.set(*tree.nodes, outlook=Outlook(waiting=waiting, held=held))
        await page.until(lambda page: page.outlook)
        told = page.outlook or {}
        assert told["waiting"]["objects"] == [
            {"group": "apps", "kind": "Deployment", "namespace": "x", "name": "web", "what": "health"}
        ]
        assert (told["waiting"]["startedAt"], told["waiting"]["wave"]) == ("2026-01-01T00:00:00Z", 2)
        assert (told["held"]["going"], told["held"]["living"], told["held"]["share"]) == (3, 4, 50.0)
        tree.set(*tree.nodes)
        await page.until(lambda page: page.outlook == {})
        assert page.wholes == 1


async def test_many_pages_of_one_application_ask_for_its_tree_once(viewer: Door, tree: Tree) -> None:
    async with (
        asyncio.timeout(300),
        following(viewer, VIEW, name="viewed") as first,
        following(viewer, VIEW, name="viewed") as second,
        following(viewer, VIEW, name="viewed") as third,
    ):
        pages = [Page(first), Page(second), Page(third)]
        for page in pages:
            await page.until(lambda page: page.wholes)
        tree.set(node("web"), node("one", parent="web"))
        for page in pages:
            await page.until(lambda page: page.names == {"web", "one"})
        assert tree.told.count(tree.version) < len(pages)  # one more is of the page before, which left
        tree.set(node("web"), node("pod", parent="web"))


async def repeated(tell: Callable[[], Awaitable[None]]) -> None:
    """Say something until somebody hears it: who follows begins a moment after the stream is open."""
    while True:
        await tell()
        await asyncio.sleep(0.2)


async def test_a_page_hears_what_happens_and_what_it_missed(viewer: Door, other: Bus) -> None:
    trace = Trace.start()

    def about(name: str, revision: str) -> Any:
        data = SyncedData(revisions=(revision,))
        return app_event(
            PublicEventType.APP_SYNCED, service="t", namespace=NAMESPACE, name=name, trace=trace, data=data
        )

    def commit(repository: str) -> Any:
        data = CommitDetectedData(repo_url=f"https://{repository}.git", ref="refs/heads/main", cause="poll")
        kind = PublicEventType.COMMIT_DETECTED
        return repository_event(kind, service="t", repository=repository, trace=trace, data=data)

    async with asyncio.timeout(300):
        async with following(viewer, VIEW, name="viewed") as stream:
            page = Page(stream)
            await page.until(lambda page: page.wholes)
            telling = asyncio.create_task(repeated(lambda: other.tell(about("viewed", "first"))))
            await page.until(lambda page: page.events)
            telling.cancel()
            await other.tell(about("unseen", "0"))
            await other.tell(commit("git.example/other/repo"))
            await other.tell(commit(REPO))
            await page.until(lambda page: page.events[-1]["type"].endswith("commit.detected"))
            assert {one["subject"] for one in page.events} == {f"{NAMESPACE}/viewed", REPO}
            last = stream.last
        await other.tell(about("viewed", "second"))
        async with following(viewer, VIEW, name="viewed", last=last) as stream:
            page = Page(stream)
            await page.until(lambda page: page.events and page.wholes)
            assert page.events[0]["data"]["revisions"] == ["second"]
            assert page.application["metadata"]["name"] == "viewed"


async def test_a_page_hears_that_its_application_is_gone_and_that_another_came(
    door: Door, viewer: Door, kube: KubeClient, tree: Tree
) -> None:
    async with asyncio.timeout(300), following(door, VIEW, name="unseen", namespace=NAMESPACE) as stream:
        page = Page(stream)
        await page.until(lambda page: page.wholes)
        await kube.delete(APPLICATIONS, "unseen", NAMESPACE)
        await page.until(lambda page: page.types[-1] == "DELETED")
        await application(kube, "unseen")
        await page.until(lambda page: page.application and page.wholes == 2)
        assert page.application["spec"]["source"]["path"] == "apps/x"


async def test_who_may_not_see_an_application_is_not_told_whether_it_is_there(viewer: Door) -> None:
    headers = {"Authorization": f"Bearer {viewer.token}"}
    for name in ("unseen", "nothing"):
        query = {"name": name}
        async with viewer.http.get(viewer.url + VIEW, headers=headers, params=query) as answer:
            assert answer.status == 403
            assert (await answer.json())["message"] == "permission denied"
    async with viewer.http.get(viewer.url + VIEW, headers=headers) as answer:
        assert answer.status == 400


async def test_a_page_ends_in_words_when_the_right_is_taken_away(viewer: Door, kube: KubeClient) -> None:
    async with asyncio.timeout(300), following(viewer, VIEW, name="viewed") as stream:
        page = Page(stream)
        await page.until(lambda page: page.wholes)
        await kube.merge_patch(CONFIG_MAPS, RBAC, {"data": {"policy.csv": ""}}, NAMESPACE)
        try:
            with pytest.raises(EndedError, match="you may not see this application any more"):
                await page.until(lambda _: False)
        finally:
            await kube.merge_patch(CONFIG_MAPS, RBAC, {"data": {"policy.csv": MAY}}, NAMESPACE)
