"""Reading a project, changing it, writing it back: the course of most commands on projects."""

from collections.abc import Callable
from typing import Any

from fairlead.cli.client import Document
from fairlead.cli.command import Invocation
from fairlead.cli.connection import connect
from fairlead.cli.errors import DeclinedError


def change(call: Invocation, name: str, edit: Callable[[Document], bool]) -> bool:
    """Let `edit` change the project's spec and write it when it says so. Returns whether it was written."""
    with connect(call.values) as client:
        project = client.projects.get(name)
        spec = project.setdefault("spec", {})
        if not edit(spec):
            return False
        client.projects.update(project)
    return True


def add(spec: Document, key: str, entry: Any, refusal: str) -> bool:
    """Append to a list of the spec. Raises DeclinedError with `refusal` when it is there."""
    known = spec.setdefault(key, None) or []
    if any(_said(each) == _said(entry) for each in known):
        raise DeclinedError(refusal)
    spec[key] = [*known, entry]
    return True


def remove(spec: Document, key: str, is_meant: Callable[[Any], bool], refusal: str) -> bool:
    """Take entries out of a list of the spec. Raises DeclinedError with `refusal` when none is meant."""
    known = spec.get(key) or []
    left = [entry for entry in known if not is_meant(entry)]
    if len(left) == len(known):
        raise DeclinedError(refusal)
    spec[key] = left
    return True


def role_of(spec: Document, project: str, name: str) -> Document:
    """A role of the project. Raises DeclinedError."""
    for role in spec.get("roles") or []:
        if role.get("name") == name:
            return role  # type: ignore[no-any-return]  # a JSON object
    raise DeclinedError(f"role '{name}' does not exist in project '{project}'")


def _said(entry: Any) -> Any:
    """An entry without what is empty: servers write defaults or leave them out."""
    return {key: value for key, value in entry.items() if value} if isinstance(entry, dict) else entry
