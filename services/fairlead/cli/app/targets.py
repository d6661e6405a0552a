"""Which objects and which sources of an application a command means."""

from collections.abc import Iterable
from typing import Any

import msgspec

from fairlead.cli.client import AppRef, Client
from fairlead.cli.command import Values
from fairlead.cli.errors import SettingsError, UsageError
from fairlead.cli.view.selection import Selection
from fairlead.model.application import Application

Name = tuple[str, str, str]


def resources_of(app: Application, chosen: Selection | None, named: set[Name] | None) -> list[dict[str, str]]:
    """The application's objects that are meant, as a sync names them. Raises SettingsError for none."""
    found = [
        {"group": r.group, "kind": r.kind, "name": r.name, "namespace": r.namespace}
        for r in app.status.resources
        if (chosen is None or chosen.includes(r.group, r.kind, r.namespace, r.name))
        and (named is None or (r.group, r.kind, r.name) in named)
    ]
    if not found:
        raise SettingsError(
            f"no object of application '{app.metadata.name}' matches; `app resources` lists them"
        )
    return found


def labelled(client: Client, app: AppRef, labels: Iterable[str]) -> set[Name]:
    """Group, kind and name of the manifests that have all the labels."""
    wanted = dict(_pair(label) for label in labels)
    found = set()
    for text in client.applications.manifests(app):
        obj: dict[str, Any] = msgspec.json.decode(text)
        metadata = obj.get("metadata", {})
        if wanted.items() <= (metadata.get("labels") or {}).items():
            group = str(obj.get("apiVersion", "")).rpartition("/")[0]
            found.add((group, str(obj.get("kind", "")), str(metadata.get("name", ""))))
    return found


def positions(app: Application, values: Values) -> dict[str, Any]:
    """Revisions of several sources, as a request has them; nothing when none are given."""
    revisions = values.many("revisions")
    if not revisions:
        if values.any_given(("source-positions", "source-names")):
            raise UsageError("--source-positions and --source-names are for --revisions")
        return {}
    found = [_number(text) for text in values.many("source-positions")]
    names = [source.name for source in app.spec.effective_sources()]
    for name in values.many("source-names"):
        if name not in names:
            raise SettingsError(f"application '{app.metadata.name}' has no source named '{name}'")
        found.append(names.index(name) + 1)
    if len(found) != len(revisions):
        raise UsageError("give as many --revisions as --source-positions or --source-names")
    return {"revisions": revisions, "sourcePositions": found}


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UsageError("a source position is a number from 1")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"a label is NAME=VALUE, not {text}")
    return name, value
