"""A subscription to `fairlead.v1.>` tells the whole story of one commit, in order, under one trace."""

import asyncio
from typing import Any

import jsonschema
import msgspec

from fairlead.bus import Bus, BusConfig
from fairlead.bus.follow import follow
from fairlead.events.public import PublicEventType
from fairlead.events.schemas import schema
from fairlead.events.subjects import PUBLIC
from fairlead.local.suite.secrets import ensure_secrets
from tests.e2e.world import World, config_map

Event = dict[str, Any]
STORY = ("commit.detected", "app.rendered", "app.out-of-sync", "app.sync.started", "app.sync.succeeded")


def kind_of(event: Event) -> str:
    return str(event["type"]).removeprefix(f"{PUBLIC}.")


async def test_one_commit_is_one_trace_from_the_push_to_synced(world: World) -> None:
    repo = await world.repository({"app/config.yaml": config_map("web", n="1")})
    namespace = await world.namespace()
    name = await world.application(world.url(repo), namespace)
    await world.settled(name)
    secrets = ensure_secrets(world.suite.config.data_dir)
    user = "events-reader"
    config = BusConfig(url=world.suite.nats.url, service=user, user=user, password=secrets.nats[user])
    bus = await Bus.connect(config)
    seen: list[Event] = []
    reading = asyncio.create_task(_read(bus, seen))
    await asyncio.sleep(0.3)
    head = await repo.publish({"app/config.yaml": config_map("web", n="2")}, "two")
    await world.settled(name, head)

    async def is_told() -> bool:
        return any(kind_of(event) == "app.sync.succeeded" for event in _story(seen, head))

    await world.until(is_told, "the sync was told")
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await bus.close()
    story = _story(seen, head)
    kinds = [kind_of(event) for event in story]
    assert [kind for kind in kinds if kind in STORY] == list(STORY), kinds
    for event in story:
        _check_schema(event)


async def _read(bus: Bus, seen: list[Event]) -> None:
    async for followed in follow(bus, f"{PUBLIC}.>"):
        seen.append(msgspec.json.decode(followed.payload))


def _story(seen: list[Event], head: str) -> list[Event]:
    starts = [e for e in seen if kind_of(e) == "commit.detected" and e["data"].get("new") == head]
    if not starts:
        return []
    trace = starts[0]["traceparent"].split("-")[1]
    return [event for event in seen if event["traceparent"].split("-")[1] == trace]


def _check_schema(event: Event) -> None:
    kind = kind_of(event)
    known = next(item for item in PublicEventType if kind == item.value or kind.startswith(f"{item.value}."))
    jsonschema.validate(event, msgspec.json.decode(schema(known)))
