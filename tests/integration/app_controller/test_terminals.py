"""A terminal all the way: WebSocket, api-server, NATS, controller, API server and what plays the kubelet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest_asyncio

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.kube.resource import Resource
from tests.integration.api_server.conftest import Door, serving
from tests.integration.app_controller.lab import SECRET, Lab, automated, deployment

PODS = Resource(group="", version="v1", plural="pods", kind="Pod", namespaced=True)
SHELLS = "fairlead.dev/shells"


@pytest_asyncio.fixture(loop_scope="session")
async def door(lab: Lab) -> AsyncIterator[Door]:
    """An api-server beside the lab's controller, with terminals switched on."""
    switches = {"data": {"exec.enabled": "true", "exec.shells": "bash,sh"}}
    await lab.client.merge_patch(CONFIG_MAPS, "argocd-cm", switches, lab.namespace)
    async with serving(
        lab.client, lab.control_plane, lab.nats, lab.redis, lab.namespace, cache_secret=SECRET
    ) as opened:
        yield opened


async def pod_of(lab: Lab, name: str) -> str:
    """The name of the running pod of a Deployment."""
    async with asyncio.timeout(120):
        while True:
            for raw in await lab.client.list_all(PODS, lab.workloads, label_selector=f"app={name}"):
                found = msgspec.json.decode(raw)
                if found["status"].get("phase") == "Running":
                    return str(found["metadata"]["name"])
            await asyncio.sleep(0.1)


class Line:
    """A browser's end of a terminal."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.unread = ""

    async def type(self, text: str) -> None:
        await self.socket.send_json({"operation": "stdin", "data": text})

    async def resize(self, rows: int, columns: int) -> None:
        await self.socket.send_json({"operation": "resize", "rows": rows, "cols": columns})

    async def until(self, wanted: str) -> str:
        """What was shown up to a text."""
        async with asyncio.timeout(120):
            while wanted not in self.unread:
                message = await self.socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, (message, self.unread)
                self.unread += msgspec.json.decode(message.data)["data"]
        found, _, self.unread = self.unread.partition(wanted)
        return found

    async def end(self) -> str:
        """What was shown until the server closed."""
        async with asyncio.timeout(120):
            async for message in self.socket:
                self.unread += msgspec.json.decode(message.data).get("data", "")
        return self.unread

    async def say(self, command: str) -> str:
        """What a command answers."""
        await self.type(f"{command}\r")
        await self.until(f"{command}\r\n")
        return (await self.until("\r\n")).strip()


@asynccontextmanager
async def terminal(door: Door, lab: Lab, pod: str, **query: str) -> AsyncIterator[Line]:
    """A terminal that was let begin."""
    asked = {
        "pod": pod,
        "container": "main",
        "appName": "app",
        "projectName": "default",
        "namespace": lab.workloads,
    }
    headers = {"Cookie": f"argocd.token={door.token}"}
    async with door.http.ws_connect(
        f"{door.url}/terminal", headers=headers, params=asked | query, max_msg_size=0
    ) as socket:
        yield Line(socket)


async def refused(door: Door, lab: Lab, pod: str, **query: str) -> int:
    try:
        async with terminal(door, lab, pod, **query):
            return 101
    except aiohttp.WSServerHandshakeError as error:
        return error.status


async def resized(line: Line, rows: int, columns: int) -> None:
    """Tell a size, and wait until the shell has it."""
    await line.resize(rows, columns)
    async with asyncio.timeout(120):
        while await line.say("size") != f"{rows} rows {columns} columns":
            await asyncio.sleep(0.05)


async def alone(line: Line, count: int) -> None:
    """Wait until so many shells run in the pod."""
    async with asyncio.timeout(120):
        while await line.say("shells") != str(count):
            await asyncio.sleep(0.1)


async def test_a_person_works_in_a_container_and_leaves_nothing_behind(lab: Lab, door: Door) -> None:
    lab.renderer.holds(lab.repo, [deployment()])
    await lab.create_app(**automated())
    await lab.synced()
    pod = await pod_of(lab, "web")
    async with terminal(door, lab, pod) as line:
        await line.resize(24, 80)
        await line.until("$ ")
        assert await line.say("hello  there") == "said: hello there"
        await resized(line, 50, 132)
        await line.type("flood 3000\r")
        await line.until("flood 3000\r\n")
        assert await line.until("$ ") == ("~" * 1022 + "\r\n") * 3000
        async with terminal(door, lab, pod, shell="sh") as other:  # noqa: S604 - a field of the query
            await other.until("$ ")
            assert await other.say("shells") == "2"
        await alone(line, 1)
        await line.type("exit 3\r")
        assert (await line.end()).endswith("exit 3\r\n")
    async with terminal(door, lab, pod) as line:
        await line.until("$ ")
        await alone(line, 1)
        await line.type("\x04")
        await line.end()
    async with terminal(door, lab, pod) as line:
        await line.until("$ ")
        await lab.stop()
        assert await line.end(), "it is said why it ended"


async def test_only_running_containers_of_the_application_are_entered(lab: Lab, door: Door) -> None:
    bare = deployment("bare")
    bare["spec"]["template"]["metadata"]["annotations"] = {SHELLS: "none"}
    lab.renderer.holds(lab.repo, [bare])
    await lab.create_app(**automated())
    await lab.synced()
    pod = await pod_of(lab, "bare")
    async with terminal(door, lab, pod) as line:
        ended = await line.end()
    assert "Failed to exec container" in ended
    assert '"sh": executable file not found' in ended
    assert await refused(door, lab, pod, container="sidecar") == 400
    assert await refused(door, lab, "no-such-pod") == 400
    await lab.client.create(PODS, stranger(), lab.workloads)
    await pod_of(lab, "stranger")
    assert await refused(door, lab, "stranger") == 400


def stranger() -> dict[str, object]:
    """A pod of nobody's application."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "stranger", "labels": {"app": "stranger"}},
        "spec": {"containers": [{"name": "main", "image": "nginx"}]},
    }
