"""Calls on applications without a server: reading and writing the Application itself."""

import asyncio
from typing import Any

import msgspec

from fairlead.cli.core.objects import APPLICATIONS, Document, Objects
from fairlead.cli.errors import RefusedError

REFRESH = "argocd.argoproj.io/refresh"
REFRESH_SECONDS = 60.0
"""How long the controller may take to compare."""
CASCADE = "resources-finalizer.argocd.argoproj.io"
INVALID, FAILED_PRECONDITION = 3, 9
Query = dict[str, str]


async def list_all(objects: Objects, _: list[str], query: Query, __: Any) -> Document:
    """Applications by labels, projects and repository."""
    found = await objects.list_all(APPLICATIONS, query.get("selector", ""), query.get("appNamespace", ""))
    wanted = set(filter(None, query["projects"].split("\n")))
    repo = query.get("repo", "")
    if wanted:
        found = [app for app in found if app["spec"].get("project") in wanted]
    return {"items": [app for app in found if not repo or repo in _repositories(app)]}


async def get(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """One application, compared anew when asked."""
    name, home = words[1], query.get("appNamespace", "")
    if not query.get("refresh"):
        return await objects.get(APPLICATIONS, name, home)
    mark = {"metadata": {"annotations": {REFRESH: query["refresh"]}}}
    found = await objects.patch(APPLICATIONS, name, mark, home)
    async with asyncio.timeout(REFRESH_SECONDS):
        while REFRESH in (found["metadata"].get("annotations") or {}):
            await asyncio.sleep(0.2)
            found = await objects.get(APPLICATIONS, name, home)
    return found


async def create(objects: Objects, _: list[str], query: Query, body: Any) -> Document:
    """A new application, or with `upsert` its replacement."""
    metadata = body["metadata"]
    before = await objects.find(APPLICATIONS, str(metadata["name"]), str(metadata.get("namespace") or ""))
    body["spec"].setdefault("project", "default")
    if before is None:
        return await objects.create(APPLICATIONS, body)
    if before["spec"] == body["spec"]:
        return before
    if query.get("upsert") != "true":
        raise RefusedError(INVALID, "existing application spec is different, use upsert flag to force update")
    return await objects.update(APPLICATIONS, _with(before, body))


async def update(objects: Objects, words: list[str], _: Query, body: Any) -> Document:
    """Replace spec, labels and annotations."""
    home = str(body["metadata"].get("namespace") or "")
    return await objects.update(APPLICATIONS, _with(await objects.get(APPLICATIONS, words[1], home), body))


async def update_spec(objects: Objects, words: list[str], query: Query, body: Any) -> Document:
    """Replace the spec."""
    found = await objects.get(APPLICATIONS, words[1], query.get("appNamespace", ""))
    spec: Document = (await objects.update(APPLICATIONS, {**found, "spec": body}))["spec"]
    return spec


async def patch(objects: Objects, words: list[str], _: Query, body: Any) -> Document:
    """A JSON patch or a merge patch."""
    home, change = str(body.get("appNamespace") or ""), msgspec.json.decode(body["patch"])
    if body.get("patchType") == "merge":
        return await objects.patch(APPLICATIONS, words[1], change, home)
    return await objects.json_patch(APPLICATIONS, words[1], change, home)


async def delete(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """Begin deletion; its objects go too unless `cascade` is false."""
    name, home = words[1], query.get("appNamespace", "")
    found = await objects.get(APPLICATIONS, name, home)
    known = found["metadata"].get("finalizers") or []
    others = [each for each in known if not each.startswith(CASCADE)]
    ours = f"{CASCADE}/background" if query.get("propagationPolicy") == "background" else CASCADE
    wanted = others if query.get("cascade") == "false" else [*others, ours]
    if wanted != known:
        await objects.patch(APPLICATIONS, name, {"metadata": {"finalizers": wanted}}, home)
    await objects.delete(APPLICATIONS, name, home)
    return {}


async def sync(objects: Objects, words: list[str], _: Query, body: Any) -> Document:
    """Ask for a sync."""
    home = str(body.get("appNamespace") or "")
    found = await objects.get(APPLICATIONS, words[1], home)
    if found.get("operation"):
        raise RefusedError(FAILED_PRECONDITION, "another operation is already in progress")
    options = (body.get("syncOptions") or {}).get("items")
    policy = found["spec"].get("syncPolicy") or {}
    asked: Document = {
        "revision": body.get("revision"),
        "revisions": body.get("revisions"),
        "prune": body.get("prune"),
        "dryRun": body.get("dryRun"),
        "syncStrategy": body.get("strategy"),
        "resources": body.get("resources"),
        "manifests": body.get("manifests"),
        "syncOptions": options if options is not None else policy.get("syncOptions"),
    }
    operation: Document = {
        "sync": {key: value for key, value in asked.items() if value},
        "initiatedBy": {"username": "admin"},
        "info": body.get("infos") or None,
        "retry": body.get("retryStrategy") or policy.get("retry"),
    }
    return await _begin(objects, words[1], operation, home)


async def rollback(objects: Objects, words: list[str], _: Query, body: Any) -> Document:
    """Ask to go back to a deployment."""
    home = str(body.get("appNamespace") or "")
    found = await objects.get(APPLICATIONS, words[1], home)
    history = (found.get("status") or {}).get("history") or []
    entry = next((each for each in history if each.get("id") == body["id"]), None)
    if entry is None:
        raise RefusedError(INVALID, f"application {words[1]} does not have deployment with id {body['id']}")
    keys = ("revision", "revisions", "source", "sources")
    asked = {key: entry[key] for key in keys if entry.get(key)}
    asked |= {"syncStrategy": {"apply": {}}, **({"prune": True} if body.get("prune") else {})}
    return await _begin(objects, words[1], {"sync": asked, "initiatedBy": {"username": "admin"}}, home)


async def terminate(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """Ask the running operation to end."""
    home = query.get("appNamespace", "")
    found = await objects.get(APPLICATIONS, words[1], home)
    if not found.get("operation") or not (found.get("status") or {}).get("operationState"):
        raise RefusedError(INVALID, "Unable to terminate operation. No operation is in progress")
    ending = {"status": {"operationState": {"phase": "Terminating"}}}
    return await objects.patch(APPLICATIONS, words[1], ending, home)


async def windows(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """The controller minds the windows; here they are not judged."""
    await objects.get(APPLICATIONS, words[1], query.get("appNamespace", ""))
    return {"canSync": True}


async def _begin(objects: Objects, name: str, operation: Document, home: str) -> Document:
    kept = {key: value for key, value in operation.items() if value}
    change = {"operation": kept, "status": {"operationState": None}}
    return await objects.patch(APPLICATIONS, name, change, home)


def _with(found: Document, wanted: Document) -> Document:
    metadata = dict(found["metadata"])
    for key in ("labels", "annotations", "finalizers"):
        if key in wanted["metadata"]:
            metadata[key] = wanted["metadata"][key]
    return {**found, "metadata": metadata, "spec": wanted["spec"]}


def _repositories(app: Document) -> list[str]:
    spec = app["spec"]
    sources = spec.get("sources") or [spec.get("source") or {}]
    return [str(source.get("repoURL") or "") for source in sources]


ROUTES = {
    ("GET", "applications"): list_all,
    ("POST", "applications"): create,
    ("GET", "applications/*"): get,
    ("PUT", "applications/*"): update,
    ("PATCH", "applications/*"): patch,
    ("DELETE", "applications/*"): delete,
    ("PUT", "applications/*/spec"): update_spec,
    ("POST", "applications/*/sync"): sync,
    ("POST", "applications/*/rollback"): rollback,
    ("DELETE", "applications/*/operation"): terminate,
    ("GET", "applications/*/syncwindows"): windows,
}
