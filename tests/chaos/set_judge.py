"""The judgement of ApplicationSets: what a recording must show, whatever failed meanwhile. Pure.

The numbers are those of the invariants in `docs/robustness.md`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tests.chaos.history import History, State
from tests.chaos.invariants import alternating
from tests.chaos.recording import Write
from tests.chaos.set_story import Vanished
from tests.chaos.sets import STEPS, Set

SERVICE = "applicationset-controller"
LAG = 90.0
"""Seconds within which what was to be deleted is deleted or will not be, whatever stalls or is frozen."""
SLACK = 1.0
"""Seconds by which the judge may see later than who is judged."""
_USERNAME = "applicationset-controller"


class Life(msgspec.Struct, kw_only=True):
    """One Application of a set by its watch: `owner` is the uid of the set that it last belonged to.

    `kept` are the values of its preserved annotation, "" for none, and `limits` those of its ignored field,
    each in the order in which they were seen; `died` is when it was first seen on its way out, or gone.
    """

    name: str
    uid: str
    of: str
    owner: str = ""
    born: float = 0.0
    died: float | None = None
    kept: list[str] = []
    limits: list[int | None] = []


class Rolled(msgspec.Struct, frozen=True, kw_only=True):
    """A Deployment as it was seen at a moment; `is_done` when all its pods are new and ready."""

    at: float
    folder: str
    content: str
    is_done: bool


def wrong_deletions(
    one: Set,
    history: History,
    lives: Iterable[Life],
    *,
    renewals: Mapping[str, float],
    ended: Mapping[str, float],
    vanished: Iterable[Vanished] = (),
) -> list[str]:
    """I13: an Application goes only when its folder was not in Git a moment ago, its set was deleted, or
    somebody deleted it; and never many at once that nobody let go."""
    found = []
    gaps = [gap for gap in vanished if gap.name == one.name and not _came_back(history, gap)]
    for life in lives:
        if life.of != one.name or life.died is None or life.uid in ended:
            continue
        folder = life.name.removeprefix(f"{one.name}-")
        if not one.deletes:
            found.append(f"I13: {life.name} was deleted, though its set deletes nothing")
        elif _is_over(life, renewals):
            continue
        elif not _was_absent(history, one.name, folder, life.died):
            found.append(f"I13: {life.name} was deleted at {life.died:.3f}, though {folder} was in Git")
        else:
            found += [
                f"I13: {life.name} was deleted at {life.died:.3f}, though nobody let go that all were gone"
                for gap in gaps
                if folder in gap.folders and gap.since + SLACK <= life.died <= gap.until
            ]
    return found


def _is_over(life: Life, renewals: Mapping[str, float]) -> bool:
    return life.died is not None and renewals.get(life.owner, float("inf")) <= life.died


def _was_absent(history: History, name: str, folder: str, died: float) -> bool:
    states = history.states
    ends = [*(state.after for state in states[1:]), float("inf")]
    return any(
        folder not in state.folders.get(name, {})
        for state, end in zip(states, ends, strict=True)
        if state.before <= died and end >= died - LAG
    )


def _came_back(history: History, gap: Vanished) -> bool:
    """Whether somebody else's push gave the set other folders meanwhile."""
    return any(
        state.folders.get(gap.name) for state in history.states if gap.since <= state.after < gap.until
    )


def overwritten(lives: Iterable[Life], written: Mapping[str, Sequence[int]]) -> list[str]:
    """I15: what a set is to leave alone is only ever as people wrote it, and does not go back."""
    found = []
    for life in lives:
        known = [str(number) for number in written.get(life.name, ())]
        for what, values in (
            ("annotation", life.kept),
            ("field", [str(limit or "") for limit in life.limits]),
        ):
            order = [known.index(value) if value in known else -1 for value in values]
            for value, place, before in zip(values, order, [-1, *order], strict=False):
                if value and place < 0:
                    found.append(f"I15: the {what} of {life.name} was {value!r}, as nobody wrote it")
                elif place < before:
                    found.append(f"I15: the {what} of {life.name} went back to {value!r}")
    return found


def early_steps(
    one: Set, history: History, writes: Iterable[Write], rolled: Iterable[Rolled], lives: Iterable[Life]
) -> list[str]:
    """I16: a sync of the second step begins once all of the first are rolled out with what that commit, or a
    later one, wants of them."""
    seen: dict[str, list[Rolled]] = defaultdict(list)
    for item in rolled:
        seen[item.folder].append(item)
    index = {state.commit: number for number, state in enumerate(history.states)}
    found = []
    for write, folder, revision in _begun(one, writes):
        if not folder.startswith(STEPS[1]) or revision not in index:
            continue
        number = index[revision]
        for before in history.states[number].folders.get(one.name, {}):
            lived = _lived(lives, f"{one.name}-{before}", write.at)
            if before.startswith(STEPS[0]) and lived:
                since, wanted = _accepted(history.states, number, one.name, before)
                if not _was_done(seen[before], wanted, since, write.answered + SLACK):
                    found.append(
                        f"I16: {folder} was begun by {write.by} at {write.at:.3f} for {revision[:8]}, "
                        f"before {before} was rolled out"
                    )
    return found


def _begun(one: Set, writes: Iterable[Write]) -> Iterator[tuple[Write, str, str]]:
    """The first write of each operation that a set began, and the folder and revision of it."""
    running: dict[str, object] = {}
    for write, name, body in _of_applications(writes):
        operation = body.get("operation")
        if not write.by.startswith(SERVICE) or not isinstance(operation, dict):
            running.pop(name, None)
            continue
        mine = (operation.get("initiatedBy") or {}).get("username") == _USERNAME
        if mine and running.get(name) != operation and name.startswith(f"{one.name}-"):
            yield write, name.removeprefix(f"{one.name}-"), str(operation["sync"].get("revision", ""))
        running[name] = operation


def _lived(lives: Iterable[Life], name: str, at: float) -> bool:
    return any(
        life.name == name and life.born + SLACK <= at and (life.died is None or life.died - SLACK > at)
        for life in lives
    )


def _accepted(states: Sequence[State], number: int, name: str, folder: str) -> tuple[float, set[str]]:
    """Since when a folder is as a state wants it, and all that it was to be from then on."""
    wanted = states[number].folders[name][folder]
    first = number
    while first and states[first - 1].folders.get(name, {}).get(folder) == wanted:
        first -= 1
    later = {state.folders.get(name, {}).get(folder) for state in states[number:]}
    return states[first].before, {content for content in later if content is not None}


def _was_done(seen: Sequence[Rolled], wanted: Collection[str], since: float, until: float) -> bool:
    ends = [*(item.at for item in seen[1:]), float("inf")]
    return any(
        item.is_done and item.content in wanted and item.at <= until and end >= since
        for item, end in zip(seen, ends, strict=True)
    )


def two_writers_of_sets(
    writes: Iterable[Write], disturbed: Iterable[tuple[float, str]], *, within: float
) -> list[str]:
    """I17: what is written of one Application or set does not alternate between two living replicas."""
    by_object: dict[str, list[Write]] = defaultdict(list)
    for write in writes:
        resource, _, name, _ = write.parts
        if write.by.startswith(SERVICE) and resource in {"applications", "applicationsets"} and name:
            by_object[f"{resource} {name}"].append(write)
    return [f"I17: {found}" for found in alternating(by_object, disturbed, within=within)]


def restless(writes: Iterable[Write], moment: float) -> list[str]:
    """I17: what sets wrote since a moment although nothing happened."""
    return [
        f"I17: at rest {write.by} wrote {write.method} {write.path}"
        for write in writes
        if write.by.startswith(SERVICE)
        and write.parts[0] in {"applications", "applicationsets"}
        and write.at >= moment
    ]


def unfinished_set(
    one: Set,
    folders: Mapping[str, str],
    wanted: Mapping[str, str],
    apps: Iterable[Mapping[str, Any]],
    deployed: Mapping[str, str | None],
    *,
    ever: Collection[str],
    edition: int,
) -> list[str]:
    """I14, at rest: there is an Application for each folder and no other, and what it deployed is as Git
    says; of one that went, nothing is left, unless its set leaves what was deployed."""
    own = {
        app["metadata"]["name"]: app
        for app in apps
        if app["metadata"].get("labels", {}).get("chaos-set") == one.name
    }
    allowed = set(wanted) if one.deletes else set(wanted) | set(ever)
    found = [f"I14: there is no {name}" for name in sorted(set(wanted) - own.keys())]
    found += [f"I14: {name} is left" for name in sorted(own.keys() - allowed)]
    for name, folder in wanted.items():
        if name not in own:
            continue
        app, content = own[name], deployed.get(f"set-{name}")
        status = app.get("status", {})
        state = (status.get("sync", {}).get("status"), status.get("health", {}).get("status"))
        if state != ("Synced", "Healthy") or app.get("operation"):
            message = status.get("operationState", {}).get("message")
            found.append(f"I8: {name} is {state}, {status.get('conditions')}, {message}")
        if content != folders.get(folder):
            found.append(f"I14: {name} has {content}, Git wants {folders.get(folder)}")
        if app["metadata"]["labels"].get("edition") != str(edition):
            found.append(
                f"I14: {name} is of edition {app['metadata']['labels'].get('edition')}, not {edition}"
            )
    for namespace, content in deployed.items():
        name = namespace.removeprefix("set-")
        if name.startswith(f"{one.name}-") and name not in own and one.deletes and content is not None:
            found.append(f"I14: what {name} deployed is left")
    if not one.deletes:
        gone = [name for name in ever if f"set-{name}" not in deployed and name in own]
        found += [f"I13: what {name} deployed is gone" for name in gone]
    return found


def unsettled(aset: Mapping[str, Any]) -> list[str]:
    """I14 and I16, at rest: a set says that all is well, and nothing of a rollout is under way."""
    name, status = aset["metadata"]["name"], aset.get("status", {})
    says = {item["type"]: item["status"] for item in status.get("conditions") or ()}
    found = [
        f"I14: set {name} says {kind} {says.get(kind)}, {status.get('conditions')}"
        for kind, wanted in (("ErrorOccurred", "False"), ("ResourcesUpToDate", "True"))
        if says.get(kind) != wanted
    ]
    moving = [it["application"] for it in status.get("applicationStatus") or () if it["status"] != "Healthy"]
    return found + [f"I16: {app} of set {name} is not rolled out" for app in moving]


def _of_applications(writes: Iterable[Write]) -> Iterator[tuple[Write, str, dict[str, Any]]]:
    for write in sorted(writes, key=lambda item: item.answered):
        resource, _, name, _ = write.parts
        if resource != "applications" or write.method == "DELETE":
            continue
        try:
            body = msgspec.json.decode(write.body)
        except msgspec.DecodeError:
            continue
        if isinstance(body, dict):
            yield write, name or str(body.get("metadata", {}).get("name", "")), body
