"""How many servers of a cluster hold each stream, and which server a new one begins on.

Invariant: of a stream that is there only the number of its copies is changed, in place, by the controller
alone, who may update streams; everything else of it stays as the server tells it.

A server that stood alone and then joins a cluster brings its streams along, which the cluster deletes after
30 seconds unless somebody makes them anew where they lie. So streams begin on the server tagged first, with
one copy, and are spread from there. With one copy of each again, all are moved to that server, which can
then go on alone.
"""

import asyncio

import msgspec
import nats.errors
import nats.js.errors
import structlog

from fairlead.bus.calls import cancellable
from fairlead.bus.client import QuickClient
from fairlead.metrics import Gauge

log = structlog.get_logger(__name__)

NO_PEERS = 10005
"""JetStream's error code for a stream that finds no, or too few, servers to be placed on."""
NOT_CLUSTERED = 10074
"""JetStream's error code for more than one copy at a server that stands alone."""

BEHIND = Gauge(
    "fairlead_bus_streams_behind",
    "Streams of NATS with fewer copies that are up to date than there should be",
)
UNANSWERED = Gauge(
    "fairlead_bus_streams_unanswered",
    "Streams of NATS that did not answer when looked at: no quorum, no server",
)


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """How many there should be of each stream; `first` is the tag of the server where one begins."""

    number: int = 1
    first: str = ""

    def __post_init__(self) -> None:
        if self.number not in {1, 3, 5}:
            raise ValueError(f"copies of NATS's streams are 1, 3 or 5, not {self.number}")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What a stream says of its copies: those that are asked for, and those that are up to date."""

    wanted: int
    current: int


class CopiesError(nats.errors.Error):
    """JetStream refused; `code` is its own."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code

    def __str__(self) -> str:
        return str(self.args[0])


async def settle(client: QuickClient, names: tuple[str, ...], copies: Copies, *, seconds: float) -> None:
    """Give each stream that is there its number of copies, and count those that lack some.

    What a server refuses or leaves unanswered is logged and counted; the next look tries again.
    """
    standings = await asyncio.gather(*(_standing(client, name, copies, seconds) for name in names))
    BEHIND.set(sum(each is not None and each.current < each.wanted for each in standings))
    UNANSWERED.set(standings.count(None))


async def _standing(client: QuickClient, name: str, copies: Copies, seconds: float) -> Standing | None:
    """What a stream says, once it has its copies; None when it says nothing."""
    try:
        return await _settled(client, name, copies, seconds)
    except nats.js.errors.NotFoundError:
        return Standing(wanted=0, current=0)
    except (nats.errors.Error, TimeoutError) as error:
        log.warning("bus.copies.unsettled", stream=name, error=str(error) or type(error).__name__)
        return None


async def _settled(client: QuickClient, name: str, copies: Copies, seconds: float) -> Standing:
    told = await _asked(client, f"$JS.API.STREAM.INFO.{name}", {}, seconds)
    config = told["config"]
    if not isinstance(config, dict):
        raise TypeError(f"{name}: NATS tells no configuration")
    has = int(config.get("num_replicas") or 1)
    wanted = {**config, "num_replicas": copies.number}
    if has != copies.number:
        wanted.pop("placement", None)  # a stream is not moved and spread at once
    elif has == 1 and client.cluster and copies.first and not _is_placed(config, copies.first):
        wanted["placement"] = {"tags": [copies.first]}
    else:
        return Standing(wanted=has, current=_current(told))
    try:
        told = await _asked(client, f"$JS.API.STREAM.UPDATE.{name}", wanted, seconds)
    except CopiesError as error:
        if error.code not in {NO_PEERS, NOT_CLUSTERED}:
            raise
        log.warning("bus.copies.fewer", stream=name, has=has, wanted=copies.number, reason=str(error))
        return Standing(wanted=copies.number, current=_current(told))
    log.info("bus.copies.changed", stream=name, before=has, now=copies.number)
    return Standing(wanted=copies.number, current=copies.number)


def _is_placed(config: dict[str, object], tag: str) -> bool:
    placement = config.get("placement")
    return isinstance(placement, dict) and tag in (placement.get("tags") or [])


async def _asked(
    client: QuickClient, subject: str, body: dict[str, object], seconds: float
) -> dict[str, object]:
    answer = await cancellable(client.request(subject, msgspec.json.encode(body), timeout=seconds))
    told: dict[str, object] = msgspec.json.decode(answer.data)
    error = told.get("error")
    if not isinstance(error, dict):
        return told
    if error.get("code") == 404:
        raise nats.js.errors.NotFoundError(description=str(error.get("description")))
    raise CopiesError(int(error.get("err_code") or 0), str(error.get("description")))


def _current(told: dict[str, object]) -> int:
    """Copies that are up to date: the leader's, and those of the others that follow."""
    cluster = told.get("cluster")
    if not isinstance(cluster, dict):
        return 1
    others = cluster.get("replicas") or []
    return bool(cluster.get("leader")) + sum(
        1 for other in others if other.get("current") and not other.get("offline")
    )
