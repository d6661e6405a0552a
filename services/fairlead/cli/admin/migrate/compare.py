"""`admin migrate compare`: which verdicts would be others, as a Fairlead that observes says.

It runs on this machine for as long as that takes, or in the cluster already (`--from`). Invariant: nothing is
written to any cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from fairlead.cli import messages
from fairlead.cli.admin.backup import APPLICATIONS
from fairlead.cli.admin.control_plane import at, control_plane, kubeconfig_of
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import (
    CliError,
    DeclinedError,
    EndedError,
    TimedOutError,
    UnreachableError,
    UsageError,
)
from fairlead.cli.kubernetes import kubeconfig_file
from fairlead.cli.view.columns import columns
from fairlead.cli.view.document import as_json
from fairlead.kube.errors import KubeError
from fairlead.kube.rest import KubeClient
from fairlead.local.errors import LocalError
from fairlead.local.suite import Suite, SuiteConfig
from fairlead.model.duration import parse_duration
from fairlead.model.observed import Observed, ObservedApplication, Outcome
from fairlead.process import configure_logging

OBSERVED = "/observed"
POLL = 0.5
ANSWER_BYTES = 256 * 1024 * 1024
ELSEWHERE = (
    *("cluster", "user", "server", "token", "username", "password", "certificate-authority"),
    *("client-certificate", "client-key", "tls-server-name", "insecure-skip-tls-verify", "proxy-url"),
    *("as", "as-group"),
)
"""Flags that services which run here know nothing of: they go by a kubeconfig as it stands."""
FIELDS = 4
"""Fields of an object that are named in the table."""
FAILS = {
    "differs": (Outcome.DIFFERS,),
    "unknown": (Outcome.DIFFERS, Outcome.UNKNOWN, Outcome.UNASKED),
    "never": (),
}


def run(call: Invocation) -> None:
    """Print what would differ; ends with 1 when something does, as `--fail-on` says."""
    values = call.values
    given = [f"--{name}" for name in ELSEWHERE if values.is_given(name)]
    if given and not values.text("from"):
        raise UsageError(f"what is compared here is read by a kubeconfig as it stands: leave {given[0]} out")
    messages.quiet_libraries()
    configure_logging(service="observe", form="console", level="error")
    try:
        found = asyncio.run(_asked(values, values.text("from")) if values.text("from") else _locally(values))
    except* (LocalError, KubeError) as group:
        raise CliError("; ".join(str(error) for error in _leaves(group))) from None
    if values.text("output") == "json":
        print(as_json(msgspec.to_builtins(found)))
    else:
        print(written(found), end="")
    if found.awaited:
        within = f"within {values.text('timeout')}; --timeout gives it longer"
        raise TimedOutError(f"{found.awaited} applications were not compared {within}")
    if any(one.outcome in FAILS[values.text("fail-on")] for one in found.applications):
        raise EndedError(1)


async def _locally(values: Values) -> Observed:
    """Of a suite that runs here while it is asked."""
    _, namespace = control_plane(values)
    named, context, _ = kubeconfig_of(values)
    expected = await asyncio.to_thread(_count, values)
    if not expected:
        raise DeclinedError(f"there are no applications in {namespace}")
    with tempfile.TemporaryDirectory(prefix="fairlead-observe-") as folder:
        config = SuiteConfig(
            data_dir=Path(folder) / "suite",
            kubeconfig=Path(named or kubeconfig_file()),
            kube_context=context,
            namespace=namespace,
            observes=True,
            replicas={"api-server": 0},
            log_format="json",
            log_level="warning",
            service_flags=_flags(values),
        )
        async with _running(config) as suite:
            url = f"http://127.0.0.1:{suite.probes['app-controller']}"
            return await _settled(url, expected, parse_duration(values.text("timeout")))


def _flags(values: Values) -> dict[str, tuple[str, ...]]:
    programs = values.text("cluster-programs")
    controller = (f"--cluster-programs={programs}",) if programs else ()
    without = () if values.switch("dry-runs") else ("--observe-without-dry-runs",)
    return {"app-controller": (*controller, *without)}


@asynccontextmanager
async def _running(config: SuiteConfig) -> AsyncIterator[Suite]:
    suite = Suite(config, on_line=lambda *_: None)
    try:
        await suite.start()
        yield suite
    finally:
        await suite.stop()


def _count(values: Values) -> int:
    async def counted(client: KubeClient, namespace: str) -> int:
        return len(await client.list_all(APPLICATIONS, namespace))

    return at(values, counted)


async def _settled(url: str, expected: int, seconds: float) -> Observed:
    """Once every application was compared, or as it is when the time is over."""
    found: Observed | None = None
    shown = -1
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(UnreachableError):
                    found = await _read(url)
                    left = max(found.awaited, expected - len(found.applications))
                    if not left:
                        return found
                    if left != shown:
                        shown = left
                        print(f"{left} of {expected} applications are still compared", file=sys.stderr)
                await asyncio.sleep(POLL)
    if found is None:
        raise TimedOutError(f"nothing was compared within {seconds:g} s; --timeout gives it longer")
    return found


async def _asked(values: Values, url: str) -> Observed:
    """Of one that runs elsewhere."""
    return await _read(url.rstrip("/").removesuffix(OBSERVED))


async def _read(url: str) -> Observed:
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
            session.get(f"{url}{OBSERVED}") as answer,
        ):
            answer.raise_for_status()
            return msgspec.json.decode(await _whole(answer.content), type=Observed)
    except (aiohttp.ClientError, OSError, msgspec.MsgspecError) as error:
        raise UnreachableError(f"{url}{OBSERVED}: {error}; does a controller observe there?") from error


async def _whole(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > ANSWER_BYTES:
            raise OSError(f"the answer has more than {ANSWER_BYTES} bytes")
    return bytes(body)


def written(found: Observed) -> str:
    """What differs, then what cannot be said, then how many are the same."""
    rows = [("APPLICATION", "", "HERE", "THERE", "WHY")]
    for one in found.applications:
        rows += _rows(one)
    counts = ", ".join(
        f"{number} {outcome.value}"
        for outcome in Outcome
        if (number := sum(one.outcome is outcome for one in found.applications))
    )
    table = f"{columns(rows)}\n" if len(rows) > 1 else ""
    return f"{table}{len(found.applications)} applications: {counts or 'none'}\n"


def _rows(one: ObservedApplication) -> Iterator[tuple[str, str, str, str, str]]:
    if one.outcome is Outcome.SAME:
        return
    commits = f"{_short(one.our_revisions)} here, {_short(one.their_revisions)} there"
    why = commits if one.outcome is Outcome.MOVED else one.reason
    name = f"{one.namespace}/{one.name}"
    yield name, one.outcome.value, one.ours or "-", one.theirs or "-", why
    for item in one.objects:
        kind = f"{item.group}/{item.kind}" if item.group else item.kind
        where = f"{item.namespace}/{item.name}" if item.namespace else item.name
        fields = ", ".join(
            f"{field.path}{f' (of {field.manager})' if field.manager else ''}"
            for field in item.fields[:FIELDS]
        )
        yield "", f"{kind} {where}", item.ours or "-", item.theirs or "-", fields or item.reason
    if one.more:
        yield "", f"and {one.more} more objects", "", "", ""


def _short(revisions: tuple[str, ...]) -> str:
    return " ".join(revision[:8] for revision in revisions) or "none"


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
