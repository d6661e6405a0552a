"""Which writes to a managed object are worth a look at its application."""

import asyncio
import operator
from functools import partial
from typing import Any

import msgspec
import pytest

from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.looking.updates import MAX_UNJUDGED, Updates, judge
from fairlead.kube.head import decode_head
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_object import LiveObject, live_object
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import TRACKING_ID, owner_of
from fairlead.render.jq import Jq
from fairlead.settings import ControllerSettings, controller_settings

DEPLOYMENTS = Resource(group="apps", version="v1", plural="deployments", kind="Deployment", namespaced=True)
RULES = controller_settings(
    {
        "resource.customizations.ignoreResourceUpdates.all": "jsonPointers: [/status/at, bad]",
        "resource.customizations.ignoreDifferences.apps_Deployment": "jsonPointers: [/spec/replicas]",
    }
)


def live(version: str = "1", **changes: Any) -> LiveObject:
    metadata = {
        "name": "web",
        "namespace": "n",
        "uid": "u",
        "resourceVersion": version,
        "generation": int(version),
        "managedFields": [version],
        "annotations": {TRACKING_ID: "app:apps/Deployment:n/web"},
        **changes.pop("metadata", {}),
    }
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {}, **changes}
    raw = msgspec.json.encode(body)
    return live_object(DEPLOYMENTS, decode_head(raw), raw, owner_of)


def change(new: LiveObject | None, old: LiveObject | None = None) -> LiveChange:
    before = live() if old is None else old
    return LiveChange(ChangeType.MODIFIED, before.key, before, new)


def news(new: LiveObject | None, settings: ControllerSettings = RULES, old: LiveObject | None = None) -> bool:
    return bool(judge(change(new, old), settings, HealthScripts()))


@pytest.mark.parametrize("changes", [{}, {"status": {"at": "now"}}, {"spec": {"replicas": 5}}])
def test_a_write_to_ignored_fields_alone_is_no_news(changes: dict[str, Any]) -> None:
    old = live(status={}) if "status" in changes else live(spec={"replicas": 1}) if changes else live()
    assert not news(live("2", **changes), old=old)


@pytest.mark.parametrize(
    "changes",
    [
        {"spec": {"paused": True}},
        {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {"metadata": {"uid": "another"}},
        {"metadata": {"annotations": {TRACKING_ID: "other:apps/Deployment:n/web"}}},
        {"metadata": {"labels": {"a": "b"}}},
        {"status": {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]}},
    ],
)
def test_whatever_else_changes_is_news(changes: dict[str, Any]) -> None:
    assert news(live("2", **changes))


def test_an_end_is_news_and_so_is_everything_when_switched_off() -> None:
    off = {"resource.ignoreResourceUpdatesEnabled": "false"}
    rule = {"resource.customizations.ignoreResourceUpdates.all": "jsonPointers: [/status]"}
    assert news(None)
    assert news(live("2"), controller_settings({**rule, **off}))
    assert not news(live("2"), controller_settings(rule))


STATUS_OWNER = {"manager": "c", "operation": "Update", "subresource": "status", "fieldsV1": {"f:status": {}}}
OWNER = {"manager": "a", "operation": "Apply", "time": "t1", "fieldsV1": {"f:spec": {}}}


def owned(version: str, *owners: dict[str, Any], **changes: Any) -> LiveObject:
    return live(version, metadata={"managedFields": list(owners)}, **changes)


def test_without_a_rule_a_status_is_no_news_while_nobody_compares_it_and_health_stays() -> None:
    plain, compared = ControllerSettings(), controller_settings({"resource.compareoptions": NO_STATUS})
    before = owned("1", OWNER, STATUS_OWNER, status={"observedGeneration": 1})
    after = owned("2", {**OWNER, "time": "t2"}, STATUS_OWNER, status={"observedGeneration": 2})
    assert not news(after, plain, before)
    assert news(after, compared, before)
    failed = {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]}
    assert news(owned("2", OWNER, STATUS_OWNER, status=failed), plain, before)


def test_without_a_rule_another_owner_of_a_field_is_news() -> None:
    before, after = owned("1", OWNER), owned("2", {**OWNER, "manager": "b"})
    assert news(after, ControllerSettings(), before)


NO_STATUS = "ignoreResourceStatusField: none"
JQ = controller_settings(
    {
        "resource.customizations.ignoreResourceUpdates.apps_Deployment": (
            "jqPathExpressions: ['.spec.items[] | select(.name == \"a\").value']"
        )
    }
)


async def told(*changes: LiveChange, settings: ControllerSettings = JQ) -> list[bool]:
    """Whether each change was told as news."""
    updates, found = Updates(lambda: settings, Jq(30.0)), [False] * len(changes)
    for place, one in enumerate(changes):
        updates.take(one, HealthScripts(), partial(operator.setitem, found, place, True))
    running = asyncio.create_task(updates.run())
    try:
        async with asyncio.timeout(120):
            while updates.is_busy:
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await updates.aclose()
    return found


def with_items(version: str, a: int, b: int) -> LiveObject:
    return live(version, spec={"items": [{"name": "a", "value": a}, {"name": "b", "value": b}]})


async def test_what_a_jq_expression_names_is_no_news_and_what_it_does_not_name_is() -> None:
    before = with_items("1", 1, 1)
    ignored, other = change(with_items("2", 2, 1), before), change(with_items("2", 2, 2), before)
    assert await told(ignored, other) == [False, True]


async def test_what_jq_cannot_judge_is_news() -> None:
    rule = {"resource.customizations.ignoreResourceUpdates.all": "jqPathExpressions: ['.spec.[']"}
    found = change(with_items("2", 2, 1), with_items("1", 1, 1))
    assert await told(found, settings=controller_settings(rule)) == [True]


async def test_of_too_many_questions_the_rest_is_news() -> None:
    found = change(with_items("2", 2, 1), with_items("1", 1, 1))
    said = await told(*[found] * (MAX_UNJUDGED + 2))
    assert said == [False] * MAX_UNJUDGED + [True] * 2
