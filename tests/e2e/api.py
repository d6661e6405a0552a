"""The API of a running suite, as an end-to-end test asks it."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

from tests.e2e.world import CONTROL, SECRETS, World

Event = dict[str, Any]


class Api:
    """The API as admin asks it."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def get(self, path: str, **query: str) -> Event:
        """The JSON of an answer."""
        async with self._http.get(self._url + path, params=query) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    async def refusal(self, method: str, path: str, body: object = None, **query: str) -> str:
        """Why a call is refused; "" when it is not."""
        async with self._http.request(method, self._url + path, params=query, json=body) as answer:
            return "" if answer.status == 200 else str((await answer.json())["message"])

    @asynccontextmanager
    async def view(self, name: str) -> AsyncIterator[AsyncIterator[Event]]:
        """The stream of an application's page."""
        query = {"name": name, "namespace": CONTROL}
        timeout = aiohttp.ClientTimeout(total=None)
        path = self._url + "/api/v1/stream/view/application"
        async with self._http.get(path, params=query, timeout=timeout) as answer:
            assert answer.status == 200, await answer.text()
            yield _events(answer)


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    while line := await answer.content.readline():
        yield msgspec.json.decode(line)["result"]


@asynccontextmanager
async def logged_in(world: World) -> AsyncIterator[Api]:
    """A session of admin."""
    found = await world.get(SECRETS, "argocd-initial-admin-secret", CONTROL)
    assert found is not None
    password = base64.b64decode(found["data"]["password"]).decode()
    url = world.suite.api_url
    async with aiohttp.ClientSession() as http:
        body = {"username": "admin", "password": password}
        async with http.post(f"{url}/api/v1/session", json=body) as answer:
            token = (await answer.json())["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield Api(http, url)
