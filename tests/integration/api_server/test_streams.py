"""Streams of Applications: what is there, what was written meanwhile, and then every change."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import aiohttp
import msgspec

from fairlead.api_server.calls.places import MAX_STREAMS_OF_ONE
from fairlead.api_server.kinds import APPLICATIONS
from fairlead.api_server.rest.carrier import CLOSED
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, application, elsewhere, names


async def test_a_stream_shows_what_is_there_and_then_every_change(door: Door, kube: KubeClient) -> None:
    await application(kube, "watched")
    url = f"{door.url}/api/v1/stream/applications?name=watched"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with asyncio.timeout(120), door.http.get(url, headers=headers) as stream:
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
    async with asyncio.timeout(120):
        while not {"older", "newer"} <= {name.rpartition("/")[2] for name in await names(door)}:
            await asyncio.sleep(0.05)
    _, listed = await door.ask("GET", "/api/v1/applications?name=newer")
    version = max(int(item["metadata"]["resourceVersion"]) for item in msgspec.convert(listed, dict)["items"])
    await kube.merge_patch(APPLICATIONS, "newer", {"metadata": {"labels": {"missed": "no"}}}, NAMESPACE)
    async with asyncio.timeout(120):
        while await names(door, selector="missed=no") != ["newer"]:
            await asyncio.sleep(0.05)
    url = f"{door.url}/api/v1/stream/applications?resourceVersion={version}"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with asyncio.timeout(120), door.http.get(url, headers=headers) as stream:
        first = msgspec.json.decode(await stream.content.readline())["result"]
        assert first["type"] == "MODIFIED"
        assert first["application"]["metadata"]["labels"] == {"missed": "no"}


async def test_a_stream_of_events_is_sent_to_those_who_ask_for_one(door: Door, kube: KubeClient) -> None:
    await application(kube, "sse")
    url = f"{door.url}/api/v1/stream/applications?name=sse&fields=result.type"
    headers = {"Authorization": f"Bearer {door.token}", "Accept": "text/event-stream"}
    async with asyncio.timeout(120), door.http.get(url, headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b'data: {"result":{"type":"ADDED"}}\n'


async def _login(door: Door) -> str:
    body = {"username": "admin", "password": door.password}
    async with door.http.post(f"{door.url}/api/v1/session", json=body) as answer:
        return str((await answer.json())["token"])


async def test_a_stream_ends_with_its_session_although_applications_change_all_the_time(
    door: Door, kube: KubeClient
) -> None:
    await application(kube, "noisy")

    async def noise() -> None:
        n = 0
        while True:
            n += 1
            labels = {"metadata": {"labels": {"n": str(n)}}}
            await kube.merge_patch(APPLICATIONS, "noisy", labels, NAMESPACE)
            await asyncio.sleep(0.2)

    making_noise = asyncio.create_task(noise())
    token = await _login(door)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            asyncio.timeout(60),
            door.http.get(f"{door.url}/api/v1/stream/applications", headers=headers) as busy,
            door.http.get(f"{door.url}/api/v1/stream/applications?name=other", headers=headers) as quiet,
        ):
            await busy.content.readline()
            cookie = {"Cookie": f"argocd.token={token}"}
            async with door.http.post(
                f"{door.url}/auth/logout", headers=cookie, allow_redirects=False
            ) as answer:
                assert answer.status == 303
            for stream in (busy, quiet):
                last = [line async for line in stream.content][-1]
                assert msgspec.json.decode(last)["error"]["http_code"] == 401
    finally:
        making_noise.cancel()
        await asyncio.gather(making_noise, return_exceptions=True)


async def test_one_account_cannot_take_all_places_for_streams(door: Door) -> None:
    url = f"{door.url}/api/v1/stream/applications?name=nothing"
    headers = {"Authorization": f"Bearer {door.token}"}
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        http = await stack.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2 * MAX_STREAMS_OF_ONE))
        )
        statuses = []
        for _ in range(MAX_STREAMS_OF_ONE + 1):
            answer = await stack.enter_async_context(http.get(url, headers=headers))
            statuses.append(answer.status)
        assert statuses[0] == 200
        assert statuses[-1] == 400
        assert "too many streams" in (await answer.json())["message"]
    async with asyncio.timeout(60):
        while True:
            async with door.http.get(url, headers=headers) as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(0.2)


async def test_streams_of_a_page_are_carried_by_one_connection_until_the_session_ends(
    door: Door, kube: KubeClient
) -> None:
    await application(kube, "carried")
    token = await _login(door)
    cookie = {"Cookie": f"argocd.token={token}"}
    addresses = (
        "/api/v1/stream/applications?name=carried&fields=result.type",
        "/api/v1/stream/search/applications?search=carried",
        "/api/v1/stream/view/application?namespace=&name=nobody",
        "/api/v1/stream/search/applications?nonsense=1",
        "/api/v1/applications/nobody/logs?podName=x&container=y",
    )
    async with (
        asyncio.timeout(120),
        elsewhere() as http,
        http.ws_connect(f"{door.url}/api/v1/streams", headers=cookie) as line,
    ):
        told: dict[int, str] = {}
        status: dict[int, int] = {}
        assert msgspec.json.decode(await line.receive_str()) == {"hello": 1}

        async def until(holds: Callable[[], bool]) -> None:
            while not holds():
                text = await line.receive_str()
                if text.startswith("{"):
                    said = msgspec.json.decode(text)
                    status[said["stream"]] = said.get("status", 0)
                else:
                    number, _, piece = text.partition("\n")
                    told[int(number)] = told.get(int(number), "") + piece

        for number, address in enumerate(addresses, 1):
            await line.send_json({"open": number, "address": address})
        await until(lambda: len(status) == len(addresses) and '"name":"carried"' in told.get(2, ""))
        assert status == {1: 200, 2: 200, 3: 403, 4: 400, 5: 403}
        await until(lambda: told.get(1, "").startswith('data: {"result":{"type":"ADDED"}}\n\n'))
        await kube.merge_patch(APPLICATIONS, "carried", {"metadata": {"labels": {"seen": "yes"}}}, NAMESPACE)
        await until(lambda: '"MODIFIED"' in told[1] and '"seen":"yes"' in told[2])
        async with http.post(f"{door.url}/auth/logout", headers=cookie, allow_redirects=False) as answer:
            assert answer.status == 303
        while (await line.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
        assert line.close_code == CLOSED + 401
