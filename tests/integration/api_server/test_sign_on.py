"""Single sign-on with an identity provider that is real but for its people."""

import asyncio
import base64
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import RSAKey
from yarl import URL

from fairlead.api_server.kinds import CONFIG_MAPS, SECRETS
from fairlead.kube.rest import KubeClient
from tests.fakes.identity_provider import CLIENT, SECRET, IdentityProvider
from tests.integration.api_server.conftest import NAMESPACE, Door

LABELS = {"app.kubernetes.io/part-of": "argocd"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def provider(door: Door, kube: KubeClient) -> AsyncIterator[IdentityProvider]:
    """A provider that the settings name, and a policy for its people."""
    async with IdentityProvider().serving() as running:
        document = f"name: Test\nissuer: {running.issuer}\nclientID: {CLIENT}\nclientSecret: $oidc.secret\n"
        document += (
            "cliClientID: cli\nlogoutURL: 'https://idp.example/out?t={{token}}&to={{logoutRedirectURL}}'\n"
        )
        data = {
            "url": door.url,
            "oidc.config": document,
            "additionalUrls": "- https://other.example/ui\n",
            "accounts.ada": "login",
        }
        metadata = {"name": "argocd-cm", "labels": LABELS}
        await kube.create(
            CONFIG_MAPS,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data},
            NAMESPACE,
        )
        encoded = base64.b64encode(SECRET.encode()).decode()
        await kube.merge_patch(SECRETS, "argocd-secret", {"data": {"oidc.secret": encoded}}, NAMESPACE)
        policy = {"policy.csv": "g, team, role:readonly\ng, ada@example.org, role:readonly"}
        await kube.create(
            CONFIG_MAPS,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "argocd-rbac-cm"},
                "data": policy,
            },
            NAMESPACE,
        )

        async def is_named() -> bool:
            _, settings = await door.ask("GET", "/api/v1/settings")
            return "oidcConfig" in settings  # type: ignore[operator]

        await until(is_named)
        yield running
        await kube.delete(CONFIG_MAPS, "argocd-cm", NAMESPACE)
        await kube.delete(CONFIG_MAPS, "argocd-rbac-cm", NAMESPACE)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await holds():
            await asyncio.sleep(0.05)


def using(door: Door, token: str) -> Door:
    return msgspec.structs.replace(door, token=token)


async def may_read(door: Door, token: str) -> bool:
    status, answer = await using(door, token).ask("GET", "/api/v1/projects/default")
    assert status in (200, 401, 403), answer
    return status == 200


async def test_who_the_provider_knows_is_who_its_token_says_and_has_the_rights_of_its_groups(
    door: Door, provider: IdentityProvider
) -> None:
    token = provider.token()
    _, info = await using(door, token).ask("GET", "/api/v1/session/userinfo")
    assert info == {
        "loggedIn": True,
        "username": "ada@example.org",
        "iss": provider.issuer,
        "groups": ["team"],
    }
    assert await may_read(door, token)
    assert not await may_read(door, provider.token(groups=["others"]))
    assert not await may_read(door, provider.token(groups=None))
    status, answer = await using(door, token).ask("DELETE", "/api/v1/applications/nothing")
    assert status == 403, answer


async def test_scopes_say_which_claims_are_groups(
    door: Door, provider: IdentityProvider, kube: KubeClient
) -> None:
    token = provider.token(groups=None)
    assert not await may_read(door, token)
    patch = {"data": {"scopes": "[groups, email]"}}
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", patch, NAMESPACE)

    async def may() -> bool:
        return await may_read(door, token)

    await until(may)
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", {"data": {"scopes": None}}, NAMESPACE)

    async def may_not() -> bool:
        return not await may_read(door, token)

    await until(may_not)


async def test_what_a_person_did_is_told_by_the_name_that_people_know(
    door: Door, provider: IdentityProvider, kube: KubeClient
) -> None:
    patch = {"data": {"policy.csv": "g, team, role:admin"}}
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", patch, NAMESPACE)
    person = using(door, provider.token())
    body = {"project": {"metadata": {"name": "by-ada"}, "spec": {}}}

    async def made() -> bool:
        return (await person.ask("POST", "/api/v1/projects", body))[0] == 200

    await until(made)

    async def told() -> bool:
        _, events = await door.ask("GET", "/api/v1/projects/by-ada/events")
        return "ada@example.org" in str(events)

    await until(told)
    await door.ask("DELETE", "/api/v1/projects/by-ada")
    back = {"data": {"policy.csv": "g, team, role:readonly\ng, ada@example.org, role:readonly"}}
    await kube.merge_patch(CONFIG_MAPS, "argocd-rbac-cm", back, NAMESPACE)

    async def is_back() -> bool:
        _, answer = await person.ask("GET", "/api/v1/account/can-i/projects/create/x")
        return answer == {"value": "no"}

    await until(is_back)


@pytest.mark.parametrize("name", ["admin", "role:admin", "ada", "proj:default:admin"])
async def test_nobody_is_more_by_what_the_provider_calls_them(
    door: Door, provider: IdentityProvider, name: str
) -> None:
    for claims in ({"sub": name}, {"federated_claims": {"user_id": name}}, {"sub": "x", "groups": [name]}):
        token = provider.token(**{"groups": None, **claims})
        assert not await may_read(door, token), claims
    body = {"name": "ada", "newPassword": "another long password"}
    token = provider.token(sub="ada", groups=None)
    assert (await using(door, token).ask("PUT", "/api/v1/account/password", body))[0] == 403


def by_secret(secret: bytes, claims: object) -> str:
    parts = [msgspec.json.encode({"alg": "HS256"}), msgspec.json.encode(claims)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    mac = base64.urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return (signed + b"." + mac).decode()


async def test_a_token_that_is_not_the_providers_or_not_for_us_is_refused(
    door: Door, provider: IdentityProvider
) -> None:
    good = msgspec.json.decode(base64.urlsafe_b64decode(provider.token().split(".")[1] + "=="))
    public = provider.keys[0].as_pem(private=False)
    other = RSAKey.generate_key(2048, parameters={"kid": provider.keys[0].kid})

    def signed(key: Any, alg: str) -> str:
        header = {"alg": alg, "kid": provider.keys[0].kid}
        return jws.serialize_compact(header, msgspec.json.encode(good), key, algorithms=[alg])

    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    wrong = {
        "another client's": provider.token(aud="another"),
        "nobody's": provider.token(aud=None),
        "over": provider.token(exp=1),
        "endless": provider.token(exp=None),
        "another issuer's": provider.token(iss="https://evil.example"),
        "ours by name": provider.token(iss="argocd"),
        "nobody": provider.token(sub=""),
        "signed by another": signed(other, "RS256"),
        "unsigned": f"{none}.{provider.token().split('.')[1]}.",
        "cut": provider.token()[:-4],
    }
    wrong["signed with the public key as a secret"] = by_secret(public, good)
    for kind, token in wrong.items():
        status, answer = await using(door, token).ask("GET", "/api/v1/applications")
        assert (status, answer["code"]) == (401, 16), kind  # type: ignore[index]
    assert await may_read(door, provider.token(aud=["another", "cli"]))


async def test_new_keys_count_at_once_and_garbage_makes_nobody_ask_for_them_often(
    door: Door, provider: IdentityProvider
) -> None:
    old = provider.token()
    assert await may_read(door, old)
    provider.change_keys()
    assert await may_read(door, provider.token())
    assert not await may_read(door, old)
    stranger = RSAKey.generate_key(2048, parameters={"kid": "stranger"})
    payload = msgspec.json.encode({"iss": provider.issuer, "sub": "x"})
    header = {"alg": "RS256", "kid": "stranger"}
    forged = jws.serialize_compact(header, payload, stranger, algorithms=["RS256"])
    before = provider.asked.count("keys")
    for _ in range(20):
        assert not await may_read(door, forged)
    assert provider.asked.count("keys") - before <= 6


async def came_back(door: Door, **query: str) -> tuple[aiohttp.ClientSession, str]:
    """A browser at the callback, and the callback's address."""
    browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
    async with browser.get(f"{door.url}/auth/login", params=query, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        where = answer.headers["Location"]
        cookie = SimpleCookie(answer.headers["Set-Cookie"])["argocd.oauthstate"]
        assert cookie["httponly"] and cookie["samesite"] == "lax" and cookie["max-age"] == "300"
    async with browser.get(where, allow_redirects=False) as answer:
        return browser, answer.headers["Location"]


async def test_a_browser_logs_in_by_the_code_flow_and_logs_out(
    door: Door, provider: IdentityProvider
) -> None:
    browser, callback = await came_back(door, return_url=f"{door.url}/applications")
    async with browser:
        async with browser.get(callback, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"{door.url}/applications")
        async with browser.get(f"{door.url}/api/v1/session/userinfo") as answer:
            assert (await answer.json())["username"] == "ada@example.org"
        token = browser.cookie_jar.filter_cookies(URL(door.url))["argocd.token"].value
        async with browser.get(callback, allow_redirects=False) as answer:
            assert answer.status == 401
        async with browser.get(f"{door.url}/auth/logout", allow_redirects=False) as answer:
            location = urlsplit(answer.headers["Location"])
        assert (location.netloc, parse_qs(location.query)["t"]) == ("idp.example", [token])
    _ = provider


@asynccontextmanager
async def refreshing(door: Door, kube: KubeClient, threshold: str) -> AsyncIterator[None]:
    """While it lasts sessions go on that near their end by so much."""
    document = msgspec.json.decode(await kube.get(CONFIG_MAPS, "argocd-cm", NAMESPACE))["data"]["oidc.config"]

    async def say(text: str, name: str) -> None:
        await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"oidc.config": text}}, NAMESPACE)

        async def is_read() -> bool:
            _, told = await door.ask("GET", "/api/v1/settings")
            return told["oidcConfig"]["name"] == name  # type: ignore[index]

        await until(is_read)

    more = f"refreshTokenThreshold: {threshold}\n"
    await say(document.replace("name: Test", f"name: {threshold}") + more, threshold)
    try:
        yield
    finally:
        await say(document, "Test")


def session_of(browser: aiohttp.ClientSession, door: Door) -> str:
    return browser.cookie_jar.filter_cookies(URL(door.url))["argocd.token"].value


async def test_a_session_near_its_end_goes_on_without_a_login_and_is_exchanged_once(
    door: Door, provider: IdentityProvider, kube: KubeClient
) -> None:
    provider.person["iat"] = int(time.time()) - 1200
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(refreshing(door, kube, "15m"))
        browser, callback = await came_back(door)
        await stack.enter_async_context(browser)
        async with browser.get(callback, allow_redirects=False) as answer:
            assert answer.status == 303
        first, before = session_of(browser, door), provider.asked.count("refresh")
        provider.person |= {"iat": int(time.time()) - 1, "groups": ["others"]}

        async def asked(token: str) -> tuple[int, bool]:
            headers = {"Cookie": f"argocd.token={token}"}
            async with door.http.get(f"{door.url}/api/v1/session/userinfo", headers=headers) as answer:
                return answer.status, "Set-Cookie" in answer.headers

        await asyncio.gather(*(asked(first) for _ in range(20)))

        async def goes_on() -> bool:
            async with browser.get(f"{door.url}/api/v1/session/userinfo") as answer:
                assert answer.status == 200
            return session_of(browser, door) != first

        await until(goes_on)
        second = session_of(browser, door)
        assert provider.asked.count("refresh") - before == 1
        assert await asked(first) == (200, True)
        assert await asked(second) == (200, False)
        assert not await may_read(door, second)
        async with browser.get(f"{door.url}/auth/logout", allow_redirects=False) as answer:
            assert answer.status == 303

        async def is_ended() -> bool:
            return (await asked(second))[0] == 200 and await asked(first) == (200, False)

        await until(is_ended)
    provider.person |= {"groups": ["team"]}
    del provider.person["iat"]


@pytest.mark.parametrize("change", [{"sub": "u-2"}, {"exp": 1}, {"iss": "https://other.example"}])
async def test_a_session_is_followed_by_no_token_that_is_not_of_the_same_person_and_in_force(
    door: Door, provider: IdentityProvider, kube: KubeClient, change: dict[str, object]
) -> None:
    usual = dict(provider.person)
    provider.person["iat"] = int(time.time()) - 1200
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(refreshing(door, kube, "15m"))
        browser, callback = await came_back(door)
        await stack.enter_async_context(browser)
        async with browser.get(callback, allow_redirects=False) as answer:
            assert answer.status == 303
        first, before = session_of(browser, door), provider.asked.count("refresh")
        provider.person |= change

        async def was_asked() -> bool:
            async with browser.get(f"{door.url}/api/v1/session/userinfo") as answer:
                assert (await answer.json())["loggedIn"] is True
            return provider.asked.count("refresh") > before

        await until(was_asked)
        for _ in range(5):
            assert await was_asked()
        assert session_of(browser, door) == first
        assert provider.asked.count("refresh") - before == 1
    provider.person = usual


async def test_a_return_that_this_browser_did_not_set_out_for_is_refused(
    door: Door, provider: IdentityProvider
) -> None:
    assert provider.issuer
    browser, callback = await came_back(door)
    async with browser:
        async with door.http.get(callback, allow_redirects=False) as answer:
            assert (answer.status, "Invalid state" in await answer.text()) == (401, True)
        async with browser.get(callback.replace("state=", "state=x"), allow_redirects=False) as answer:
            assert answer.status == 401
        injected = "<script>alert(1)</script>"
        async with browser.get(f"{door.url}/auth/callback", params={"error": injected}) as answer:
            assert (answer.status, answer.content_type) == (401, "text/plain")


async def test_a_person_who_is_not_let_in_is_led_back_to_the_login_with_one_of_a_few_reasons(
    door: Door, provider: IdentityProvider
) -> None:
    async def led(**query: str) -> str:
        url, page = f"{door.url}/auth/callback", {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        async with door.http.get(url, params=query, headers=page, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (303, "no-store")
            return answer.headers["Location"].removeprefix("/login?has_sso_error=true&sso_error=")

    assert provider.issuer
    assert await led(error="access_denied", error_description="Call 0900-EVIL") == "access_denied"
    assert await led(error="Call 0900-EVIL\r\nX: y") == "other"
    assert await led(state="x", code="y") == "failed"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 303),
        ("https://other.example/ui", 303),
        ("https://other.example/ui/applications?x=1", 303),
        ("https://other.example/uix", 400),
        ("https://other.example/ui/../evil", 400),
        ("https://other.example.evil.org/ui", 400),
        ("https://evil.example", 400),
        ("//evil.example", 400),
        ("javascript:alert(1)", 400),
        ("https://other.example\\@evil.example/ui", 400),
        ("https://other.example/ui\r\nSet-Cookie: a=b", 400),
        ("http://other.example/ui", 400),
    ],
)
async def test_nobody_is_sent_on_to_an_address_that_is_not_ours(
    door: Door, provider: IdentityProvider, url: str, status: int
) -> None:
    assert provider.issuer
    query = {"return_url": url} if url else {}
    async with door.http.get(f"{door.url}/auth/login", params=query, allow_redirects=False) as answer:
        assert answer.status == status, await answer.text()


async def test_the_settings_tell_a_client_what_it_needs_and_no_secret(
    door: Door, provider: IdentityProvider
) -> None:
    async with door.http.get(f"{door.url}/api/v1/settings") as answer:
        text = await answer.text()
    assert SECRET not in text
    assert msgspec.json.decode(text)["oidcConfig"] == {
        "name": "Test",
        "issuer": provider.issuer,
        "clientID": CLIENT,
        "cliClientID": "cli",
        "scopes": ["openid", "profile", "email", "groups"],
    }


async def test_a_session_of_the_provider_that_was_ended_is_ended(
    door: Door, provider: IdentityProvider
) -> None:
    for claims in ({"jti": "one"}, {"uti": "two"}, {"at_hash": "three"}):
        token = provider.token(**claims)
        assert await may_read(door, token)
        cookies = {"argocd.token": token}
        async with door.http.get(f"{door.url}/auth/logout", cookies=cookies, allow_redirects=False) as answer:
            assert answer.status == 303
        assert not await may_read(door, token)
        assert await may_read(door, provider.token(jti="another"))
    now = int(time.time())
    nameless, other = provider.token(iat=now), provider.token(iat=now, name="of the same second")
    async with door.http.get(
        f"{door.url}/auth/logout", cookies={"argocd.token": nameless}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    assert not await may_read(door, nameless)
    assert await may_read(door, other)


async def test_groups_are_asked_of_the_provider_where_the_settings_say_so(
    door: Door, provider: IdentityProvider, kube: KubeClient
) -> None:
    before = msgspec.json.decode(await kube.get(CONFIG_MAPS, "argocd-cm", NAMESPACE))["data"]["oidc.config"]
    asking = f"{before}enableUserInfoGroups: true\nuserInfoPath: /userinfo\nuserInfoCacheExpiration: 1h\n"
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"oidc.config": asking}}, NAMESPACE)

    async def has_no_groups() -> bool:
        return not await may_read(door, provider.token(jti="made elsewhere"))

    await until(has_no_groups)
    provider.info = {"groups": ["team"]}
    browser, callback = await came_back(door)
    async with browser:
        async with browser.get(callback, allow_redirects=False) as answer:
            assert answer.status == 303
        for _ in range(3):
            async with browser.get(f"{door.url}/api/v1/projects/default") as answer:
                assert answer.status == 200, await answer.text()
    assert provider.asked.count("userinfo") == 1
    provider.info = {"sub": "somebody else", "groups": ["team"]}
    browser, callback = await came_back(door)
    async with browser:
        async with browser.get(callback, allow_redirects=False) as answer:
            assert answer.status == 303
        async with browser.get(f"{door.url}/api/v1/projects/default") as answer:
            assert answer.status == 403
    await kube.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": {"oidc.config": before}}, NAMESPACE)

    async def is_as_before() -> bool:
        return await may_read(door, provider.token(jti="after"))

    await until(is_as_before)
