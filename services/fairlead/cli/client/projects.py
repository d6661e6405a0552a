"""Calls on projects, their roles' tokens among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairlead.cli.client.applications import Document
from fairlead.cli.client.ask import ask

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport


class Projects:
    """The project service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_all(self) -> list[Document]:
        """All that may be seen."""
        return ask(self._transport, "GET", "projects").get("items") or []

    def get(self, name: str) -> Document:
        """One project."""
        return ask(self._transport, "GET", "projects", name)

    def detailed(self, name: str) -> Document:
        """One project with its repositories and clusters; `project` holds it."""
        return ask(self._transport, "GET", "projects", name, "detailed")

    def create(self, project: Document, *, upsert: bool) -> Document:
        """A new project, or with `upsert` its replacement."""
        body: Document = {"project": project, **({"upsert": True} if upsert else {})}
        return ask(self._transport, "POST", "projects", body=body)

    def update(self, project: Document) -> Document:
        """Replace a project; its resource version must be the present one."""
        name = str(project.get("metadata", {}).get("name", ""))
        return ask(self._transport, "PUT", "projects", name, body={"project": project})

    def delete(self, name: str) -> None:
        """Delete a project that no application is in."""
        ask(self._transport, "DELETE", "projects", name)

    def create_token(self, project: str, role: str, **more: Any) -> str:
        """A token for a role; `expiresIn` seconds and `id` may be given."""
        body = {"project": project, "role": role, **{key: value for key, value in more.items() if value}}
        path = ("projects", project, "roles", role, "token")
        return str(ask(self._transport, "POST", *path, body=body).get("token", ""))

    def delete_token(self, project: str, role: str, issued_at: int) -> None:
        """Take a token back, named by the second it was issued in."""
        ask(self._transport, "DELETE", "projects", project, "roles", role, "token", str(issued_at))
