"""`admin app get-reconcile-results` and `diff-reconcile-results`: how applications stand, and what changed.

A summary made before an upgrade and one made after it show what the upgrade did.
"""

import asyncio
from typing import Any

import msgspec

from fairlead.cli.admin.backup import APPLICATIONS
from fairlead.cli.admin.control_plane import at
from fairlead.cli.app.differences import compare
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import CliError, SettingsError
from fairlead.cli.spec.files import parsed
from fairlead.cli.spec.places import read_text, write_text
from fairlead.cli.view.document import as_json
from fairlead.cli.view.yaml_text import as_yaml
from fairlead.kube.rest import KubeClient

REFRESH = "argocd.argoproj.io/refresh"
REFRESH_SECONDS = 300.0
"""How long the controllers may take to compare all applications anew."""
POLL = 0.5
Summary = dict[str, Any]


def get(call: Invocation) -> None:
    """Write the summary of the applications to a file."""
    where, values = call.one("file to write"), call.values
    found = at(values, lambda client, namespace: _summaries(client, namespace, values))
    summary = {"applications": found}
    text = f"{as_json(summary)}\n" if values.text("o") == "json" else as_yaml(summary)
    write_text(where, text)


def diff(call: Invocation) -> None:
    """Print what two summaries say differently, application by application."""
    before, after = (_read(where) for where in call.exactly("FILE", "FILE"))
    for name in sorted(before.keys() | after.keys()):
        print(name, flush=True)
        if before.get(name) != after.get(name):
            compare(before.get(name), after.get(name))


async def _summaries(client: KubeClient, namespace: str, values: Values) -> list[Summary]:
    selector = values.text("l")
    if values.switch("refresh"):
        await _refresh(client, namespace, selector)
    return sorted(
        map(_summary, await _listed(client, namespace, selector)), key=lambda each: str(each["name"])
    )


async def _refresh(client: KubeClient, namespace: str, selector: str) -> None:
    """Have every application compared anew, and wait until each was."""
    mark = msgspec.json.encode({"metadata": {"annotations": {REFRESH: "normal"}}})
    for app in await _listed(client, namespace, selector):
        await client.merge_patch(APPLICATIONS, str(app["metadata"]["name"]), mark, namespace)
    waiting: list[str] = []
    try:
        async with asyncio.timeout(REFRESH_SECONDS):
            while waiting := _marked(await _listed(client, namespace, selector)):
                await asyncio.sleep(POLL)
    except TimeoutError:
        names = ", ".join(waiting[:10])
        raise CliError(
            f"{len(waiting)} applications were not compared in {REFRESH_SECONDS:g} s, as {names}; does a "
            "controller run?"
        ) from None


def _marked(apps: list[Summary]) -> list[str]:
    return [
        str(app["metadata"]["name"]) for app in apps if REFRESH in (app["metadata"].get("annotations") or {})
    ]


async def _listed(client: KubeClient, namespace: str, selector: str) -> list[Summary]:
    raw = await client.list_all(APPLICATIONS, namespace, label_selector=selector)
    return [msgspec.json.decode(each, type=Summary) for each in raw]


def _summary(app: Summary) -> Summary:
    status = app.get("status") or {}
    return {
        "name": app["metadata"]["name"],
        "health": status.get("health") or {},
        "sync": status.get("sync") or {},
        "conditions": status.get("conditions") or [],
    }


def _read(where: str) -> dict[str, Summary]:
    found = parsed(read_text(where), where)
    listed = found[0].get("applications") if len(found) == 1 and isinstance(found[0], dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise SettingsError(f"{where} holds no summary of `admin app get-reconcile-results`")
    return {str(each.get("name")): each for each in listed}
