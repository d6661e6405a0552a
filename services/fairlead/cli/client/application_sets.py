"""Calls on application sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.cli.client.applications import AppRef, Document
from fairlead.cli.client.ask import ask

if TYPE_CHECKING:
    from fairlead.cli.client.transport import Transport


class ApplicationSets:
    """The application set service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_all(self, *, selector: str, projects: list[str], namespace: str) -> list[Document]:
        """Those that may be seen, by labels, projects and namespace."""
        query = {"selector": selector, "projects": projects, "appsetNamespace": namespace}
        return ask(self._transport, "GET", "applicationsets", query=query).get("items") or []

    def get(self, named: AppRef) -> Document:
        """One application set."""
        query = {"appsetNamespace": named.namespace}
        return ask(self._transport, "GET", "applicationsets", named.name, query=query)

    def create(self, document: Document, *, upsert: bool, dry_run: bool) -> Document:
        """Create, or with `upsert` replace; with `dry_run` only say what would be."""
        query = {"upsert": upsert, "dryRun": dry_run}
        return ask(self._transport, "POST", "applicationsets", query=query, body=document)

    def delete(self, named: AppRef) -> None:
        """Begin deletion."""
        query = {"appsetNamespace": named.namespace}
        ask(self._transport, "DELETE", "applicationsets", named.name, query=query)

    def generate(self, document: Document, namespace: str = "") -> list[Document]:
        """The applications that an application set would make."""
        body: Document = {"applicationSet": document}
        if namespace:
            body["appsetNamespace"] = namespace
        answer = ask(self._transport, "POST", "applicationsets", "generate", body=body)
        return answer.get("applications") or []
