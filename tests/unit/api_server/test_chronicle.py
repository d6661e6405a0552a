"""The story of an application is made of what happened, in the order in which it did."""

from typing import Any

from fairlead.api_server.operations.chronicle.journal import drifts
from fairlead.api_server.operations.chronicle.told import StoryItem
from fairlead.api_server.operations.chronicle.writing import Happened, Writer
from fairlead.model.drift import DriftEnd, DriftEntry

OLD, NEW = "a" * 40, "b" * 40


def at(milliseconds: int) -> str:
    return f"2030-01-01T00:00:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}000Z"


def event(kind: str, milliseconds: int, trace: str = "t", **data: Any) -> Happened:
    return Happened(
        id=f"{kind}-{milliseconds}", kind=kind, time=at(milliseconds), trace=trace, data=dict(data)
    )


def told(*events: Happened, healthy: bool = True) -> list[StoryItem]:
    writer = Writer(healthy=healthy)
    for each in events:
        writer.take(each)
    return writer.items


def steps(item: StoryItem) -> list[tuple[str, float]]:
    return [(step.name, step.milliseconds) for step in item.steps]


def pushed(trace: str = "t", revision: str = NEW, begin: int = 0) -> list[Happened]:
    """A push until its manifests are known to differ."""
    return [
        event(
            "commit.detected",
            begin + 40,
            trace,
            ref="refs/heads/main",
            new=revision,
            cause="webhook",
            pushedAt=at(begin),
        ),
        event("app.rendered", begin + 60, trace, revisions=[revision], digest="d", cause="webhook"),
        event(
            "app.out-of-sync",
            begin + 75,
            trace,
            revisions=[revision],
            count=1,
            resources=[{"kind": "ConfigMap", "name": "c", "reason": "differs"}],
        ),
    ]


def applied(trace: str = "t", revision: str = NEW, begin: int = 80, end: int = 120) -> list[Happened]:
    """An automated sync of it."""
    return [
        event("app.sync.started", begin, trace, revisions=[revision], automated=True),
        event(
            "app.sync.succeeded",
            end,
            trace,
            revisions=[revision],
            phase="Succeeded",
            automated=True,
            seconds=0.04,
        ),
        event("app.synced", end + 1, trace, revisions=[revision]),
    ]


def test_a_commits_way_has_each_step_with_its_milliseconds() -> None:
    (item,) = told(*pushed(), *applied())
    assert (item.kind, item.status, item.revisions) == ("commit", "done", (NEW,))
    assert (item.cause, item.ref, item.automated, item.by) == ("webhook", "refs/heads/main", True, "")
    assert steps(item) == [
        ("pushed", 0.0),
        ("detected", 40.0),
        ("rendered", 20.0),
        ("compared", 15.0),
        ("started", 5.0),
        ("applied", 40.0),
        ("healthy", 0.0),
    ]
    assert item.milliseconds == 120.0
    assert [one.name for one in item.objects] == ["c"]


def test_a_way_goes_on_until_what_it_applied_is_healthy() -> None:
    rolling = event("app.health.progressing", 125, status="Progressing", previous="Healthy")
    (item,) = told(*pushed(), *applied(), rolling)
    assert (item.status, item.health, steps(item)[-1][0]) == ("running", "Progressing", "applied")
    ready = event("app.health.healthy", 2120, status="Healthy", previous="Progressing")
    (item,) = told(*pushed(), *applied(), rolling, ready)
    assert (item.status, steps(item)[-1], item.milliseconds) == ("done", ("healthy", 2000.0), 2120.0)


def test_an_application_that_is_healthy_does_not_make_its_commit_so_before_it_is_applied() -> None:
    started, succeeded, _ = applied()
    healthy = event("app.health.healthy", 90, status="Healthy", previous="Missing")
    way = told(*pushed(), started, healthy, healthy=False)[0]
    assert ([step.name for step in way.steps][-1], way.status, way.health) == (
        "started",
        "running",
        "Healthy",
    )
    way = told(*pushed(), started, healthy, succeeded, healthy=False)[0]
    assert [step.name for step in way.steps][-2:] == ["applied", "healthy"]
    assert way.status == "done"


def test_a_commit_that_changes_nothing_of_the_application_ends_compared() -> None:
    (item,) = told(pushed()[0], pushed()[1], event("app.synced", 70, revisions=[NEW]))
    assert (item.status, steps(item)[-1]) == ("done", ("compared", 10.0))


def test_a_person_who_syncs_what_nobody_syncs_is_named_on_the_commits_way() -> None:
    begun = event("app.sync.started", 9000, "u", revisions=[NEW], automated=False, initiatedBy="mara")
    (item,) = told(*pushed(), begun)
    assert (item.by, item.status, item.automated) == ("mara", "running", False)
    failed = event(
        "app.sync.failed",
        9100,
        "u",
        revisions=[NEW],
        phase="Failed",
        message="no quota",
        automated=False,
        seconds=0.1,
    )
    (item,) = told(*pushed(), begun, failed)
    assert (item.status, item.words, item.milliseconds) == ("failed", "no quota", 9100.0)


def test_a_second_sync_of_what_is_deployed_is_an_operation_of_its_own() -> None:
    begun = event("app.sync.started", 5000, "u", revisions=[NEW], automated=False, initiatedBy="mara")
    ended = event("app.sync.succeeded", 5200, "u", revisions=[NEW], phase="Succeeded", automated=False)
    way, item = told(*pushed(), *applied(), begun, ended)
    assert (way.kind, way.milliseconds) == ("commit", 120.0)
    assert (item.kind, item.by, item.status, item.milliseconds) == ("operation", "mara", "done", 200.0)


def test_a_drift_and_its_heal_are_one_item_that_names_who_did_what() -> None:
    field = {
        "kind": "Deployment",
        "group": "apps",
        "namespace": "x",
        "name": "web",
        "field": ".spec.replicas",
        "old": "2",
        "new": "5",
        "manager": "kubectl-edit",
    }
    drifted = event(
        "app.drifted",
        3000,
        "d",
        revisions=[NEW],
        resources=[{"kind": "Deployment", "name": "web"}],
        fields=[field],
    )
    _, item = told(*pushed(), *applied(), drifted)
    assert (item.kind, item.status, item.by) == ("drift", "running", "kubectl-edit")
    sync = event("app.sync.started", 3010, "d", revisions=[NEW], automated=True)
    end = event("app.sync.succeeded", 3050, "d", revisions=[NEW], phase="Succeeded", automated=True)
    healed = event("app.healed", 3060, "d", revisions=[NEW], resources=[], seconds=0.06, attempt=2)
    way, item = told(*pushed(), *applied(), drifted, sync, end, healed)
    assert (item.status, item.milliseconds, item.attempts) == ("done", 60.0, 2)
    assert (item.objects[0].field, item.objects[0].old, item.objects[0].new) == (".spec.replicas", "2", "5")
    assert way.milliseconds == 120.0


def test_a_drift_that_a_person_syncs_away_ends_too() -> None:
    drifted = event("app.drifted", 3000, "d", revisions=[NEW], resources=[{"kind": "ConfigMap", "name": "c"}])
    sync = event("app.sync.started", 5000, "e", revisions=[NEW], automated=False, initiatedBy="mara")
    end = event("app.sync.succeeded", 5050, "e", revisions=[NEW], phase="Succeeded", automated=False)
    back = event("app.synced", 5060, "e", revisions=[NEW])
    _, drift, operation = told(*pushed(), *applied(), drifted, sync, end, back)
    assert (drift.status, drift.milliseconds) == ("done", 2060.0)
    assert (operation.by, operation.status) == ("mara", "done")


def entry(name: str, seen: str, **more: Any) -> DriftEntry:
    return DriftEntry(kind="ConfigMap", name=name, at=seen, seen=seen, manager="kubectl-edit", **more)


def test_the_journal_tells_drifts_that_no_event_told_once() -> None:
    known = told(event("app.drifted", 3000, resources=[{"kind": "ConfigMap", "name": "c"}]))
    entries = [
        entry("c", "2030-01-01T00:00:04Z"),
        entry("other", "2030-01-01T00:00:04Z"),
        entry(
            "c", "2029-12-30T00:00:00Z", end=DriftEnd.HEALED, ended="2029-12-30T00:00:02Z", field=".data.a"
        ),
        entry("d", "2029-12-30T00:00:00Z", end=DriftEnd.REVERTED, ended="2029-12-30T00:00:05Z"),
    ]
    (item,) = drifts(entries, known)
    assert (item.status, item.by, item.milliseconds, item.words) == ("done", "kubectl-edit", 5000.0, "healed")
    assert [one.name for one in item.objects] == ["c", "d"]
    (open_one,) = drifts([entry("x", "2030-01-01T00:00:04Z")], known)
    assert open_one.status == "running"


def test_health_that_changes_by_itself_is_an_item_of_its_own() -> None:
    worse = event("app.health.degraded", 9000, "h", status="Degraded", previous="Healthy", message="crash")
    better = event("app.health.healthy", 9500, "h", status="Healthy", previous="Degraded")
    ready = event("app.health.healthy", 500, status="Healthy", previous="Progressing")
    way, down, up = told(*pushed(), *applied(), ready, worse, better, healthy=False)
    assert (way.status, way.milliseconds) == ("done", 500.0)
    assert (down.kind, down.health, down.words, up.health) == ("health", "Degraded", "crash", "Healthy")


def test_what_breaks_long_after_an_apply_is_not_its_doing() -> None:
    late = event("app.health.degraded", 55_000, "h", status="Degraded", previous="Healthy")
    way, item = told(*pushed(), *applied(), late)
    assert (way.status, item.kind) == ("done", "health")


def test_what_could_not_be_rendered_says_why() -> None:
    (item,) = told(event("app.render-failed", 10, message="no such chart", revisions=[NEW]))
    assert (item.kind, item.status, item.words) == ("render-failed", "failed", "no such chart")


def test_a_newer_commit_ends_the_way_of_one_that_was_overtaken() -> None:
    first, second = told(*pushed("t", OLD), *pushed("u", NEW, 200), *applied("u", NEW, 280, 320))
    assert (first.status, second.status) == ("done", "done")
    assert steps(first)[-1][0] == "compared"
    assert steps(second)[-1][0] == "healthy"


def test_events_of_any_shape_make_a_story_and_no_error() -> None:
    kinds = [
        "app.rendered",
        "app.synced",
        "app.sync.started",
        "app.sync.succeeded",
        "app.healed",
        "app.drifted",
    ]
    events = [event(kind, number) for number, kind in enumerate(kinds)]
    strange = [
        event("app.out-of-sync", 9, resources=[{"nothing": 1}, 7]),
        event("app.health.healthy", 10),
        event("app.deleted", 11),
        event("app.nonsense", 12),
    ]
    assert told(*events, *strange)
