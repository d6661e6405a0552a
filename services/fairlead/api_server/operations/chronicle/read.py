"""The events of an application as far as they are kept, made into its story.

The invariant: it is told to who may see the application, and begins with it: what happened to another one
that had its name is not told. What is kept of before is its history, and what cannot be told is said.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import msgspec

from fairlead.api_server.documents import ApplicationDocument
from fairlead.api_server.operations.application import lookup, wish
from fairlead.api_server.operations.backend import Backend
from fairlead.api_server.operations.caller import Caller
from fairlead.api_server.operations.chronicle.journal import drifts
from fairlead.api_server.operations.chronicle.told import (
    MAX_LIMIT,
    ApplicationStory,
    ApplicationStoryQuery,
    Step,
    StoryItem,
)
from fairlead.api_server.operations.chronicle.writing import Happened, Writer
from fairlead.api_server.operations.refusal import Code, RefusalError
from fairlead.api_server.operations.story import begun
from fairlead.bus import BusUnavailableError
from fairlead.events import subjects
from fairlead.events.public import PublicEventType
from fairlead.model.application import Application
from fairlead.model.drift import DriftEntry
from fairlead.rpc import ApplicationQuery

WITHIN = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""How far back is read: further each time that too little was found; events are kept no longer."""
MAX_EVENTS = 5_000
"""Events that one story is made of; of more the newest."""
DESCRIBED_SECONDS = 5.0
"""Seconds that may be waited for the authors of commits."""
JOURNAL_SECONDS = 3.0
"""Seconds that may be waited for the journal of drifts."""
AT_ONCE = 4
"""Commits that are asked for at once."""
AWAY = "NATS does not hand out the public events, so only deployments are known"


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    time: str
    traceparent: str = ""
    data: dict[str, object] = {}


_EVENT = msgspec.json.Decoder(_Event)


async def story(backend: Backend, caller: Caller, query: ApplicationStoryQuery) -> msgspec.Struct:
    """ApplicationStory."""
    if not 1 <= query.limit <= MAX_LIMIT:
        raise RefusalError(Code.INVALID_ARGUMENT, f"limit is not from 1 to {MAX_LIMIT}")
    document = lookup.find(
        backend, caller, query.application, namespace=query.app_namespace, project=query.project
    )
    app = lookup.application(document)
    problem = ""
    try:
        items, since = await _happened(backend, document, query.limit)
    except BusUnavailableError:
        items, since, problem = [], _now(), AWAY
    items += drifts(await _journal(backend, document), items)
    known = {item.revisions for item in items if item.kind == "commit"}
    before = [item for item in _deployments(app) if item.at < since or item.revisions not in known]
    items = sorted([*items, *before], key=lambda item: item.at, reverse=True)[: query.limit]
    await _describe(backend, app, items)
    return ApplicationStory(since=since, items=tuple(items), problem=problem)


async def _journal(backend: Backend, document: ApplicationDocument) -> tuple[DriftEntry, ...]:
    """What was changed outside Git, as far as the controller answers now."""
    question = ApplicationQuery(namespace=document.namespace, name=document.name)
    try:
        async with asyncio.timeout(JOURNAL_SECONDS):
            return (await backend.ask.drift(await wish.shard(backend, document), question)).entries
    except (RefusalError, TimeoutError):
        return ()


async def _happened(
    backend: Backend, document: ApplicationDocument, limit: int
) -> tuple[list[StoryItem], str]:
    """What the events tell, and since when they are known. Raises BusUnavailableError."""
    now, items = datetime.now(UTC), list[StoryItem]()
    held = max(await backend.events.since() or now, begun(backend, document))
    for within in WITHIN:
        since = max(held, now - within)
        items = _written(document, await _events(backend, document, since))
        if len(items) >= limit or since == held:
            break
    return items, since.isoformat(timespec="seconds").replace("+00:00", "Z")


def _written(document: ApplicationDocument, events: list[Happened]) -> list[StoryItem]:
    first = next((event for event in events if event.kind.startswith("app.health.")), None)
    was = first.data.get("previous") if first is not None else document.health
    writer = Writer(healthy=was == "Healthy")
    for event in events:
        writer.take(event)
    return writer.items


async def _events(backend: Backend, document: ApplicationDocument, since: datetime) -> list[Happened]:
    """Those about the application, and the commits of its repositories, in order."""
    tokens = subjects.app_tokens(document.namespace, document.name)
    wanted = [f"{subjects.PUBLIC}.app.{tokens}.>"]
    for repository in sorted(document.repositories):
        wanted.append(subjects.public_repository(repository, PublicEventType.COMMIT_DETECTED.value))
    found: list[Happened] = []
    for subject in wanted:
        found += [event async for event in _read(backend, subject, since)]
    return sorted(found[-MAX_EVENTS:], key=lambda event: event.time)


async def _read(backend: Backend, subject: str, since: datetime) -> AsyncGenerator[Happened, None]:
    after, start = 0, since
    while True:
        batch = await backend.events.past(subject, after=after, since=start if not after else None)
        for one in batch:
            try:
                event = _EVENT.decode(one.payload)
            except msgspec.DecodeError:
                continue
            yield Happened(
                id=event.id,
                kind=event.type.removeprefix(f"{subjects.PUBLIC}."),
                time=event.time,
                trace=event.traceparent[3:35],
                data=event.data,
            )
        if not batch or not batch[-1].remaining:
            return
        after = batch[-1].sequence


def _deployments(app: Application) -> list[StoryItem]:
    """What the history says, of which no more may be known."""
    found = []
    for entry in app.status.history:
        begun, ended = entry.deploy_started_at or "", entry.deployed_at
        steps = [Step(name="started", at=begun)] if begun else []
        steps.append(Step(name="applied", at=ended, milliseconds=_between(begun, ended)))
        by = entry.initiated_by
        found.append(
            StoryItem(
                id=f"history-{entry.id}",
                kind="deployment",
                status="done",
                at=ended,
                revisions=entry.revisions or (entry.revision,),
                by=by.username if by is not None else "",
                automated=by.automated if by is not None else False,
                steps=steps,
                milliseconds=_between(begun, ended),
            )
        )
    return found


async def _describe(backend: Backend, app: Application, items: list[StoryItem]) -> None:
    """Say who made the commits, as far as that is known in time."""
    sources = app.spec.effective_sources()
    source = next((one for one in sources if not one.chart), None)
    if source is None:
        return
    place, gate = sources.index(source), asyncio.Semaphore(AT_ONCE)

    async def describe(item: StoryItem) -> None:
        if place >= len(item.revisions):
            return
        async with gate:
            found = await backend.commits.ask(source.repo_url, app.spec.project, item.revisions[place])
        if found is not None:
            item.author, item.message = found.author, found.message

    described = [asyncio.ensure_future(describe(item)) for item in items]
    if described:
        _, late = await asyncio.wait(described, timeout=DESCRIBED_SECONDS)
        for one in late:
            one.cancel()


def _between(before: str, after: str) -> float:
    if not before:
        return 0.0
    gone = datetime.fromisoformat(after) - datetime.fromisoformat(before)
    return round(1000 * gone.total_seconds(), 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
