"""Who asked for what, and what they were told, is on record; what they sent is not."""

import asyncio
import re
from typing import Any

import aiohttp
import msgspec
import pytest

from fairlead.bus import Bus, BusConfig
from fairlead.bus.follow import follow
from fairlead.bus.topology import READER
from fairlead.events.subjects import PUBLIC
from fairlead.local.nats_server import NatsServer
from tests.integration.api_server.conftest import Door, elsewhere


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    said = re.sub("\x1b\\[[0-9;]*m", "", "".join(capsys.readouterr()))
    return [line for line in said.splitlines() if "api.call" in line]


async def test_every_call_leaves_one_record_with_caller_code_and_time(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    await door.ask("GET", "/api/v1/applications", selector="canary=query")
    (line,) = lines(capsys)
    for word in (
        "/application.ApplicationService/List",
        "via=rest",
        "code=OK",
        "user=admin",
        "issuer=argocd",
        "milliseconds=",
    ):
        assert word in line
    assert "canary" not in line


async def test_denials_are_told_louder_and_passwords_not_at_all(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    async with elsewhere() as http:
        async with http.get(f"{door.url}/api/v1/applications") as answer:
            assert answer.status == 401
        body = {"username": "admin", "password": "hunter2-canary"}
        async with http.post(f"{door.url}/api/v1/session", json=body) as answer:
            assert answer.status == 401
    said = "".join(capsys.readouterr())
    assert said.count("api.call.denied") == 2
    assert "warning" in said
    assert "canary" not in said
    assert (await door.ask("GET", "/api/v1/applications/missing"))[0] == 403
    assert "api.call.denied" in "".join(capsys.readouterr())


async def test_a_stream_is_on_record_when_it_begins_and_when_it_ends(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    headers = {"Authorization": f"Bearer {door.token}"}
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{door.url}/api/v1/stream/applications?name=none", headers=headers) as answer,
    ):
        assert answer.status == 200
    said = ""
    async with asyncio.timeout(60):
        while "code=" not in said:
            said += "\n".join(lines(capsys))
            await asyncio.sleep(0.1)
    assert "api.call.started" in said


async def test_a_change_is_on_record_in_the_log_and_for_outsiders_on_nats(
    door: Door, nats_server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    outsider = await Bus.connect(BusConfig(url=nats_server.url, service=READER))
    seen: list[dict[str, Any]] = []

    async def read() -> None:
        async for followed in follow(outsider, f"{PUBLIC}.audit.>"):
            seen.append(msgspec.json.decode(followed.payload))

    reading = asyncio.create_task(read())
    project = {"metadata": {"name": "of-an-audit"}, "spec": {"description": "hunter2-canary"}}
    async with asyncio.timeout(120):
        assert (await door.ask("POST", "/api/v1/projects", {"project": project}))[0] == 200
        while not seen:
            await asyncio.sleep(0.1)
            await door.ask("PUT", "/api/v1/projects/of-an-audit", {"project": project})
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await outsider.close()
    data = seen[-1]["data"]
    assert data["kind"] == "AppProject"
    assert data["name"] == "of-an-audit"
    assert data["user"] == "admin"
    assert data["address"] == "127.0.0.1"
    assert seen[-1]["traceparent"]
    said = re.sub("\x1b\\[[0-9;]*m", "", "".join(capsys.readouterr()))
    line = next(line for line in said.splitlines() if "api.audit" in line)
    assert "ProjectService/Create" in line
    assert "hunter2-canary" not in said
