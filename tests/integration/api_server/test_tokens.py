"""Tokens of accounts and of projects' roles: made, used, and taken back; and every token that is none."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from fairlead.api_server.kinds import CONFIG_MAPS, PROJECTS, SECRETS
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door

LINES = [
    "p, proj:green:ci, applications, get, green/*, allow",
    "p, proj:green:ci, applications, get, other/*, allow",
]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def declared(door: Door, kube: KubeClient) -> AsyncIterator[None]:
    """Accounts robot and mute, and a project with a role."""
    metadata = {"name": "argocd-cm", "labels": {"app.kubernetes.io/part-of": "argocd"}}
    data = {"accounts.robot": "apiKey", "accounts.mute": "login"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
    await kube.create(CONFIG_MAPS, config, NAMESPACE)
    role = {"name": "ci", "policies": LINES, "groups": ["team"]}
    project = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"name": "green"}}
    await kube.create(PROJECTS, project | {"spec": {"roles": [role]}}, NAMESPACE)
    async with asyncio.timeout(120):
        while (await door.ask("GET", "/api/v1/account/robot"))[0] != 200:
            await asyncio.sleep(0.1)
        while (await door.ask("GET", "/api/v1/projects/green"))[0] != 200:
            await asyncio.sleep(0.1)
    yield
    await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
    await kube.delete(PROJECTS, "green", NAMESPACE)


def words(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[1]["code"], answer[1]["message"]


def using(door: Door, token: str) -> Door:
    return msgspec.structs.replace(door, token=token)


async def test_a_token_of_an_account_works_until_it_is_taken_back(door: Door) -> None:
    path = "/api/v1/account/robot/token"
    status, made = await door.ask("POST", path, {"id": "one", "expiresIn": 3600})
    assert status == 200, made
    robot = using(door, made["token"])  # type: ignore[index]
    _, info = await robot.ask("GET", "/api/v1/session/userinfo")
    assert info == {"loggedIn": True, "username": "robot", "iss": "argocd"}
    _, account = await door.ask("GET", "/api/v1/account/robot")
    token = account["tokens"][0]  # type: ignore[index]
    assert (token["id"], token["expiresAt"] - token["issuedAt"]) == ("one", 3600)
    assert words(await door.ask("POST", path, {"id": "one"})) == (
        2,
        "failed to update account with new token: account 'robot' already has token with id 'one'",
    )
    assert (await door.ask("DELETE", f"{path}/one"))[0] == 200
    assert words(await robot.ask("GET", "/api/v1/applications")) == (
        16,
        "invalid session: account robot does not have token with id one",
    )
    assert words(await door.ask("DELETE", f"{path}/one")) == (5, "token with id 'one' does not exist")
    status, again = await door.ask("POST", path, {"id": "one"})
    assert status == 200
    assert (await using(door, again["token"]).ask("GET", "/api/v1/account/robot"))[0] == 200  # type: ignore[index]
    await door.ask("DELETE", f"{path}/one")


async def test_ending_one_token_ends_no_other_of_the_same_id(door: Door) -> None:
    _, first = await door.ask("POST", "/api/v1/projects/green/roles/ci/token", {"id": "shared"})
    _, second = await door.ask("POST", "/api/v1/account/robot/token", {"id": "shared"})
    cookies = {"argocd.token": first["token"]}  # type: ignore[index]
    url = f"{door.url}/auth/logout"
    async with door.http.get(url, cookies=cookies, allow_redirects=False) as answer:
        assert answer.status == 303
    ended, other = using(door, first["token"]), using(door, second["token"])  # type: ignore[index]
    assert words(await ended.ask("GET", "/api/v1/projects/green"))[0] == 16
    assert (await other.ask("GET", "/api/v1/account/robot"))[0] == 200
    await door.ask("DELETE", "/api/v1/account/robot/token/shared")


async def test_tokens_made_at_the_same_time_are_all_listed(door: Door) -> None:
    path = "/api/v1/account/robot/token"
    answers = await asyncio.gather(*(door.ask("POST", path, {"id": f"t{n}"}) for n in range(4)))
    assert [status for status, _ in answers] == [200] * 4
    _, account = await door.ask("GET", "/api/v1/account/robot")
    assert {token["id"] for token in account["tokens"]} == {"t0", "t1", "t2", "t3"}  # type: ignore[index]


async def test_a_token_is_refused_for_who_may_not_have_one(door: Door) -> None:
    assert words(await door.ask("POST", "/api/v1/account/mute/token", {})) == (
        2,
        "failed to update account with new token: account 'mute' does not have apiKey capability",
    )
    assert words(await door.ask("POST", "/api/v1/account/nobody/token", {})) == (
        5,
        "account 'nobody' does not exist",
    )
    assert words(await door.ask("POST", "/api/v1/account/robot/token", {"expiresIn": -1}))[0] == 3
    _, made = await door.ask("POST", "/api/v1/account/robot/token", {})
    robot = using(door, made["token"])  # type: ignore[index]
    code, text = words(await robot.ask("POST", "/api/v1/account/mute/token", {}))
    assert code == 7 and text.startswith("permission denied: accounts, update, mute, sub: robot, iat: ")
    assert words(await robot.ask("POST", "/api/v1/account/nobody/token", {}))[0] == 7
    assert words(await robot.ask("POST", "/api/v1/projects/green/roles/ci/token", {}))[0] == 7
    assert words(await robot.ask("POST", "/api/v1/projects/missing/roles/ci/token", {}))[0] == 7


async def test_a_token_of_a_projects_role_reaches_its_project_until_it_is_taken_back(
    door: Door, kube: KubeClient
) -> None:
    path = "/api/v1/projects/green/roles/ci/token"
    status, made = await door.ask("POST", path, {"id": "one", "expiresIn": 3600})
    assert status == 200, made
    ci = using(door, made["token"])  # type: ignore[index]
    project = msgspec.json.decode(await kube.get(PROJECTS, "green", NAMESPACE))
    listed = project["status"]["jwtTokensByRole"]["ci"]["items"]
    assert project["spec"]["roles"][0]["jwtTokens"] == listed
    assert (listed[0]["id"], listed[0]["exp"] - listed[0]["iat"]) == ("one", 3600)
    _, can = await ci.ask("GET", "/api/v1/account/can-i/applications/get/green%2Fapp")
    _, cannot = await ci.ask("GET", "/api/v1/account/can-i/applications/get/other%2Fapp")
    assert (can, cannot) == ({"value": "yes"}, {"value": "no"})
    assert (await ci.ask("GET", "/api/v1/projects/green"))[0] == 200
    assert words(await ci.ask("GET", "/api/v1/projects/default"))[0] == 7
    assert words(await door.ask("POST", path, {"id": "one"})) == (3, "Token id 'one' has been used. ")
    assert (await door.ask("DELETE", f"{path}/0", id="one"))[0] == 200
    iat = listed[0]["iat"]
    assert words(await ci.ask("GET", "/api/v1/projects/green")) == (
        16,
        f"invalid session: JWT token for role 'ci' issued at '{iat}' does not exist in project 'green'",
    )
    assert (await door.ask("DELETE", f"{path}/{iat}"))[0] == 200
    assert words(await door.ask("POST", "/api/v1/projects/green/roles/none/token", {})) == (
        5,
        "project 'green' does not have role 'none'",
    )


async def signing_key(kube: KubeClient) -> str:
    data = msgspec.json.decode(await kube.get(SECRETS, "argocd-secret", NAMESPACE))["data"]
    return base64.b64decode(data["server.secretkey"]).decode()


def forged(claims: dict[str, object], key: str) -> str:
    return jws.serialize_compact(
        {"alg": "HS256"}, msgspec.json.encode(claims), OctKey.import_key(key), algorithms=["HS256"]
    )


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(part)).rstrip(b"=").decode()


@pytest.fixture
async def refused(door: Door, kube: KubeClient) -> dict[str, str]:
    """Tokens that are none, by what is wrong with them."""
    key, now = await signing_key(kube), int(time.time())
    good = {"iss": "argocd", "sub": "admin:login", "jti": "x", "iat": now, "nbf": now, "exp": now + 600}
    rsa = RSAKey.generate_key(2048)
    foreign = jws.serialize_compact({"alg": "RS256"}, msgspec.json.encode(good), rsa, algorithms=["RS256"])
    _, made = await door.ask("POST", "/api/v1/account/robot/token", {"id": "revoked"})
    await door.ask("DELETE", "/api/v1/account/robot/token/revoked")
    return {
        "missing": "",
        "garbage": "a.b.c",
        "none": f"{encoded({'alg': 'none'})}.{encoded(good)}.",
        "None": f"{encoded({'alg': 'None'})}.{encoded(good)}.",
        "expired": forged({**good, "iat": now - 60, "nbf": now - 60, "exp": now - 1}, key),
        "early": forged({**good, "nbf": now + 3600}, key),
        "endless": forged({k: v for k, v in good.items() if k != "exp"}, key),
        "other key": forged(good, "another key that is long enough to sign"),
        "rsa": foreign,
        "issuer": forged({**good, "iss": "https://accounts.example"}, key),
        "revoked": made["token"],  # type: ignore[index]
        "role without tokens": forged({**good, "sub": "proj:green:ci"}, key),
        "role of nothing": forged({**good, "sub": "proj:"}, key),
        "unknown account": forged({**good, "sub": "ghost:login"}, key),
        "capability": forged({**good, "sub": "robot:login"}, key),
        "without id": forged({k: v for k, v in good.items() if k != "jti"}, key),
    }


async def test_every_call_is_refused_with_every_token_that_is_none(
    door: Door, refused: dict[str, str]
) -> None:
    assert (await using(door, forged_good := door.token).ask("GET", "/api/v1/applications"))[0] == 200
    assert forged_good
    for kind, token in refused.items():
        headers = {"Content-Type": "application/json"} | ({"token": token} if token else {})
        for verb, path in CALLS:
            async with door.http.request(verb, door.url + path, headers=headers, data=b"{}") as answer:
                assert answer.status == 401, (kind, verb, path, await answer.text())


CALLS = [
    ("GET", "/api/v1/applications"),
    ("POST", "/api/v1/applications"),
    ("DELETE", "/api/v1/applications/a"),
    ("GET", "/api/v1/stream/applications"),
    ("GET", "/api/v1/account"),
    ("PUT", "/api/v1/account/password"),
    ("POST", "/api/v1/account/admin/token"),
    ("GET", "/api/v1/account/can-i/applications/get/a"),
    ("GET", "/api/v1/projects"),
    ("POST", "/api/v1/projects/green/roles/ci/token"),
    ("GET", "/api/v1/clusters"),
    ("GET", "/api/v1/repositories"),
]
