"""Who asked for what, and what they were told, is on record; what they sent is not."""

import asyncio
import re

import aiohttp
import pytest

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
