"""`admin settings resource-overrides`: what settings make of one object.

The invariant: nothing is done to a cluster; what an action would change is only shown.
"""

from typing import Any

from fairlead.cli.admin.settings.scripts import lua
from fairlead.cli.admin.settings.source import settings_of
from fairlead.cli.app.differences import compare
from fairlead.cli.client import Document
from fairlead.cli.command import Invocation
from fairlead.cli.errors import CliError, SettingsError, UsageError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.cli.spec.source import pair
from fairlead.cli.view.columns import columns
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.diff.ignore import parse_pointer, without_pointers
from fairlead.health.assess import assess
from fairlead.settings.actions import ActionRules, action_rules
from fairlead.settings.overrides import EVERYTHING, overrides
from fairlead.settings.reading import Reader


def health(call: Invocation) -> None:
    """Print the health of the object of a file, by the script of the settings, else by the built-in rule."""
    obj = _object(call.one("file with an object"))
    rule = _rule(call, obj)
    script = str(rule.get("health.lua") or "")
    if script:
        said = lua(script, {"obj": obj}, open_libs=_may_use_all(rule))
        found = said if isinstance(said, dict) else {}
        _tell_health(str(found.get("status") or ""), str(found.get("message") or ""))
        return
    assessed = assess(obj)
    if assessed is None:
        print(f"Health script is not configured for '{_place(obj)}'")
        return
    _tell_health(assessed.status.value, assessed.message)


def ignore_differences(call: Invocation) -> None:
    """Print the fields of the object that comparing leaves out."""
    _tell_left_out(call, "ignoreDifferences", "Ignore differences")


def ignore_updates(call: Invocation) -> None:
    """Print the fields of the object whose change brings about no comparison."""
    _tell_left_out(call, "ignoreResourceUpdates", "Ignore resource updates")


def list_actions(call: Invocation) -> None:
    """Print the actions that settings add for the object, by their discovery."""
    obj = _object(call.one("file with an object"))
    rule = _rule(call, obj)
    rules = _actions(rule)
    if rules is None:
        print(f"Actions are not configured for '{_place(obj)}'")
        return
    listed = lua(rules.discovery, {"obj": obj}, open_libs=_may_use_all(rule)) if rules.discovery else {}
    found = listed.items() if isinstance(listed, dict) else ()
    rows = [(name, str(_is_disabled(value)).lower()) for name, value in sorted(found)]
    print(columns([("NAME", "DISABLED"), *rows]), end="")


def run_action(call: Invocation) -> None:
    """Print what an action that settings add would change, and make."""
    where, action = call.exactly("FILE", "ACTION")
    obj = _object(where)
    rule = _rule(call, obj)
    rules = _actions(rule)
    if rules is None:
        print(f"Actions are not configured for '{_place(obj)}'")
        return
    if action not in rules.scripts:
        known = ", ".join(sorted(rules.scripts)) or "none"
        raise CliError(f"the settings have no action {action} for '{_place(obj)}'; there are: {known}")
    parameters = dict(pair(text, "NAME=VALUE") for text in call.values.many("param"))
    variables = {"obj": obj, "actionParams": parameters}
    returned = lua(rules.scripts[action], variables, open_libs=_may_use_all(rule))
    for operation, changed in _impacted(returned):
        _tell_impact(operation, obj, changed, action)


def _tell_impact(operation: str, before: Document, after: Document, action: str) -> None:
    if operation == "create":
        print(f"Following resource was created:\n{as_yaml(after)}")
    elif after == before:
        print(f"No fields had been changed by action: \n{action}")
    else:
        print("Following fields have been changed:\n", flush=True)
        compare(before, after)


def _impacted(returned: Any) -> list[tuple[str, Document]]:
    """What an action wants done: a changed object, or a list of what to make and to change."""
    items = returned if isinstance(returned, list) else [{"operation": "patch", "resource": returned}]
    found = []
    for item in items:
        operation = item.get("operation") if isinstance(item, dict) else None
        if operation not in ("create", "patch") or not isinstance(item.get("resource"), dict):
            raise CliError("the action returned no object, and no list of what to create and to patch")
        found.append((str(operation), item["resource"]))
    return found


def _tell_health(status: str, message: str) -> None:
    print(f"STATUS: {status}\nMESSAGE: {message}")


def _tell_left_out(call: Invocation, field: str, title: str) -> None:
    obj = _object(call.one("file with an object"))
    rule = _rule(call, obj).get(field) or {}
    pointers = list(rule.get("jsonPointers") or [])
    expressions = list(rule.get("jqPathExpressions") or [])
    managers = list(rule.get("managedFieldsManagers") or [])
    if not (pointers or expressions or managers):
        print(f"{title} are not configured for '{_place(obj)}'")
        return
    left = without_pointers(obj, [parse_pointer(pointer) for pointer in pointers])
    further = [f"jq: {expression}" for expression in expressions]
    further += [f"fields of the manager {manager}" for manager in managers]
    if left == obj and not further:
        print(f"No fields are ignored by {field} settings: \n{', '.join(pointers)}")
        return
    print("Following fields are ignored:\n", flush=True)
    if left != obj:
        compare(obj, left)
    for line in further:
        print(line)


def _object(where: str) -> Document:
    found = [document for document in parsed(read_text(where), where) if document]
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SettingsError(f"{where} has to hold one object")
    obj: Document = found[0]
    if not obj.get("kind"):
        raise UsageError(f"{where} holds no object: it has no kind")
    return obj


def _rule(call: Invocation, obj: Document) -> dict[str, Any]:
    group, _, kind = _place(obj).partition("/")
    name = f"{group}/{kind}" if group else kind
    known = overrides(Reader("argocd-cm", settings_of(call.values)))
    return {**known.get(EVERYTHING, {}), **known.get(name, {})}


def _place(obj: Document) -> str:
    return f"{str(obj.get('apiVersion') or '').rpartition('/')[0]}/{obj.get('kind')}"


def _actions(rule: dict[str, Any]) -> ActionRules | None:
    found = parsed(str(rule.get("actions") or ""), "actions")
    return action_rules(found[0]) if found and found[0] else None


def _may_use_all(rule: dict[str, Any]) -> bool:
    return rule.get("health.lua.useOpenLibs") is True


def _is_disabled(value: Any) -> bool:
    return isinstance(value, dict) and value.get("disabled") is True
