"""Public events: CloudEvents 1.0 in JSON on `fairlead.v1.>`, the story anybody may follow."""

import time
import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from fairlead.events import subjects
from fairlead.events.trace import Trace

SPEC_VERSION = "1.0"


class PublicEventType(StrEnum):
    """What may happen; the type of the CloudEvent is `fairlead.v1.<value>`."""

    COMMIT_DETECTED = "commit.detected"
    PULL_REQUEST_CHANGED = "pull-request.changed"
    APP_RENDERED = "app.rendered"
    APP_RENDER_FAILED = "app.render-failed"
    APP_HYDRATED = "app.hydrated"
    APP_HYDRATION_FAILED = "app.hydration-failed"
    APP_OUT_OF_SYNC = "app.out-of-sync"
    APP_EXPLAINED = "app.explained"
    APP_SYNCED = "app.synced"
    APP_SYNC_STARTED = "app.sync.started"
    APP_SYNC_SUCCEEDED = "app.sync.succeeded"
    APP_SYNC_FAILED = "app.sync.failed"
    APP_HEALTH = "app.health"
    APP_DRIFTED = "app.drifted"
    APP_HEALED = "app.healed"
    APP_PRUNE_HELD = "app.prune-held"
    APP_PAUSED = "app.paused"
    APP_RESUMED = "app.resumed"
    APP_PINNED = "app.pinned"
    APP_UNPINNED = "app.unpinned"
    APP_DELETED = "app.deleted"
    AUDIT = "audit"


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One public event. `source` names the process, `subject` the application or repository."""

    specversion: str = SPEC_VERSION
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str = "application/json"
    traceparent: str
    data: dict[str, Any]


class Publication(msgspec.Struct, frozen=True):
    """A public event and where it goes."""

    subject: str
    event: CloudEvent

    @property
    def payload(self) -> bytes:
        """The JSON on the wire. `specversion` and `datacontenttype` are always written."""
        body = {
            "specversion": self.event.specversion,
            "datacontenttype": self.event.datacontenttype,
            **msgspec.to_builtins(self.event),
        }
        return msgspec.json.encode(body)


def app_event(
    kind: PublicEventType,
    *,
    service: str,
    namespace: str,
    name: str,
    trace: Trace,
    data: dict[str, object] | msgspec.Struct,
    suffix: str = "",
) -> Publication:
    """A transition of an application; `suffix` completes the type, as in `app.health.degraded`."""
    transition = kind.value.removeprefix("app.") + (f".{suffix}" if suffix else "")
    event = _event(f"app.{transition}", service, f"{namespace}/{name}", trace, data)
    return Publication(subjects.public_app(namespace, name, transition), event)


def repository_event(
    kind: PublicEventType,
    *,
    service: str,
    repository: str,
    trace: Trace,
    data: dict[str, object] | msgspec.Struct,
) -> Publication:
    """A transition of a repository."""
    event = _event(kind.value, service, repository, trace, data)
    return Publication(subjects.public_repository(repository, kind.value), event)


def audit_event(
    action: str, *, service: str, about: str, trace: Trace, data: dict[str, object] | msgspec.Struct
) -> Publication:
    """Somebody did something, or tried to; `action` is `<Service>/<Verb>`, `about` the object."""
    word = action.replace("/", ".")
    event = _event(f"{PublicEventType.AUDIT.value}.{word}", service, about, trace, data)
    return Publication(subjects.public_audit(word), event)


def _event(
    kind: str, service: str, subject: str, trace: Trace, data: dict[str, object] | msgspec.Struct
) -> CloudEvent:
    now = datetime.fromtimestamp(time.time(), UTC)
    return CloudEvent(
        id=str(uuid.uuid4()),
        source=f"/fairlead/{service}",
        type=f"{subjects.PUBLIC}.{kind}",
        subject=subject,
        time=now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        traceparent=trace.header,
        data=msgspec.to_builtins(data),
    )
