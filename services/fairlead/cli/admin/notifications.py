"""`admin notifications`: the templates and triggers of argocd-notifications-cm, as they are configured."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.cli.admin.control_plane import CONFIG_MAPS, at
from fairlead.cli.command import Invocation
from fairlead.cli.errors import DeclinedError, SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text
from fairlead.cli.view import document
from fairlead.cli.view.columns import columns
from fairlead.kube.rest import KubeClient

CONFIG_MAP = "argocd-notifications-cm"
MINIMUM = 5
"""Least width of a column."""


def templates(call: Invocation) -> None:
    """Print the templates, or one of them."""
    found = _chosen(call, "template")
    if call.values.text("output") in ("wide", ""):
        rows = [(name, _preview(template)) for name, template in found.items()]
        print(columns([("NAME", "PREVIEW"), *rows], minimum=MINIMUM), end="")
    else:
        _show(call, found)


def triggers(call: Invocation) -> None:
    """Print the triggers, or one of them."""
    found = _chosen(call, "trigger")
    if call.values.text("output") not in ("wide", ""):
        _show(call, found)
        return
    rows = [("NAME", "TEMPLATE", "CONDITION")]
    for name, conditions in found.items():
        for index, condition in enumerate(conditions if isinstance(conditions, list) else []):
            sent = ", ".join(str(each) for each in condition.get("send") or [])
            rows.append((name if index == 0 else "", sent, str(condition.get("when") or "")))
    print(columns(rows, minimum=MINIMUM), end="")


def _show(call: Invocation, found: Mapping[str, Any]) -> None:
    form = call.values.text("output")
    if form == "name":
        print("".join(f"{name}\n" for name in found), end="")
    else:
        document.show(found, form)


def _preview(template: Any) -> str:
    """The first line of what it says."""
    message = str((template if isinstance(template, dict) else {}).get("message") or "").strip()
    return message.split("\n", 1)[0]


def _chosen(call: Invocation, kind: str) -> dict[str, Any]:
    name = call.at_most_one(kind)
    data = _data(call)
    prefix = f"{kind}."
    keys = sorted(key for key in data if key.startswith(prefix))
    found = {key.removeprefix(prefix): _value(key, data[key]) for key in keys}
    if not name:
        return found
    if name not in found:
        raise DeclinedError(f"{kind} '{name}' does not exist (found {', '.join(found) or 'none'})")
    return {name: found[name]}


def _value(key: str, text: str) -> Any:
    found = parsed(text, key)
    return found[0] if found else None


def _data(call: Invocation) -> Mapping[str, str]:
    where = call.values.text("config-map")
    if where:
        found = [each for each in parsed(read_text(where), where) if isinstance(each, dict)]
        maps = [each for each in found if each.get("kind") == "ConfigMap"]
        if not maps:
            raise SettingsError(f"{where} holds no ConfigMap")
        return {str(key): str(value) for key, value in (maps[0].get("data") or {}).items()}

    async def read(client: KubeClient, namespace: str) -> bytes | None:
        return await client.find(CONFIG_MAPS, CONFIG_MAP, namespace)

    raw = at(call.values, read)
    return {} if raw is None else msgspec.json.decode(raw, type=dict[str, Any]).get("data") or {}
