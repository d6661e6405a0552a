"""Who gets in."""

import asyncio
import base64
import time
from contextlib import suppress

import aiohttp
import bcrypt
import msgspec
import pytest

from fairlead.api_server.config_map import SecretObject, read_secret
from fairlead.api_server.kinds import ENDED_SESSIONS, SECRETS
from fairlead.api_server.prepare import prepare_namespace
from fairlead.api_server.revoked import MAX_ENDED, RevokedSessions
from fairlead.auth.sessions import Claims
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from tests.integration.api_server.conftest import NAMESPACE, Door, elsewhere, opened

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
    async with elsewhere() as http:
        guessing = msgspec.structs.replace(door, http=http)
        wrong = await login(guessing, "admin", "not the password")
        unknown = await login(guessing, "nobody", "not the password")
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
    _, session = await login(door, "admin", door.password)
    cookies = {"argocd.token": str(session["token"])}
    async with aiohttp.ClientSession(cookies=cookies) as http:
        async with http.get(f"{door.url}/api/v1/account") as answer:
            assert answer.status == 200
        async with http.post(f"{door.url}/auth/logout", allow_redirects=False) as answer:
            assert answer.status == 303
            assert "Max-Age=0" in answer.headers["Set-Cookie"]
        headers = {"Authorization": f"Bearer {session['token']}"}
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


async def test_a_path_that_nothing_is_behind_is_not_found(door: Door) -> None:
    async with door.http.get(f"{door.url}/api/v1/nothing") as answer:
        assert answer.status == 404


async def test_a_changed_password_ends_the_sessions_from_before(door: Door) -> None:
    _, session = await login(door, "admin", door.password)
    headers = {"Authorization": f"Bearer {session['token']}", "Content-Type": "application/json"}

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
    await asyncio.gather(*(prepare_namespace(kube, "replicas") for _ in range(8)))
    stored, shown = await prepared(kube)
    assert len(stored["server.secretkey"]) == 44
    assert bcrypt.checkpw(shown["password"].encode(), stored["admin.password"].encode())


async def prepared(kube: KubeClient) -> tuple[dict[str, str], dict[str, str]]:
    stored = read_secret(await kube.get(SECRETS, "argocd-secret", "replicas")).values
    shown = read_secret(await kube.get(SECRETS, "argocd-initial-admin-secret", "replicas")).values
    return stored, shown


async def test_a_first_password_is_never_lost_wherever_its_maker_dies(
    kube: KubeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs the namespace of the test before."""
    await kube.delete(SECRETS, "argocd-secret", "replicas")
    writes = 0

    class DeadError(Exception):
        pass

    def dying_at(last: int) -> None:
        for verb in ("create", "merge_patch"):
            original = getattr(KubeClient, verb)

            async def write(self: KubeClient, *words: object, _original: object = original) -> bytes:
                nonlocal writes
                if writes == last:
                    raise DeadError
                writes += 1
                return await _original(self, *words)  # type: ignore[operator, no-any-return]

            monkeypatch.setattr(KubeClient, verb, write)

    for last in range(6):
        writes = 0
        with monkeypatch.context() as patched:
            monkeypatch = patched
            dying_at(last)
            with suppress(DeadError):
                await prepare_namespace(kube, "replicas")
        await prepare_namespace(kube, "replicas")
        stored, shown = await prepared(kube)
        assert bcrypt.checkpw(shown["password"].encode(), stored["admin.password"].encode()), last
        await kube.delete(SECRETS, "argocd-secret", "replicas")


async def test_a_rotated_signing_key_ends_all_sessions_at_once_and_a_deleted_one_is_made_anew(
    door: Door, kube: KubeClient
) -> None:
    for body in (
        {"data": {"server.secretkey": base64.b64encode(b"another key that is long enough").decode()}},
        {"data": {"server.secretkey": None}},
    ):
        before = door.token
        await kube.merge_patch(SECRETS, "argocd-secret", body, NAMESPACE)
        async with asyncio.timeout(60):
            while (await door.ask("GET", "/api/v1/account"))[0] != 401:
                await asyncio.sleep(0.05)
        door.token = await opened(door, "admin", door.password)
        assert door.token != before
        assert (await door.ask("GET", "/api/v1/account"))[0] == 200


async def test_an_ended_session_is_known_to_a_replica_that_starts_later(door: Door, kube: KubeClient) -> None:
    _, session = await login(door, "admin", door.password)
    token = str(session["token"])
    async with door.http.post(
        f"{door.url}/auth/logout", headers={"Cookie": f"argocd.token={token}"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    stored = read_secret(await kube.get(SECRETS, ENDED_SESSIONS, NAMESPACE))
    later = RevokedSessions(kube, NAMESPACE, lambda: stored)
    payload = token.split(".")[1]
    claims = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=Claims)
    assert later.is_revoked(claims)
    assert not later.is_revoked(msgspec.structs.replace(claims, jti="another"))


async def test_with_very_many_ended_sessions_those_of_one_account_end_together(kube: KubeClient) -> None:
    full = SecretObject(name="", labels={}, values={f"s{n}": "99999999999" for n in range(MAX_ENDED)})
    ended = RevokedSessions(kube, "replicas", lambda: full)
    claims = Claims(sub="ci:login", jti="x", iat=int(time.time()) - 5, exp=int(time.time()) + 500)
    await ended.revoke(claims)
    assert ended.is_revoked(claims)
    assert ended.is_revoked(msgspec.structs.replace(claims, jti="y"))
    assert not ended.is_revoked(msgspec.structs.replace(claims, sub="other:login"))
    assert not ended.is_revoked(msgspec.structs.replace(claims, iat=claims.exp))


async def test_many_logins_at_once_with_the_right_password_all_succeed(door: Door) -> None:
    async with asyncio.timeout(120):
        answers = await asyncio.gather(*(login(door, "admin", door.password) for _ in range(12)))
    assert {status for status, _ in answers} == {200}
