"""A person before the API, who tries again whenever the server dies, and believes what it has accepted."""

import asyncio
import base64
import time
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from tests.chaos.place import Place
from tests.chaos.workload import CONTROL
from tests.e2e.world import SECRETS

PATIENCE = 120.0
PAUSE = 0.2
ADMIN = "argocd-initial-admin-secret"


class Caller:
    """Logged in as the administrator; `accepted` counts requests that were answered with success."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        self._token = ""

    async def __aenter__(self) -> Self:
        raw = await self._place.client.get(SECRETS, ADMIN, CONTROL)
        password = base64.b64decode(msgspec.json.decode(raw)["data"]["password"]).decode()
        _, body = await self.call("POST", "/api/v1/session", {"username": "admin", "password": password})
        self._token = body["token"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def call(
        self, verb: str, path: str, body: Any = None, *, but: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """Ask until it is answered with success, or with one of the statuses that are as good.

        Raises AssertionError with the last answer when that does not come in time.
        """
        ends, last = time.monotonic() + PATIENCE, "nothing"
        while time.monotonic() < ends:
            headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
            headers["Content-Type"] = "application/json"
            url = f"{self._place.suite.api_url}{path}"
            try:
                async with self._session.request(verb, url, json=body, headers=headers) as answer:
                    text = await answer.text()
                    if answer.status < 300 or answer.status in but:
                        return answer.status, msgspec.json.decode(text) if text else None
                    last = f"{answer.status} {text[:300]}"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                last = str(error) or type(error).__name__
            await asyncio.sleep(PAUSE)
        raise AssertionError(f"{verb} {path}: {last}")
