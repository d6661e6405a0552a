"""Streams of Applications: what is there, what was written meanwhile, and then every change."""

import asyncio

import msgspec

from fairlead.api_server.kinds import APPLICATIONS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application, names


async def test_a_stream_shows_what_is_there_and_then_every_change(door: Door, kube: KubeClient) -> None:
    await application(kube, "watched")
    url = f"{door.url}/api/v1/stream/applications?name=watched"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with asyncio.timeout(10), door.http.get(url, headers=headers) as stream:
        first = msgspec.json.decode(await stream.content.readline())["result"]
        assert (first["type"], first["application"]["metadata"]["name"]) == ("ADDED", "watched")
        await kube.merge_patch(APPLICATIONS, "watched", {"metadata": {"labels": {"seen": "yes"}}}, NAMESPACE)
        second = msgspec.json.decode(await stream.content.readline())["result"]
        assert (second["type"], second["application"]["metadata"]["labels"]) == ("MODIFIED", {"seen": "yes"})
        await kube.delete(APPLICATIONS, "watched", NAMESPACE)
        third = msgspec.json.decode(await stream.content.readline())["result"]
        assert third["type"] == "DELETED"


async def test_a_stream_from_a_version_tells_what_was_written_since(door: Door, kube: KubeClient) -> None:
    await application(kube, "older")
    await application(kube, "newer")
    async with asyncio.timeout(10):
        while not {"older", "newer"} <= {name.rpartition("/")[2] for name in await names(door)}:
            await asyncio.sleep(0.05)
    _, listed = await door.ask("GET", "/api/v1/applications?name=newer")
    version = max(int(item["metadata"]["resourceVersion"]) for item in msgspec.convert(listed, dict)["items"])
    await kube.merge_patch(APPLICATIONS, "newer", {"metadata": {"labels": {"missed": "no"}}}, NAMESPACE)
    async with asyncio.timeout(10):
        while await names(door, selector="missed=no") != ["newer"]:
            await asyncio.sleep(0.05)
    url = f"{door.url}/api/v1/stream/applications?resourceVersion={version}"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with asyncio.timeout(10), door.http.get(url, headers=headers) as stream:
        first = msgspec.json.decode(await stream.content.readline())["result"]
        assert first["type"] == "MODIFIED"
        assert first["application"]["metadata"]["labels"] == {"missed": "no"}


async def test_a_stream_of_events_is_sent_to_those_who_ask_for_one(door: Door, kube: KubeClient) -> None:
    await application(kube, "sse")
    url = f"{door.url}/api/v1/stream/applications?name=sse&fields=result.type"
    headers = {"Authorization": f"Bearer {door.token}", "Accept": "text/event-stream"}
    async with asyncio.timeout(10), door.http.get(url, headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b'data: {"result":{"type":"ADDED"}}\n'
