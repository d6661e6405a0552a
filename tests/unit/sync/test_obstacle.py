"""Why a pod does not get on, as its status and its events say."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.sync.obstacle import Obstacle, is_being_prepared, obstacle_in, obstacle_of

NAME = {"name": "web-1"}


def pod(*containers: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": NAME, "status": {"containerStatuses": list(containers), **status}}


def waiting(reason: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {
        "name": "main",
        "image": "web:1",
        "state": {"waiting": {"reason": reason, "message": message}},
        **more,
    }


CRASHED = {"lastState": {"terminated": {"exitCode": 3, "reason": "Error"}}, "restartCount": 2}


@pytest.mark.parametrize(
    ("found", "text", "stops_work"),
    [
        (
            pod(waiting("ErrImagePull", "code = NotFound")),
            "ImagePullBackOff: container main: image web:1",
            True,
        ),
        (pod(waiting("ImagePullBackOff", "Back-off")), "ImagePullBackOff: container main: image web:1", True),
        (
            pod(waiting("CreateContainerConfigError", 'configmap "x" not found')),
            'CreateContainerConfigError: container main: configmap "x" not found',
            True,
        ),
        (
            pod(waiting("CrashLoopBackOff", "back-off 5m0s", **CRASHED)),
            "CrashLoopBackOff: container main: it ended with exit code 3",
            True,
        ),
        (
            pod({"name": "main", "state": {"running": {"startedAt": "x"}}, **CRASHED}),
            "CrashLoopBackOff: container main: it ended with exit code 3",
            False,
        ),
        (
            pod(
                conditions=[
                    {
                        "type": "PodScheduled",
                        "status": "False",
                        "reason": "Unschedulable",
                        "message": "0/2 nodes\nare available",
                    }
                ]
            ),
            "Unschedulable: 0/2 nodes are available",
            True,
        ),
        (
            pod(waiting("ImagePullBackOff"), {"name": "beside", "state": {"running": {"startedAt": "x"}}}),
            "ImagePullBackOff: container main",
            False,
        ),
    ],
)
def test_what_stands_in_a_pods_way(found: dict[str, Any], text: str, stops_work: bool) -> None:
    obstacle = obstacle_of(found)
    assert obstacle is not None
    assert obstacle.text.startswith(f"Pod web-1: {text}")
    assert obstacle.stops_work is stops_work


def test_it_is_told_in_parts_too() -> None:
    found = obstacle_of(pod(waiting("ImagePullBackOff", "Back-off")))
    assert found is not None
    assert (found.kind, found.name, found.container) == ("Pod", "web-1", "main")
    assert (found.reason, found.words) == ("ImagePullBackOff", "image web:1 cannot be pulled")


@pytest.mark.parametrize(
    "found",
    [
        pod(),
        pod({"name": "main", "state": {"running": {}}, "ready": True, **CRASHED}),
        pod({"name": "main", "state": {"running": {}}, "restartCount": 0}),
        pod(waiting("PodInitializing")),
    ],
)
def test_a_pod_that_gets_on_has_no_obstacle(found: dict[str, Any]) -> None:
    assert obstacle_of(found) is None


def test_what_keeps_a_pod_that_is_being_prepared_is_told_by_its_last_event() -> None:
    prepared = pod(waiting("ContainerCreating"))
    assert is_being_prepared(prepared)
    assert not is_being_prepared(pod(waiting("ImagePullBackOff")))
    events = [
        {"reason": "FailedMount", "message": 'secret "b" not found', "lastTimestamp": "2026-01-01T00:00:02Z"},
        {"reason": "FailedMount", "message": 'secret "a" not found', "lastTimestamp": "2026-01-01T00:00:01Z"},
        {"reason": "Unhealthy", "message": "probe", "lastTimestamp": "2026-01-01T00:00:03Z"},
    ]
    assert obstacle_in(events, prepared) == Obstacle(
        text='Pod web-1: FailedMount: secret "b" not found',
        stops_work=True,
        kind="Pod",
        name="web-1",
        reason="FailedMount",
        words='secret "b" not found',
    )
    assert obstacle_in(events[2:], prepared) is None
