"""Text forms, piece by piece."""

from datetime import UTC, datetime
from typing import Any

import pytest

from fairlead.cli.app.differences import plain_diff
from fairlead.cli.app.predicted import at_revision, laid_over
from fairlead.cli.errors import UsageError
from fairlead.cli.view.columns import columns
from fairlead.cli.view.selection import selection
from fairlead.cli.view.states import ObjectState, progress_lines
from fairlead.cli.view.times import age, span
from fairlead.cli.view.yaml_text import as_yaml

NOW = datetime(2026, 11, 23, 1, 32, 40, tzinfo=UTC)


def state(kind: str, name: str, *, group: str = "", **more: str) -> ObjectState:
    return ObjectState(group=group, kind=kind, namespace="team-web", name=name, **more)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


@pytest.mark.usefixtures("in_utc")
def test_the_first_progress_lines_stand_under_their_header() -> None:
    rows = [
        state("Service", "web", status="OutOfSync", health="Missing"),
        state("Deployment", "web", group="apps", status="OutOfSync", health="Missing"),
    ]
    assert progress_lines(rows, NOW, titled=True).splitlines() == [
        "TIMESTAMP                  GROUP        KIND   NAMESPACE                  NAME    STATUS    HEALTH"
        "        HOOK  MESSAGE",
        "2026-11-23T01:32:40+00:00            Service    team-web                   web  OutOfSync  Missing"
        "              ",
        "2026-11-23T01:32:40+00:00   apps  Deployment    team-web                   web  OutOfSync  Missing"
        "              ",
    ]


@pytest.mark.usefixtures("in_utc")
def test_a_later_progress_line_is_as_wide_as_it_needs() -> None:
    rows = [state("Service", "web", status="Synced", health="Healthy", message="service/web created")]
    assert progress_lines(rows, NOW, titled=False) == (
        "2026-11-23T01:32:40+00:00            Service    team-web                   web    Synced  Healthy"
        "              service/web created\n"
    )


def test_a_column_ends_with_the_lines_that_have_it() -> None:
    rows = [("a", "long value", "x"), ("b", "c", "y"), ("alone",), ("d", "e", "z")]
    assert columns(rows) == "a  long value  x\nb  c           y\nalone\nd  e  z\n"


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["apps:Deployment:web"], True),
        (["apps:Deployment:shop/web"], True),
        (["apps:Deployment:other/web"], False),
        (["apps:*:*"], True),
        (["!apps:Deployment:web"], False),
        (["!:Service:web"], True),
        (["*:*:*", "!apps:*:w*"], False),
        ([":Deployment:web"], False),
    ],
)
def test_objects_are_chosen_by_patterns(patterns: list[str], chosen: bool) -> None:
    found = selection(patterns)
    assert found is not None
    assert found.includes("apps", "Deployment", "shop", "web") is chosen


def test_a_pattern_of_two_parts_is_refused() -> None:
    with pytest.raises(UsageError, match="GROUP:KIND:NAME"):
        selection(["Deployment:web"])


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (119, "119s"), (125, "2m5s"), (600, "10m"), (7200, "120m"), (11000, "3h3m"), (86400, "24h"),
     (200000, "2d7h"), (864000, "10d"), (40 * 365 * 86400, "40y")],
)  # fmt: skip
def test_an_age_has_at_most_two_units(seconds: int, shown: str) -> None:
    assert age(seconds) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0s"), (64, "1m4s"), (7200, "2h0m0s")])
def test_a_span_is_written_as_go_does(seconds: int, shown: str) -> None:
    assert span(seconds) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("10252", '"10252"'),
        ("1e3", '"1e3"'),
        ("yes", '"yes"'),
        ("n", '"n"'),
        ("", '""'),
        ("2026-11-23T01:32:34Z", '"2026-11-23T01:32:34Z"'),
        ("0.5", '"0.5"'),
        ("nginx:1.25", "nginx:1.25"),
        ("main", "main"),
        ("500m", "500m"),
        (5, "5"),
        (True, "true"),
        (None, "null"),
        ({}, "{}"),
        ("a\nb\n", "|\n  a\n  b"),
    ],
)
def test_yaml_quotes_what_would_be_read_as_something_else(value: Any, shown: str) -> None:
    assert as_yaml({"key": value}) == f"key: {shown}\n"


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (["a", "b", "c"], ["a", "x", "c"], ["2c2", "< b", "---", "> x"]),
        (["a"], ["a", "b", "c"], ["1a2,3", "> b", "> c"]),
        (["a", "b", "c"], ["c"], ["1,2d0", "< a", "< b"]),
        ([], ["a", "b"], ["0a1,2", "> a", "> b"]),
    ],
)
def test_differences_look_the_same_without_the_diff_program(
    before: list[str], after: list[str], shown: list[str]
) -> None:
    assert list(plain_diff(before, after)) == shown


def test_a_manifest_laid_over_a_live_object_keeps_what_it_does_not_speak_of() -> None:
    live = {"spec": {"replicas": 3, "containers": [{"name": "a", "image": "x:1", "tty": False}], "ip": "1"}}
    target = {"spec": {"replicas": 4, "containers": [{"name": "a", "image": "x:2"}]}}
    assert laid_over(live, target) == {
        "spec": {"replicas": 4, "containers": [{"name": "a", "image": "x:2", "tty": False}], "ip": "1"}
    }


def test_a_manifest_without_namespace_is_compared_with_the_object_in_that_of_the_application() -> None:
    live = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"x"},"data":{"v":"2"}}'
    item = {"kind": "ConfigMap", "namespace": "x", "name": "a", "liveState": live, "targetState": live}
    manifest = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"v":"1"}}'
    (compared,) = at_revision([item], [manifest])
    assert compared["modified"]
    assert '"v":"1"' in compared["predictedLiveState"]
    (gone,) = at_revision([item], [])
    assert gone["targetState"] == ""
