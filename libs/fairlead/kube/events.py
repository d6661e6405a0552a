"""Kubernetes Events: the short messages `kubectl describe` shows under an object.

Invariant: an Event is a courtesy; the caller decides whether a failure to write one matters.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from fairlead.kube.resource import Resource
from fairlead.kube.writer import ClusterWriter
from fairlead.matching.globs import matches

EVENTS = Resource(group="", version="v1", plural="events", kind="Event", namespaced=True)
MAX_MESSAGE = 1024
"""The API server refuses longer messages, in bytes."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The object an Event is about."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


async def record_event(
    writer: ClusterWriter,
    subject: Subject,
    *,
    reason: str,
    message: str,
    type: Literal["Normal", "Warning"] = "Normal",  # noqa: A002
    component: str,
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    now: int | None = None,
) -> bytes:
    """Creates the Event in the subject's namespace (`default` without one). `now` in Unix nanoseconds."""
    moment = time.time_ns() if now is None else now
    namespace = subject.namespace or "default"
    stamp = datetime.fromtimestamp(moment // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": event_name(subject.name, moment),
            "namespace": namespace,
            "annotations": dict(annotations or {}),
            "labels": dict(labels or {}),
        },
        "involvedObject": subject,
        "reason": reason,
        "message": shortened(message),
        "type": type,
        "count": 1,
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "source": {"component": component},
    }
    return await writer.write(
        "event",
        EVENTS,
        lambda client: client.create(EVENTS, msgspec.json.encode(body), namespace),
        name=event_name(subject.name, moment),
        namespace=namespace,
    )


def is_told(reason: str, wanted: str) -> bool:
    """Whether Events of a reason are written, by ARGOCD_ENABLE_K8S_EVENT: `all`, `none`, or reasons."""
    words = [word.strip() for word in wanted.split(",")]
    return "none" not in words and ("all" in words or reason in words)


def copied(labels: Mapping[str, str], included: Sequence[str], excluded: Sequence[str]) -> dict[str, str]:
    """The labels of an object that its Events have too, by globs of their keys."""
    return {
        key: value
        for key, value in labels.items()
        if any(matches(glob, key) for glob in included) and not any(matches(glob, key) for glob in excluded)
    }


def event_name(name: str, nanoseconds: int) -> str:
    """`<object>.<hex nanoseconds>`; a long object name is cut so that the whole stays a legal name."""
    suffix = f".{nanoseconds:x}"
    return name[: 253 - len(suffix)] + suffix


def shortened(message: str) -> str:
    """The message cut to what the server takes, at a character's border."""
    encoded = message.encode()
    if len(encoded) <= MAX_MESSAGE:
        return message
    return encoded[: MAX_MESSAGE - 3].decode(errors="ignore") + "..."
