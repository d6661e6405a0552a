"""Which source of an application a change is for."""

from fairlead.cli.client import Document
from fairlead.cli.command import Values, number, text
from fairlead.cli.errors import SettingsError

SOURCE_CHOICE = (
    number(
        "source-position", "Position of the source to change, from 1, when there are several.", default=-1
    ),
    text("source-name", "Name of the source to change, when there are several."),
)


def chosen_source(spec: Document, values: Values) -> tuple[Document, int]:
    """The source, to be changed in place, and its index from 0. Raises SettingsError."""
    sources: list[Document] = spec.get("sources") or []
    if not sources:
        source: Document = spec.setdefault("source", {})
        return source, 0
    name = values.text("source-name")
    if name:
        for index, source in enumerate(sources):
            if source.get("name") == name:
                return source, index
        raise SettingsError(f"there is no source named '{name}'")
    position = values.number("source-position")
    if not 1 <= position <= len(sources):
        raise SettingsError(
            "Source position should be specified and must be greater than 0 "
            "for applications with multiple sources"
        )
    return sources[position - 1], position - 1


def tool_of(app: Document, index: int) -> str:
    """The tool that renders the source, as the server last saw it; "" when it never did."""
    status = app.get("status") or {}
    tools = status.get("sourceTypes") or [status.get("sourceType") or ""]
    return str(tools[index]) if index < len(tools) else ""
