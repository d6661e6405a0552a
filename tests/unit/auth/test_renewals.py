"""Two replicas, and one session that is near its end."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from fairlead.auth.oidc.flow import Arrived, Flow
from fairlead.auth.oidc.renewals import Continued, Renewals
from fairlead.auth.oidc.user_info import digest
from fairlead.auth.oidc.verify import Verifier
from fairlead.auth.sessions import Claims


class Kept:
    """What both replicas keep sessions in."""

    def __init__(self) -> None:
        self.sessions: dict[str, Continued] = {}
        self.claimed: set[str] = set()

    async def get(self, session: str) -> Continued | None:
        return self.sessions.get(session)

    async def put(self, session: str, kept: Continued, seconds: int) -> None:
        self.sessions[session] = kept

    async def claim(self, session: str, seconds: int) -> bool:
        is_first = session not in self.claimed
        self.claimed.add(session)
        return is_first


class Provider:
    """Gives a token for a refresh token once it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()

    async def refresh(self, refresh_token: str) -> Arrived:
        self.asked.append(refresh_token)
        await self.may_answer.wait()
        return Arrived(token="second", claims=claims(3600), access_token="", refresh_token="another")


def claims(left: int) -> Claims:
    now = int(time.time())
    return Claims(iss="https://idp.example", sub="ada", iat=now - 3600, exp=now + left)


async def nobody(_: Arrived) -> None:
    pass


async def test_a_session_is_exchanged_by_one_replica_and_followed_for_both() -> None:
    kept, provider = Kept(), Provider()
    kept.sessions[digest("first")] = Continued(refresh_token="once")
    replicas = [
        Renewals(cast(Flow, provider), cast(Verifier, None), kept, threshold=300.0, arrived=nobody)
        for _ in range(2)
    ]
    for replica in replicas:
        assert await replica.follower("first", claims(60)) == ""
    await asyncio.sleep(0)
    provider.may_answer.set()
    for replica in replicas:
        await replica.settled()
    assert [await replica.follower("first", claims(60)) for replica in replicas] == ["second", "second"]
    assert provider.asked == ["once"]
