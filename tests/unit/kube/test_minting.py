"""Credentials that are minted: once for all who need them, again before their end, and not without end."""

import pytest

from fairlead.kube import credentials
from fairlead.kube.connection import Connection
from fairlead.kube.credentials import Credentials
from fairlead.kube.errors import ConnectionConfigError
from fairlead.kube.minting import Aws, Identity, Minted, Place

CONNECTION = Connection(server="https://c", identity=Aws(cluster="blue"))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Mint:
    """Makes another token each time, which holds for 300 s; or says why not."""

    def __init__(self) -> None:
        self.made = 0
        self.problem = ""

    async def __call__(self, identity: Identity, place: Place) -> Minted:
        self.made += 1
        if self.problem:
            raise ConnectionConfigError(self.problem)
        return Minted(token=f"token-{self.made}", seconds=300.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(credentials, "time", found)
    return found


async def shown(found: Credentials) -> str:
    return (await found.headers())["Authorization"]


async def test_a_token_is_minted_once_for_all_views_and_again_before_its_end(clock: Clock) -> None:
    mint = Mint()
    own = Credentials(CONNECTION, mint=mint)
    view = Credentials(CONNECTION.acting_as("somebody"), mint=mint, beside=own)
    assert await shown(own) == await shown(view) == "Bearer token-1"
    assert (await view.headers())["Impersonate-User"] == "somebody"
    clock.now += 260
    assert await shown(view) == "Bearer token-1"
    clock.now += 15
    assert await shown(view) == await shown(own) == "Bearer token-2"


async def test_a_cluster_that_refuses_what_is_minted_does_not_have_it_minted_for_each_request(
    clock: Clock,
) -> None:
    mint = Mint()
    own = Credentials(CONNECTION, mint=mint)
    await own.headers()
    assert not own.refresh()
    clock.now += credentials.MINT_PAUSE + 1
    assert own.refresh()
    assert await shown(own) == "Bearer token-2"
    assert not own.refresh()


async def test_a_failure_is_told_to_all_and_tried_again_later(clock: Clock) -> None:
    mint = Mint()
    mint.problem = "nobody is logged in"
    own = Credentials(CONNECTION, mint=mint)
    for _ in range(5):
        with pytest.raises(ConnectionConfigError, match="nobody is logged in"):
            await own.headers()
    assert mint.made == 1
    mint.problem = ""
    clock.now += credentials.MINT_PAUSE + 1
    assert await shown(own) == "Bearer token-2"


async def test_who_cannot_mint_says_so() -> None:
    with pytest.raises(ConnectionConfigError, match="its credentials are not made here"):
        await Credentials(CONNECTION).headers()
