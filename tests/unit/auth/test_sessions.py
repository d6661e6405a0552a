"""A session holds while everything it rests on holds."""

import base64
import time

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from fairlead.auth.accounts import Account, Capability, IssuedToken
from fairlead.auth.errors import InvalidSessionError
from fairlead.auth.sessions import LIFE, Claims, Sessions
from fairlead.secret import Secret

KEY = Secret("a key that is long enough to sign with")
ADMIN = Account(name="admin", capabilities=(Capability.LOGIN,))


class Revoked:
    def __init__(self) -> None:
        self.ended: dict[str, int] = {}

    async def revoke(self, claims: Claims) -> None:
        self.ended[claims.jti] = claims.exp

    def is_revoked(self, claims: Claims) -> bool:
        return claims.jti in self.ended


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


class World:
    """Sessions and what they rest on."""

    def __init__(self) -> None:
        self.accounts = {"admin": ADMIN}
        self.clock = Clock()
        self.key = KEY
        self.revoked = Revoked()
        self.sessions = Sessions(lambda: self.key, lambda: self.accounts, self.revoked, self.clock)

    async def reason(self, token: str) -> str:
        with pytest.raises(InvalidSessionError) as refused:
            await self.sessions.authenticate(token)
        return refused.value.reason


def forged(claims: dict[str, object], key: str = KEY.reveal(), alg: str = "HS256") -> str:
    payload = msgspec.json.encode(claims)
    return jws.serialize_compact({"alg": alg}, payload, OctKey.import_key(key), algorithms=[alg])


def good(**more: object) -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": "argocd",
        "sub": "admin:login",
        "jti": "1",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        **more,
    }


async def test_an_issued_session_holds_for_a_day_and_no_longer() -> None:
    world = World()
    token = world.sessions.issue("admin")
    claims = await world.sessions.authenticate(token)
    assert (claims.username, claims.iss, claims.capability) == ("admin", "argocd", Capability.LOGIN)
    world.clock.now += LIFE
    assert "expired" in await world.reason(token)


async def test_a_session_ends_when_the_password_changes() -> None:
    world = World()
    token = world.sessions.issue("admin")
    changed = msgspec.structs.replace(ADMIN, password_changed=int(world.clock.now) + 1)
    world.accounts["admin"] = changed
    assert await world.reason(token) == "account password has changed since token issued"


async def test_a_session_ends_when_its_account_is_disabled_loses_its_capability_or_goes() -> None:
    world = World()
    token = world.sessions.issue("admin")
    world.accounts["admin"] = msgspec.structs.replace(ADMIN, enabled=False)
    assert await world.reason(token) == "account admin is disabled"
    world.accounts["admin"] = msgspec.structs.replace(ADMIN, capabilities=())
    assert await world.reason(token) == "account admin does not have 'login' capability"
    world.accounts.clear()
    assert await world.reason(token) == "account 'admin' does not exist"


async def test_a_session_that_was_ended_stays_ended() -> None:
    world = World()
    token = world.sessions.issue("admin")
    await world.sessions.end(token)
    assert await world.reason(token) == "token is revoked, please re-login"
    assert list(world.revoked.ended.values()) == [int(world.clock.now) + LIFE]


async def test_only_our_signature_algorithm_and_issuer_count() -> None:
    world = World()
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(msgspec.json.encode(good())).rstrip(b"=").decode()
    assert "malformed" in await world.reason(f"{none}.{body}.")
    assert "signature" in await world.reason(forged(good(), key="another key, as long as ours is"))
    assert "malformed" in await world.reason(forged(good(), alg="HS384"))
    assert await world.reason(forged(good(iss="else"))) == "failed to verify the token"
    assert "malformed" in await world.reason("not.a.token")
    assert "malformed" in await world.reason("x" * 100_000)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 0}, "a login must end"),
        ({"iat": 0}, "not valid yet"),
        ({"nbf": 1 << 40}, "not valid yet"),
        ({"jti": ""}, "does not have a unique identifier"),
        ({"sub": "admin"}, "does not have 'apiKey' capability"),
        ({"sub": ["admin"]}, "malformed"),
    ],
)
async def test_a_session_without_what_it_needs_is_refused(claims: dict[str, object], words: str) -> None:
    assert words in await World().reason(forged(good(**claims)))


async def test_an_api_key_holds_only_while_it_is_listed() -> None:
    world = World()
    token = forged(good(sub="ci:apiKey", jti="k1", exp=0))
    account = Account(name="ci", capabilities=(Capability.API_KEY,), tokens=(IssuedToken(id="k1"),))
    world.accounts["ci"] = account
    assert (await world.sessions.authenticate(token)).username == "ci"
    world.accounts["ci"] = msgspec.structs.replace(account, tokens=())
    assert await world.reason(token) == "account ci does not have token with id k1"


async def test_a_session_near_its_end_is_replaced_by_one_as_long() -> None:
    world = World()
    claims = await world.sessions.authenticate(world.sessions.issue("admin"))
    assert world.sessions.renewed(claims) is None
    world.clock.now += LIFE - 200
    renewed = world.sessions.renewed(claims)
    assert renewed is not None
    after = await world.sessions.authenticate(renewed)
    assert after.exp - after.iat == LIFE


async def test_a_rotated_key_ends_every_session_at_once_and_signs_new_ones() -> None:
    world = World()
    before = world.sessions.issue("admin")
    world.key = Secret("another key that is long enough to sign with")
    assert "signature" in await world.reason(before)
    assert (await world.sessions.authenticate(world.sessions.issue("admin"))).username == "admin"
    world.key = Secret("")
    assert "no key" in await world.reason(before)


class Token(msgspec.Struct):
    id: str
    iat: int
    exp: int = 0


async def test_a_token_of_a_role_that_is_called_login_is_no_login() -> None:
    world, listed = World(), list[Token]()
    sessions = Sessions(
        lambda: world.key, lambda: world.accounts, world.revoked, role_tokens=lambda _, __: listed
    )
    token, claims = sessions.made("proj:red:login", life=0)
    listed.append(Token(claims.jti, claims.iat))
    assert (await sessions.authenticate(token)).username == "proj:red:login"
    short, claims = sessions.made("proj:red:login", life=60)
    listed.append(Token(claims.jti, claims.iat, claims.exp))
    assert sessions.renewed(await sessions.authenticate(short)) is None
