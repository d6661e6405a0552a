"""Who gets in."""

import asyncio

import aiohttp
import bcrypt
import msgspec
import pytest

from fairlead.api_server.config_map import read_secret
from fairlead.api_server.kinds import SECRETS
from fairlead.api_server.prepare import prepare_namespace
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import Door

NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)


async def login(door: Door, username: str, password: str) -> tuple[int, dict[str, object]]:
    async with door.http.post(
        f"{door.url}/api/v1/session", json={"username": username, "password": password}
    ) as answer:
        return answer.status, await answer.json()


async def test_the_initial_password_opens_a_session_and_sets_a_cookie_that_scripts_cannot_read(
    door: Door,
) -> None:
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        http.post(
            f"{door.url}/api/v1/session", json={"username": "admin", "password": door.password}
        ) as answer,
    ):
        cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("argocd.token=ey")
    assert "httpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_a_wrong_password_and_an_unknown_user_are_answered_alike(door: Door) -> None:
    wrong = await login(door, "admin", "not the password")
    unknown = await login(door, "nobody", "not the password")
    assert wrong == unknown
    assert wrong == (
        401,
        {"error": "Invalid username or password", "code": 16, "message": "Invalid username or password"},
    )
    assert (await login(door, "admin", door.password))[0] == 200


@pytest.mark.parametrize(
    ("username", "password", "status", "words"),
    [
        ("", "x", 401, "no credentials supplied"),
        ("admin", "", 401, "no credentials supplied"),
        ("a" * 33, "x", 400, "Username is too long (32 bytes max)"),
    ],
)
async def test_unusable_credentials_are_named(
    door: Door, username: str, password: str, status: int, words: str
) -> None:
    answer = await login(door, username, password)
    assert (answer[0], answer[1]["message"]) == (status, words)


async def test_without_a_session_nothing_but_the_version_is_told(door: Door) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{door.url}/api/v1/applications") as answer:
            assert answer.status == 401
            assert (await answer.json())["message"] == "no session information"
        async with http.get(f"{door.url}/api/version") as answer:
            assert list(await answer.json()) == ["Version"]
        async with http.get(f"{door.url}/api/v1/session/userinfo") as answer:
            assert await answer.json() == {}
        async with http.get(f"{door.url}/api/v1/settings") as answer:
            assert "controllerNamespace" not in await answer.json()


async def test_a_forged_token_is_refused(door: Door) -> None:
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {door.token[:-4]}AAAA"}
        async with http.get(f"{door.url}/api/v1/applications", headers=headers) as answer:
            assert answer.status == 401
            assert "signature is invalid" in (await answer.json())["message"]


async def test_the_session_says_who_it_belongs_to(door: Door) -> None:
    assert await door.ask("GET", "/api/v1/session/userinfo") == (
        200,
        {"loggedIn": True, "username": "admin", "iss": "argocd"},
    )


async def test_accounts_are_listed_without_secrets(door: Door) -> None:
    expected = {"name": "admin", "enabled": True, "capabilities": ["login"]}
    assert await door.ask("GET", "/api/v1/account") == (200, {"items": [expected]})
    assert await door.ask("GET", "/api/v1/account/admin") == (200, expected)
    status, body = await door.ask("GET", "/api/v1/account/nobody")
    assert (status, msgspec.convert(body, dict)["message"]) == (404, "account 'nobody' does not exist")


async def test_admin_may_sync_everything_and_unknown_words_are_refused(door: Door) -> None:
    assert await door.ask("GET", "/api/v1/account/can-i/applications/sync/*/*") == (200, {"value": "yes"})
    status, body = await door.ask("GET", "/api/v1/account/can-i/applications/dance/*")
    assert status == 400
    assert "does not contain dance" in msgspec.convert(body, dict)["message"]


async def test_logging_out_ends_the_session_itself(door: Door) -> None:
    _, opened = await login(door, "admin", door.password)
    cookies = {"argocd.token": str(opened["token"])}
    async with aiohttp.ClientSession(cookies=cookies) as http:
        async with http.get(f"{door.url}/api/v1/account") as answer:
            assert answer.status == 200
        async with http.post(f"{door.url}/auth/logout", allow_redirects=False) as answer:
            assert answer.status == 303
            assert "Max-Age=0" in answer.headers["Set-Cookie"]
        headers = {"Authorization": f"Bearer {opened['token']}"}
        async with http.get(f"{door.url}/api/v1/account", headers=headers) as answer:
            assert answer.status == 401
            assert "token is revoked" in (await answer.json())["message"]


async def test_a_form_cannot_change_anything(door: Door) -> None:
    headers = {"Authorization": f"Bearer {door.token}", "Content-Type": "text/plain"}
    async with door.http.delete(f"{door.url}/api/v1/applications/x", headers=headers) as answer:
        assert answer.status == 415
        assert await answer.text() == "Invalid content type"


async def test_every_answer_carries_the_protective_headers(door: Door) -> None:
    for path in ("/healthz", "/api/version", "/nowhere", "/api/v1/applications"):
        async with door.http.get(door.url + path) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "Server" not in answer.headers


async def test_what_this_version_does_not_have_is_answered_with_code_12(door: Door) -> None:
    status, body = await door.ask("GET", "/api/v1/applicationsets")
    assert (status, msgspec.convert(body, dict)["code"]) == (501, 12)
    async with door.http.get(f"{door.url}/api/v1/nothing") as answer:
        assert answer.status == 404


async def test_a_changed_password_ends_the_sessions_from_before(door: Door) -> None:
    _, opened = await login(door, "admin", door.password)
    headers = {"Authorization": f"Bearer {opened['token']}", "Content-Type": "application/json"}

    async def change(current: str, new: str) -> tuple[int, str]:
        body = {"currentPassword": current, "newPassword": new}
        async with door.http.put(f"{door.url}/api/v1/account/password", json=body, headers=headers) as answer:
            return answer.status, (await answer.json()).get("message", "")

    assert await change("wrong", "a new password") == (400, "current password does not match")
    assert (await change(door.password, "short"))[0] == 500
    await asyncio.sleep(1.1)
    assert await change(door.password, "a new password") == (200, "")
    assert (await change("a new password", door.password))[1].endswith(
        "account password has changed since token issued"
    )
    status, again = await login(door, "admin", "a new password")
    assert status == 200
    headers["Authorization"] = f"Bearer {again['token']}"
    await asyncio.sleep(1.1)
    assert await change("a new password", door.password) == (200, "")
    door.token = str((await login(door, "admin", door.password))[1]["token"])


async def test_replicas_that_start_at_once_agree_on_key_and_password(kube: KubeClient) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "replicas"}}
    await kube.create(NAMESPACES, namespace)
    keys = await asyncio.gather(*(prepare_namespace(kube, "replicas") for _ in range(4)))
    assert len({key.reveal() for key in keys}) == 1
    stored = read_secret(await kube.get(SECRETS, "argocd-secret", "replicas")).values
    shown = read_secret(await kube.get(SECRETS, "argocd-initial-admin-secret", "replicas")).values
    assert bcrypt.checkpw(shown["password"].encode(), stored["admin.password"].encode())
