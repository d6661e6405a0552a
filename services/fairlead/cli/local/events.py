"""`events`: the public events, as they happen."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from fairlead.bus import Bus, BusConfig, BusError
from fairlead.bus.follow import Followed, follow, held
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import SettingsError, UnreachableError, UsageError
from fairlead.cli.local.data_dir import data_dir
from fairlead.cli.local.event_line import line_of
from fairlead.events import subjects
from fairlead.local.suite import read_state
from fairlead.local.suite.secrets import ensure_secrets
from fairlead.process import configure_logging

READER = "events-reader"
CONNECT_SECONDS = 5.0
HELD = timedelta(hours=24)
"""How long the stream keeps events."""
_UNITS = {"s": 1, "m": 60, "h": 3600}


def run(call: Invocation) -> None:
    """Print events until Ctrl-C, or those there are."""
    values = call.values
    configure_logging(service="events", form="console", level="error")
    subject, since = _subject(values.text("app")), _since(values.text("since"))
    config = _config(values)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_print(config, subject, since, values))


async def _print(config: BusConfig, subject: str, since: datetime | None, values: Values) -> None:
    is_json = values.text("output") == "json"
    bus = await _connected(config)
    try:
        async for followed in _events(bus, subject, since, follows=values.switch("follow")):
            print(followed.payload.decode() if is_json else line_of(followed.payload), flush=True)
    except BusError as error:
        raise UnreachableError(f"{error}; is the suite still running?") from error
    finally:
        await bus.close()


def _events(bus: Bus, subject: str, since: datetime | None, *, follows: bool) -> AsyncIterator[Followed]:
    if follows:
        return follow(bus, subject, since=since)
    return held(bus, subject, since=since or datetime.now(UTC) - HELD)


async def _connected(config: BusConfig) -> Bus:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await Bus.connect(config)
    except TimeoutError as error:
        raise UnreachableError(
            f"cannot talk to NATS at {config.url}; check the address, that the suite runs, and the password: "
            f"FAIRLEAD_NATS_PASSWORD, of user {READER}, or --data-dir of a suite on this machine"
        ) from error


def _config(values: Values) -> BusConfig:
    url, password = values.text("nats-url"), os.environ.get("FAIRLEAD_NATS_PASSWORD", "")
    folder = data_dir(values)
    state = read_state(folder)
    if state is not None:
        url = url or state.nats_url
        password = password or ensure_secrets(folder).nats.get(READER, "")
    if not url:
        raise SettingsError(f"no suite runs on {folder}; name its --data-dir, or give --nats-url")
    return BusConfig(url=url, service=READER, user=READER if password else "", password=password)


def _subject(app: str) -> str:
    if not app:
        return f"{subjects.PUBLIC}.>"
    namespace, slash, name = app.partition("/")
    if not slash:
        return f"{subjects.PUBLIC}.app.*.{subjects.token(app)}.>"
    return subjects.public_app(namespace, name, ">")


def _since(given: str) -> datetime | None:
    if not given:
        return None
    found = re.fullmatch(r"(\d+)([smh])", given)
    if found:
        return datetime.now(UTC) - timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise UsageError(
            f"--since is a span as in 30s, 10m, 2h, or a time as in RFC 3339, not {given}"
        ) from error
    return moment if moment.tzinfo else moment.astimezone()
