"""What the pods of an application say, without a server.

Lines that are there already come in the order of their times, over all pods; lines that are followed as they
come.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlencode

from fairlead.cli.core.live import destination, nodes_of
from fairlead.cli.core.objects import APPLICATIONS, Document, Objects
from fairlead.cli.errors import RefusedError
from fairlead.kube.rest import POD, KubeClient

INVALID = 3
MAX_PODS = 10
SILENCE_SECONDS = 30.0
"""How long Kubernetes may say nothing of a log that is not followed."""
FOLLOW_SECONDS = 24 * 3600.0
WAITING = 1000
"""Lines that may wait to be printed, of all pods."""
Query = dict[str, str]
Line = tuple[str, str, str]
"""Its time, its pod, its words."""


async def lines(objects: Objects, name: str, query: Query) -> AsyncIterator[Document]:
    """The entries of the application's log, a last one that says so where it is not followed."""
    app = await objects.get(APPLICATIONS, name, query.get("appNamespace", ""))
    async with destination(objects, app) as client:
        pods = _chosen(await nodes_of(client, app), query)
        if len(pods) > MAX_PODS:
            words = "max pods to view logs are reached. Please provide more granular query"
            raise RefusedError(INVALID, words)
        read = _followed if query.get("follow") == "true" else _ordered
        async for at, pod, words in read(client, pods, query):
            if _is_wanted(at, words, query):
                yield {"content": words, "podName": pod, "timeStampStr": at}
    yield {"content": "", "last": True}


def _chosen(nodes: list[Document], query: Query) -> list[Document]:
    """The pods that are the object meant, or that it owns; all where none is named."""
    by_uid = {str(node["uid"]): node for node in nodes}
    return [node for node in nodes if node["kind"] == POD.kind and _is_meant(node, by_uid, query)]


def _is_meant(node: Document, by_uid: dict[str, Document], query: Query) -> bool:
    pairs = (("group", "group"), ("kind", "kind"), ("name", "resourceName"), ("namespace", "namespace"))
    wanted = {key: query[field] for key, field in pairs if query.get(field)}
    seen: set[str] = set()
    left = [node]
    while left:
        each = left.pop()
        if all(each[key] == value for key, value in wanted.items()):
            return True
        for parent in each["parentRefs"]:
            if parent["uid"] in by_uid and parent["uid"] not in seen:
                seen.add(parent["uid"])
                left.append(by_uid[parent["uid"]])
    return False


async def _ordered(client: KubeClient, pods: list[Document], query: Query) -> AsyncIterator[Line]:
    found = [line for pod in pods async for line in _of_pod(client, pod, query)]
    for line in sorted(found, key=lambda line: line[0]):
        yield line


async def _followed(client: KubeClient, pods: list[Document], query: Query) -> AsyncIterator[Line]:
    """Lines of all pods as they come, until none has anything more to say."""
    coming: asyncio.Queue[Line | None] = asyncio.Queue(WAITING)

    async def follow(pod: Document) -> None:
        try:
            async for line in _of_pod(client, pod, query):
                await coming.put(line)
        finally:
            await coming.put(None)

    tasks = [asyncio.create_task(follow(pod)) for pod in pods]
    try:
        for _ in tasks:
            while (line := await coming.get()) is not None:
                yield line
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _of_pod(client: KubeClient, pod: Document, query: Query) -> AsyncIterator[Line]:
    is_followed = query.get("follow") == "true"
    asked = {"timestamps": "true"}
    for key in ("container", "tailLines", "sinceSeconds", "sinceTime", "previous", "follow"):
        if query.get(key):
            asked[key] = query[key]
    silence = FOLLOW_SECONDS if is_followed else SILENCE_SECONDS
    rest = b""
    async for chunk in client.pod_log(
        pod["name"], pod["namespace"], urlencode(asked), silence_seconds=silence
    ):
        *whole, rest = (rest + chunk).split(b"\n")
        for raw in whole:
            yield _line(raw, pod["name"])
    if rest:
        yield _line(rest, pod["name"])


def _line(raw: bytes, pod: str) -> Line:
    at, _, words = raw.decode(errors="replace").partition(" ")
    return at, pod, words


def _is_wanted(at: str, words: str, query: Query) -> bool:
    until, text = query.get("untilTime", ""), query.get("filter", "")
    if until and at > until:
        return False
    if not text:
        return True
    is_left_out, text = text.startswith("!"), text.removeprefix("!")
    if query.get("matchCase") != "true":
        words, text = words.lower(), text.lower()
    return (text in words) is not is_left_out
