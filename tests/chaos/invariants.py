"""The judgement: what a recording must show, whatever failed meanwhile. Pure; each answers sentences.

The numbers are those of the invariants in `docs/robustness.md`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import yaml

from tests.chaos.history import Content, History
from tests.chaos.recording import Write
from tests.chaos.workload import HOOKS, NAMESPACE_PREFIX, App

STRANGERS = frozenset({"bystander", "copy"})
Spans = Mapping[str, list[tuple[float, float]]]
"""From when until when an application was being deleted, by its name."""


class Change(msgspec.Struct, frozen=True):
    """What a write made of one object of an application."""

    write: Write
    app: str
    name: str
    content: Content


def changes(writes: Iterable[Write]) -> Iterator[Change]:
    """The ConfigMaps that writes made, changed or deleted, in the applications' namespaces."""
    for write in writes:
        resource, namespace, name, subresource = write.parts
        if resource != "configmaps" or not namespace.startswith(NAMESPACE_PREFIX) or subresource:
            continue
        app = namespace.removeprefix(NAMESPACE_PREFIX)
        if write.method == "DELETE":
            yield Change(write, app, name, None)
        else:
            body = _decoded(write.body)
            name = name or str(body.get("metadata", {}).get("name", ""))
            yield Change(write, app, name, (body.get("data") or {}).get("state"))


def stale_writes(
    apps: Mapping[str, App], histories: Mapping[str, History], writes: Iterable[Write], deletions: Spans
) -> list[str]:
    """I2 and I3: what is written for an application is of a state not older than any written before it."""
    floors: dict[str, int] = defaultdict(int)
    found = []
    for change in sorted(changes(writes), key=lambda item: item.write.at):
        app = apps.get(change.app)
        if app is None:
            found.append(f"I2: {_told(change)} belongs to no application")
            continue
        if change.name in STRANGERS:
            found.append(f"I2: {_told(change)} is a stranger's")
            continue
        if change.content is None and _is_within(change.write.answered, deletions.get(app.name, [])):
            continue
        history, floor = histories[app.repo], floors[app.name]
        index = history.first_from(floor, app.name, change.name, change.content)
        known = history.known_at(change.write.answered)
        if index is None:
            rule = "I2" if change.content is None else "I3"
            found.append(f"{rule}: {_told(change)}: {_older(history, change, floor)}")
        elif index >= known:
            found.append(f"I3: {_told(change)} is of a state that nobody had pushed")
        else:
            floors[app.name] = index
    return found


def repeated_hooks(writes: Iterable[Write]) -> list[str]:
    """I5: an attempt of an operation makes a hook once; told by what the controller wrote of operations."""
    attempt: dict[str, tuple[str, int]] = {}
    made: dict[tuple[str, str, str, int], int] = defaultdict(int)
    for write in sorted(writes, key=lambda item: item.answered):
        hook = _hook_made(write)
        if (told := _operation_told(write)) is not None:
            name, state = told
            began, count = attempt.get(name, ("", 0))
            if state.get("startedAt"):
                began, count = str(state["startedAt"]), 0
            attempt[name] = (began, int(state.get("retryCount") or count))
        elif hook:
            app = write.parts[1].removeprefix(NAMESPACE_PREFIX)
            made[(app, hook, *attempt.get(app, ("", 0)))] += 1
    return [
        f"I5: attempt {count} of the operation of {app} begun at {began} made its hook {hook} {times} times"
        for (app, hook, began, count), times in made.items()
        if times > 1 and began
    ]


def failed_operations(writes: Iterable[Write]) -> list[str]:
    """Where nothing fails but processes that are killed, no operation ends otherwise than well."""
    told = [found for write in writes if (found := _operation_told(write)) is not None]
    return [
        f"I5: an operation of {name} ended {state['phase']}: {state.get('message', '')}"
        for name, state in told
        if state.get("phase") in {"Failed", "Error"}
    ]


def _operation_told(write: Write) -> tuple[str, Mapping[str, Any]] | None:
    """The application of which a write tells how its operation fares, and what is told."""
    resource, _, name, _ = write.parts
    if resource != "applications" or write.method != "PATCH":
        return None
    return name, (_decoded(write.body).get("status") or {}).get("operationState") or {}


def _hook_made(write: Write) -> str:
    """The hook that a write made, "" for none: one sent again since its answer was lost finds it (200)."""
    resource, namespace, name, _ = write.parts
    if (
        resource != "jobs"
        or write.method not in {"POST", "PATCH"}
        or write.status != HTTPStatus.CREATED
        or not namespace.startswith(NAMESPACE_PREFIX)
    ):
        return ""
    body = _decoded(write.body)
    name = name or str((body.get("metadata") or {}).get("name", ""))
    return name if "spec" in body and name in HOOKS else ""


def two_writers(writes: Iterable[Write], kills: Iterable[tuple[float, str]], *, within: float) -> list[str]:
    """I4: what is written for one application does not alternate between two controllers that both live."""
    by_app: dict[str, list[Write]] = defaultdict(list)
    for change in changes(writes):
        by_app[change.app].append(change.write)
    return [f"I4: {found}" for found in alternating(by_app, kills, within=within)]


def alternating(
    by_object: Mapping[str, list[Write]], kills: Iterable[tuple[float, str]], *, within: float
) -> list[str]:
    """Writes of one thing by one, another, and the first again, within so many seconds, while both lived."""
    ended = list(kills)
    found = []
    for app, made in by_object.items():
        made.sort(key=lambda write: write.at)
        for first, second, third in zip(made, made[1:], made[2:], strict=False):
            is_back = first.by == third.by != second.by
            lived = not any(first.at <= at <= third.at and who in {first.by, second.by} for at, who in ended)
            if is_back and lived and third.at - first.at < within:
                found.append(f"{first.by}, {second.by} and {third.by} again wrote for {app}")
    return found


def written_since(writes: Iterable[Write], moment: float) -> list[str]:
    """I10: what was written to applications' objects although nothing happened but the loss of the cache."""
    return [
        f"I10: without a cache {_told(change)}" for change in changes(writes) if change.write.at >= moment
    ]


def unfinished(
    apps: Mapping[str, App],
    histories: Mapping[str, History],
    statuses: Mapping[str, dict[str, object]],
    live: Mapping[tuple[str, str], Content],
) -> list[str]:
    """I1, I8, I11, at rest: each application is Synced at the branch's commit, and live is what it says."""
    found = []
    for app in apps.values():
        last = histories[app.repo].last
        status = statuses.get(app.name, {})
        if status.get("sync") != "Synced" or status.get("health") != "Healthy" or status.get("operation"):
            found.append(f"I8: {app.name} is {status}")
        if not _is_current(histories[app.repo], app, str(status.get("revision"))):
            found.append(f"I1: {app.name} is at {status.get('revision')}, the branch at {last.commit}")
        wanted = dict(last.apps.get(app.name, {}))
        has = {
            name: content
            for (namespace, name), content in live.items()
            if namespace == app.namespace and name.startswith("item-")
        }
        if has != wanted:
            found.append(f"I11: {app.name} has {has}, Git wants {wanted}")
        for stranger in STRANGERS:
            if (app.namespace, stranger) not in live:
                found.append(f"I2: {stranger} of {app.namespace} is gone")
    return found


def left_over(apps: Iterable[App], live: Mapping[tuple[str, str], Content]) -> list[str]:
    """I12: after its deletion nothing of an application is left, and all of the strangers'."""
    found = []
    for app in apps:
        names = {name for namespace, name in live if namespace == app.namespace}
        found += [f"I12: {name} of {app.name} is left" for name in names if name.startswith("item-")]
        found += [f"I2: {name} of {app.namespace} is gone" for name in STRANGERS - names]
    return found


def _is_current(history: History, app: App, revision: str) -> bool:
    """Whether a commit wants of an application what the branch wants: who was left alone is not written."""
    wanted = history.last.apps.get(app.name, {})
    return any(
        state.commit == revision and state.apps.get(app.name, {}) == wanted for state in history.states
    )


def _older(history: History, change: Change, floor: int) -> str:
    earlier = history.first_from(0, change.app, change.name, change.content)
    if earlier is None:
        return "no state ever wanted it so"
    return f"state {earlier} wanted it so, but state {floor} had been written"


def _told(change: Change) -> str:
    what = f"{change.app}/{change.name}"
    deed = "deleting" if change.content is None else f"writing {change.content!r} to"
    return f"{deed} {what} by {change.write.by} at {change.write.at:.3f}"


def _is_within(moment: float, spans: Iterable[tuple[float, float]]) -> bool:
    return any(start <= moment <= end for start, end in spans)


def _decoded(body: bytes) -> dict[str, Any]:
    """An object or a merge patch; {} for a JSON patch, which is a list."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        found = yaml.safe_load(body)
    return found if isinstance(found, dict) else {}
