"""What Fairlead holds and Argo CD does not know of: pins, pauses and freezes end with the way back.

Invariant: only reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from fairlead.cli.admin.backup import APPLICATIONS, PROJECTS, Homes, is_home
from fairlead.cli.admin.control_plane import CONFIG_MAPS
from fairlead.kube.rest import KubeClient
from fairlead.matching import pauses, pins
from fairlead.matching.pauses import MAP_PREFIX, PREFIX, Scope
from fairlead.model.application import Application
from fairlead.model.decode import decode_application
from fairlead.model.errors import MalformedObjectError

SETTINGS = "argocd-cm"


class _Metadata(msgspec.Struct):
    name: str
    annotations: dict[str, str] | None = None


class _Object(msgspec.Struct):
    metadata: _Metadata
    data: dict[str, str] | None = None


async def held(client: KubeClient, namespace: str, homes: Homes) -> list[str]:
    """Each thing that holds now, in words; clusters' pauses are not looked for. Raises KubeError."""
    now, found = datetime.now(UTC), list[str]()
    for raw in await client.list_all(APPLICATIONS, None if homes.applications else namespace):
        app = _application(raw)
        if app is not None and (
            app.metadata.namespace == namespace or is_home(app.metadata.namespace, homes.applications)
        ):
            found += _of_application(app, now)
    for raw in await client.list_all(PROJECTS, namespace):
        project = msgspec.json.decode(raw, type=_Object).metadata
        found += _paused(project.annotations or {}, "project", project.name, now)
    settings = await client.find(CONFIG_MAPS, SETTINGS, namespace)
    if settings is not None:
        data = msgspec.json.decode(settings, type=_Object).data or {}
        found += _paused(data, "instance", "", now, prefix=MAP_PREFIX)
    return found


def _application(raw: bytes) -> Application | None:
    try:
        return decode_application(raw)
    except MalformedObjectError:
        return None


def _of_application(app: Application, now: datetime) -> Iterator[str]:
    pin = pins.pin_of(app, now)
    if pin is not None:
        yield f"application {app.id.qualified}: {pins.words(pin)}"
    for text in _paused(app.metadata.annotations, "application", app.metadata.name, now):
        yield f"application {app.id.qualified}: {text}"


def _paused(
    texts: Mapping[str, str], scope: Scope, name: str, now: datetime, *, prefix: str = PREFIX
) -> Iterator[str]:
    text = pauses.words(pauses.active([pauses.pause_of(texts, scope, name, prefix=prefix)], now))
    if text:
        yield text
