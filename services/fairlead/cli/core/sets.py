"""Calls on application sets without a server: reading and writing the ApplicationSet itself."""

from typing import Any

from fairlead.cli.core.objects import APPLICATION_SETS, Document, Objects
from fairlead.cli.errors import RefusedError

INVALID = 3
Query = dict[str, str]


async def list_all(objects: Objects, _: list[str], query: Query, __: Any) -> Document:
    """Application sets by labels and projects."""
    home = query.get("appsetNamespace", "")
    found = await objects.list_all(APPLICATION_SETS, query.get("selector", ""), home)
    wanted = set(filter(None, query["projects"].split("\n")))
    return {"items": [each for each in found if not wanted or _project(each) in wanted]}


async def get(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """One application set."""
    return await objects.get(APPLICATION_SETS, words[1], query.get("appsetNamespace", ""))


async def create(objects: Objects, _: list[str], query: Query, body: Any) -> Document:
    """A new application set, or with `upsert` its replacement."""
    metadata = body["metadata"]
    home = str(metadata.get("namespace") or "")
    before = await objects.find(APPLICATION_SETS, str(metadata["name"]), home)
    if query.get("dryRun") == "true":
        raise RefusedError(12, "--core: a trial needs a server; leave out --core or --dry-run")
    if before is None:
        return await objects.create(APPLICATION_SETS, body)
    if _says(before, body):
        return before
    if query.get("upsert") != "true":
        text = "existing ApplicationSet spec is different, use upsert flag to force update"
        raise RefusedError(INVALID, text)
    kept = {key: metadata[key] for key in ("labels", "annotations", "finalizers") if key in metadata}
    replaced = {**before, "metadata": {**before["metadata"], **kept}, "spec": body["spec"]}
    return await objects.update(APPLICATION_SETS, replaced)


async def delete(objects: Objects, words: list[str], query: Query, _: Any) -> Document:
    """Begin deletion."""
    await objects.delete(APPLICATION_SETS, words[1], query.get("appsetNamespace", ""))
    return {}


def _says(before: Document, wanted: Document) -> bool:
    """Whether a set is as it is wanted: its specification, and the labels and annotations that are given."""
    return before["spec"] == wanted["spec"] and all(
        (wanted["metadata"].get(field) or {}).items() <= (before["metadata"].get(field) or {}).items()
        for field in ("labels", "annotations")
    )


def _project(found: Document) -> str:
    template = (found.get("spec") or {}).get("template") or {}
    return str((template.get("spec") or {}).get("project") or "")


ROUTES = {
    ("GET", "applicationsets"): list_all,
    ("GET", "applicationsets/*"): get,
    ("POST", "applicationsets"): create,
    ("DELETE", "applicationsets/*"): delete,
}
