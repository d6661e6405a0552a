"""Which writes to a managed object are worth a look at its application."""

from typing import Any

import msgspec
import pytest

from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.app_controller.looking.updates import is_news
from fairlead.kube.head import decode_head
from fairlead.kube.live_index import ChangeType, LiveChange
from fairlead.kube.live_object import LiveObject, live_object
from fairlead.kube.resource import Resource
from fairlead.manifest.tracking import TRACKING_ID, owner_of
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


def news(new: LiveObject | None, settings: ControllerSettings = RULES, old: LiveObject | None = None) -> bool:
    before = live() if old is None else old
    return is_news(LiveChange(ChangeType.MODIFIED, before.key, before, new), settings, HealthScripts())


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


def test_an_end_is_news_and_so_is_everything_without_a_rule_or_when_switched_off() -> None:
    off = {"resource.ignoreResourceUpdatesEnabled": "false"}
    rule = {"resource.customizations.ignoreResourceUpdates.all": "jsonPointers: [/status]"}
    assert news(None)
    assert news(live("2"), ControllerSettings())
    assert news(live("2"), controller_settings({**rule, **off}))
    assert not news(live("2"), controller_settings(rule))
