"""Webhooks of who has the secret and of who has not, and what readers meet meanwhile."""

import asyncio
import hashlib
import hmac

import msgspec

from fairlead.local.ports import LOOPBACK
from tests.bench.api.answers import reading, said
from tests.bench.api.load import Answers, Load
from tests.bench.api.server import REPOSITORIES, WEBHOOK_SECRET, Api, Spent, loaded, repository
from tests.bench.api.size import Size
from tests.bench.report import Figure, Measured, percentile

VALID_A_SECOND = 1000.0
FORGED_A_SECOND = 5000.0
READS_A_SECOND = 50.0
SECONDS = 10.0
CONNECTIONS = 64
BAR_READ_MS = 100.0
PADDING = 4096
"""Bytes of a push beyond what is read of it: providers tell of commits at length."""


async def measure(api: Api, size: Size) -> list[Measured]:
    """First those that prove who they are, then those that do not; readers in both."""
    valid = await _flood(api, size, WEBHOOK_SECRET, size.of(VALID_A_SECOND))
    forged = await _flood(api, size, "another secret", size.of(FORGED_A_SECOND))
    return [
        _told(size, ("valid", "accepted", 200), VALID_A_SECOND, valid),
        _told(size, ("forged", "refused", 400), FORGED_A_SECOND, forged),
    ]


async def _flood(api: Api, size: Size, secret: str, rate: float) -> tuple[Answers, Answers, Spent]:
    pushes = [_push(number % REPOSITORIES, number, secret) for number in range(5 * REPOSITORIES)]
    flood = Load(port=api.port, requests=pushes, rate=rate, seconds=SECONDS, connections=CONNECTIONS)
    reads = reading(api, size, size.of(READS_A_SECOND), SECONDS)
    window = api.window()
    async with asyncio.TaskGroup() as group:
        hooks = group.create_task(loaded(flood))
        read = group.create_task(loaded(reads))
    return hooks.result(), read.result(), window.spent()


def _told(
    size: Size, words: tuple[str, str, int], rate: float, found: tuple[Answers, Answers, Spent]
) -> Measured:
    (kind, verb, status), (hooks, reads, spent) = words, found
    return Measured(
        title=f"{size.of(rate):.0f} {kind} webhooks a second",
        figures=(
            Figure(
                name=f"{verb} a second",
                value=hooks.statuses.get(status, 0) / hooks.took,
                unit="",
                bar=size.bar(0.99 * rate),
                is_floor=True,
                note=f"{said(hooks)}; 99th percentile from when due"
                f" {1000 * percentile(hooks.seconds, 0.99):.0f} ms",
                disturbance=spent.disturbance,
            ),
            Figure(
                name="reads meanwhile, 99th percentile",
                value=1000 * percentile(reads.seconds, 0.99),
                unit="ms",
                bar=size.bar(BAR_READ_MS),
                note=f"{size.of(READS_A_SECOND):.0f} a second: {said(reads)}",
            ),
            Figure(name="the server", value=spent.percent, unit="% of a core"),
        ),
        details={"spent": spent, "hooks": hooks.statuses, "reads": reads.statuses},
    )


def _push(repo: int, number: int, secret: str) -> bytes:
    url = repository(repo)
    about = {"clone_url": url, "html_url": url.removesuffix(".git")}
    body = msgspec.json.encode(
        {"ref": f"refs/heads/b{number}", "repository": about, "commits": [{"message": "m" * PADDING}]}
    )
    proof = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /api/webhook HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={proof}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
