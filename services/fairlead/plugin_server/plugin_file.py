"""What `plugin.yaml` says (contract 7.5)."""

from pathlib import Path
from typing import Any

import msgspec
import yaml

from fairlead.manifest.yaml_document import document

FILE = "plugin.yaml"
KIND = "ConfigManagementPlugin"
MAX_FILE = 1 << 20
"""Bytes."""
_INVALID = "invalid plugin configuration file."


class PluginFileError(Exception):
    """The file is missing or says nothing that can be served."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A program and its arguments; none is configured when `command` is empty."""

    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.command, *self.args)


class Find(Command, frozen=True, kw_only=True):
    """A pattern, or a command that prints something."""

    glob: str = ""


class Discover(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How to know that the plugin is for a source; the first that is set counts."""

    file_name: str = ""
    find: Find = Find()

    @property
    def is_configured(self) -> bool:
        """Whether any is set."""
        return bool(self.file_name or self.find.glob or self.find.command)


class Announcement(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """A parameter that the plugin knows."""

    name: str = ""
    title: str = ""
    tooltip: str = ""
    required: bool = False
    item_type: str = ""
    collection_type: str = ""
    string: str = ""
    array: list[str] = []
    map: dict[str, str] = {}


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Those that are always known, and the command that prints more."""

    static: list[Announcement] = []
    dynamic: Command = Command()


class Spec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the plugin does."""

    generate: Command = Command()
    init: Command = Command()
    version: str = ""
    discover: Discover = Discover()
    parameters: Parameters = Parameters()
    preserve_file_mode: bool = False
    provide_git_creds: bool = False


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """How it is called."""

    name: str = ""


class Plugin(msgspec.Struct, frozen=True, kw_only=True):
    """The file."""

    kind: str = ""
    metadata: Metadata = Metadata()
    spec: Spec = Spec()


def read_plugin(folder: Path) -> Plugin:
    """The plugin of a folder. Raises PluginFileError."""
    try:
        text = (folder / FILE).read_bytes()[:MAX_FILE].decode()
        found = msgspec.convert(_without_nulls(document(text)), Plugin)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise PluginFileError(f"{_INVALID} {error}") from error
    if not found.metadata.name:
        raise PluginFileError(f"{_INVALID} metadata.name should be non-empty.")
    if found.kind != KIND:
        raise PluginFileError(f"{_INVALID} kind should be {KIND}, found {found.kind}")
    if not found.spec.generate.command:
        raise PluginFileError(f"{_INVALID} spec.generate command should be non-empty")
    return found


def _without_nulls(value: Any) -> Any:
    """A key without a value is as good as none."""
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return value
