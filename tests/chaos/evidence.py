"""What is to be seen at the end of a run beside the objects: logs, stores, values, processes, files."""

import contextlib
import os
from collections.abc import AsyncIterator

import aiohttp
import msgspec
import redis.asyncio
import redis.exceptions

from fairlead.bus.topology import CHECKS, RENDERS
from fairlead.kube.errors import KubeError
from tests.chaos.bait import HOSTILE, Bait
from tests.chaos.bounds import Broker, backlog
from tests.chaos.caller import Caller
from tests.chaos.leaks import Listener, escapes, leaks_in, leaks_in_files, leaks_in_writes
from tests.chaos.place import Place
from tests.chaos.vitals import strays
from tests.chaos.workload import CONTROL
from tests.e2e.world import APPLICATIONS, CONFIG_MAPS, _resource

KINDS = (
    APPLICATIONS,
    CONFIG_MAPS,
    _resource("argoproj.io", "v1alpha1", "AppProject", "appprojects"),
    _resource("", "v1", "Event", "events"),
    _resource("coordination.k8s.io", "v1", "Lease", "leases"),
)
READ = ("", "/manifests", "/managed-resources", "/resource-tree")
"""What the API is asked of an application."""


class Evidence:
    """The judgement of I6, I7 and a part of I9, at rest."""

    def __init__(self, place: Place, bait: Bait, listener: Listener, apps: list[str]) -> None:
        self._place = place
        self._bait = bait
        self._listener = listener
        self._apps = apps

    async def violations(self) -> list[str]:
        """Everything that is wrong."""
        return [*await self._leaks(), *await self._escapes(), *backlog(await self._broker())]

    async def _leaks(self) -> list[str]:
        canaries, folder = self._bait.canaries, self._place.suite.config.data_dir
        said = [item async for item in self._said()]
        found = [
            *self._listener.found,
            *leaks_in_writes(canaries, self._place.recording.writes),
            *leaks_in_files(canaries, "logs", folder / "logs"),
            *leaks_in_files(canaries, "NATS", self._place.suite.nats.store),
            *leaks_in(canaries, said),
        ]
        if not self._listener.bytes:
            found.append("I6: nothing was heard of what passes NATS and Redis")
        return found

    async def _said(self) -> AsyncIterator[tuple[str, bytes]]:
        """Objects of the cluster, values of Redis, metrics, answers of the API."""
        for resource in KINDS:
            with contextlib.suppress(KubeError):
                for body in await self._place.client.list_all(resource):
                    yield resource.plural, body
        with contextlib.suppress(redis.exceptions.RedisError, OSError):
            async with redis.asyncio.Redis.from_url(self._place.suite.redis.url) as client:
                async for key in client.scan_iter():
                    yield f"Redis {key!r}", key + b" " + (await client.get(key) or b"")
        async with aiohttp.ClientSession() as session:
            for instance, port in self._place.suite.probes.items():
                async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                    yield f"metrics of {instance}", await answer.read()
        async with Caller(self._place) as caller:
            for path in ("", *(f"/{app}{what}" for app in self._apps for what in READ)):
                _, body = await caller.call("GET", f"/api/v1/applications{path}")
                yield f"GET /api/v1/applications{path}", msgspec.json.encode(body)

    async def _escapes(self) -> list[str]:
        raw = await self._place.client.get(APPLICATIONS, HOSTILE, CONTROL)
        conditions = msgspec.json.decode(raw).get("status", {}).get("conditions") or ()
        was_refused = any(item["type"] == "ComparisonError" for item in conditions)
        return [
            *escapes(
                writes=self._place.recording.effects(),
                hostile=HOSTILE,
                strays=strays(str(self._place.folder), os.getpid()),
                left=sorted(file.name for file in self._place.suite.temporary.rglob("*")),
            ),
            *([] if was_refused else [f"I7: {HOSTILE} is not refused, its conditions are {conditions}"]),
        ]

    async def _broker(self) -> Broker:
        streams = (await self._asked("jsz?streams=true&accounts=true"))["account_details"]
        work = {CHECKS.name, RENDERS.name}
        connections = (await self._asked("connz?subs=true"))["connections"]
        return Broker(
            work={
                stream["name"]: stream["state"]["messages"]
                for account in streams
                for stream in account.get("stream_detail") or ()
                if stream["name"] in work
            },
            subscriptions={f"{one['name']} {one['cid']}": one["subscriptions"] for one in connections},
            pending={f"{one['name']} {one['cid']}": one["pending_bytes"] for one in connections},
        )

    async def _asked(self, what: str) -> dict[str, list[dict[str, object]]]:  # type: ignore[type-arg]
        url = f"http://127.0.0.1:{self._place.suite.monitor}/{what}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            found: dict[str, list[dict[str, object]]] = await answer.json()
        return found
