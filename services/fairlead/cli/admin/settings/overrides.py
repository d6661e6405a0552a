"""`admin settings resource-overrides`: what settings make of one object."""

from typing import Any

from fairlead.cli.admin.settings.source import settings_of
from fairlead.cli.client import Document
from fairlead.cli.command import Invocation
from fairlead.cli.errors import SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.cli.view.columns import columns
from fairlead.diff.ignore import parse_pointer, without_pointers
from fairlead.health.assess import assess
from fairlead.settings.overrides import EVERYTHING, overrides
from fairlead.settings.reading import Reader


def health(call: Invocation) -> None:
    """Print the health of the object of a file, by the rule that is built in."""
    obj = _object(call)
    rule = _rule(call, obj)
    if rule.get("health.lua"):
        print("Health script is configured; it runs in the controller. Without it:")
    found = assess(obj)
    if found is None:
        print("Health assessment is not configured")
        return
    print(f"STATUS: {found.status.value}\nMESSAGE: {found.message}")


def ignore_differences(call: Invocation) -> None:
    """Print the fields of the object that comparing leaves out."""
    _tell_left_out(call, "ignoreDifferences", "Ignore differences")


def ignore_updates(call: Invocation) -> None:
    """Print the fields of the object whose change brings about no comparison."""
    _tell_left_out(call, "ignoreResourceUpdates", "Ignore resource updates")


def list_actions(call: Invocation) -> None:
    """Print the actions that settings add to the object's kind."""
    obj = _object(call)
    rule = _rule(call, obj)
    found = parsed(str(rule.get("actions") or ""), "actions")
    definitions = (found[0] or {}).get("definitions") or [] if found else []
    if not definitions:
        print("Actions are not configured")
        return
    print(columns([("RESOURCE ACTION",), *((str(each.get("name")),) for each in definitions)]), end="")


def _tell_left_out(call: Invocation, field: str, title: str) -> None:
    obj = _object(call)
    rule = _rule(call, obj).get(field) or {}
    pointers = list(rule.get("jsonPointers") or [])
    expressions = list(rule.get("jqPathExpressions") or [])
    managers = list(rule.get("managedFieldsManagers") or [])
    if not (pointers or expressions or managers):
        print(f"{title} are not configured")
        return
    print("Following fields are ignored:\n")
    left = without_pointers(obj, [parse_pointer(pointer) for pointer in pointers])
    for line in _removed(obj, left, ""):
        print(line)
    for expression in expressions:
        print(f"jq: {expression}")
    for manager in managers:
        print(f"fields of the manager {manager}")


def _removed(before: Any, after: Any, path: str) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        found: list[str] = []
        for key, value in before.items():
            inner = f"{path}.{key}" if path else key
            found += [inner] if key not in after else _removed(value, after[key], inner)
        return found
    return [] if before == after else [path]


def _object(call: Invocation) -> Document:
    where = call.one("file with an object")
    found = [document for document in parsed(read_text(where), where) if document]
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SettingsError(f"{where} has to hold one object")
    obj: Document = found[0]
    return obj


def _rule(call: Invocation, obj: Document) -> dict[str, Any]:
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    kind = str(obj.get("kind") or "")
    name = f"{group}/{kind}" if group else kind
    known = overrides(Reader("argocd-cm", settings_of(call.values)))
    return {**known.get(EVERYTHING, {}), **known.get(name, {})}
