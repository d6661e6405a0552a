"""Whether a change of a managed object is worth a look at its application: `ignoreResourceUpdates`.

Why: controllers write counters and times into objects all day long, and each such write would cost a
comparison. Invariant: what begins or ends, changes hands, is on its way out, changes health, or changes in
any field that no rule names, is news.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.app_controller.destination.scripted import HealthScripts
from fairlead.diff.errors import IgnoreRuleError
from fairlead.diff.ignore import applies, parse_pointer, without_pointers
from fairlead.kube.live_index import LiveChange
from fairlead.manifest.identity import ResourceKey
from fairlead.model.status import ResourceIgnoreDifferences
from fairlead.settings import ControllerSettings

_ALWAYS = ("resourceVersion", "generation", "managedFields")


def is_news(change: LiveChange, settings: ControllerSettings, scripts: HealthScripts) -> bool:
    """Whether anything changed that is not to be ignored; without a rule for the kind everything is news."""
    old, new = change.old, change.new
    if not settings.ignore_updates_enabled or old is None or new is None:
        return True
    if (old.uid, old.instance, old.deletion_timestamp) != (new.uid, new.instance, new.deletion_timestamp):
        return True
    pointers = tuple(_pointers(change.key, settings))
    if not pointers:
        return True
    before, after = old.decoded(), new.decoded()
    return _rest(before, pointers) != _rest(after, pointers) or scripts.may_differ(before, after)


def _pointers(key: ResourceKey, settings: ControllerSettings) -> Iterator[tuple[str, ...]]:
    """Those of the rules about updates and, unless switched off, of those about differences."""
    rules = settings.ignore_updates
    if not any(applies(ResourceIgnoreDifferences(group=rule.group, kind=rule.kind), key) for rule in rules):
        return
    if settings.ignore_differences_on_updates:
        rules = (*rules, *settings.ignore_differences)
    for rule in rules:
        if applies(ResourceIgnoreDifferences(group=rule.group, kind=rule.kind), key):
            for text in rule.json_pointers:
                try:
                    yield parse_pointer(text)
                except IgnoreRuleError:
                    continue


def _rest(obj: dict[str, Any], pointers: tuple[tuple[str, ...], ...]) -> dict[str, Any]:
    metadata = {name: value for name, value in obj.get("metadata", {}).items() if name not in _ALWAYS}
    return without_pointers({**obj, "metadata": metadata}, pointers)
