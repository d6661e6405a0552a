"""Calls on projects without a server, and those that say who answers."""

from typing import Any

from fairlead.cli.core.objects import APPLICATIONS, PROJECTS, Document, Objects
from fairlead.cli.errors import RefusedError
from fairlead.model.release import version

FAILED = 3
Query = dict[str, str]


async def list_all(objects: Objects, _: list[str], __: Query, ___: Any) -> Document:
    """All projects."""
    return {"items": await objects.list_all(PROJECTS)}


async def get(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """One project."""
    return await objects.get(PROJECTS, words[1])


async def detailed(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """One project; its repositories and clusters are secrets that this does not read."""
    return {"project": await objects.get(PROJECTS, words[1])}


async def create(objects: Objects, _: list[str], __: Query, body: Any) -> Document:
    """A new project, or with `upsert` its replacement."""
    project: Document = body["project"]
    before = await objects.find(PROJECTS, str(project["metadata"]["name"]))
    if before is None:
        return await objects.create(PROJECTS, project)
    if before.get("spec") == project.get("spec"):
        return before
    if not body.get("upsert"):
        raise RefusedError(FAILED, "existing project spec is different; use upsert flag to force update")
    return await objects.update(PROJECTS, {**before, "spec": project.get("spec", {})})


async def update(objects: Objects, _: list[str], __: Query, body: Any) -> Document:
    """Replace a project."""
    return await objects.update(PROJECTS, body["project"])


async def delete(objects: Objects, words: list[str], _: Query, __: Any) -> Document:
    """Delete a project that no application is in."""
    found = await objects.list_all(APPLICATIONS)
    members = [app for app in found if app.get("spec", {}).get("project") == words[1]]
    if members:
        raise RefusedError(FAILED, f"project is referenced by {len(members)} applications")
    await objects.delete(PROJECTS, words[1])
    return {}


async def nothing(_: Objects, __: list[str], ___: Query, ____: Any) -> Document:
    """Settings: none are needed to show anything."""
    return {}


async def who(_: Objects, __: list[str], ___: Query, ____: Any) -> Document:
    """Who has the kubeconfig may do what the cluster lets them."""
    return {"loggedIn": True, "username": "admin", "iss": "argocd"}


async def what(_: Objects, __: list[str], ___: Query, ____: Any) -> Document:
    """The version of this command, which stands in for a server."""
    return {"Version": version()}


ROUTES = {
    ("GET", "projects"): list_all,
    ("GET", "projects/*"): get,
    ("GET", "projects/*/detailed"): detailed,
    ("POST", "projects"): create,
    ("PUT", "projects/*"): update,
    ("DELETE", "projects/*"): delete,
    ("GET", "settings"): nothing,
    ("GET", "session/userinfo"): who,
    ("GET", "version"): what,
}
