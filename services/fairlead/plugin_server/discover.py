"""Whether the plugin renders a source: a file's name, a pattern, or a command that prints something."""

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from fairlead.plugin.names import PatternError, is_deep_like, is_like
from fairlead.plugin_server.commands import CommandError, Commands
from fairlead.plugin_server.plugin_file import Discover

_MEANT = re.compile(r"([\\*?\[\]{},])")


class DiscoverError(Exception):
    """It cannot be told; the words say why."""


async def renders(discover: Discover, root: Path, path: str, commands: Commands, seconds: float) -> bool:
    """Whether the plugin is for the application at a path of the files below `root`. Raises DiscoverError."""
    try:
        if discover.file_name:
            return any(is_like(_at(path, discover.file_name), name) for name in _names(root))
        if discover.find.glob:
            return any(is_deep_like(_at(path, discover.find.glob), name) for name in _names(root))
        if discover.find.command:
            return bool(await commands.printed(discover.find, root / path, seconds))
    except PatternError as error:
        raise DiscoverError(f"error finding a match: {error}") from error
    except CommandError as error:
        raise DiscoverError(f"error running find command: {error}") from error
    return False


def _at(path: str, pattern: str) -> str:
    """A pattern from the application's folder as one from the root; the folder's own name means itself."""
    meant = _MEANT.sub(r"\\\1", path)
    return posixpath.normpath(posixpath.join(meant, pattern))


def _names(root: Path) -> Iterator[str]:
    """Every file and folder, from the root."""
    for folder, folders, files in os.walk(root):
        place = os.path.relpath(folder, root)
        for name in (*folders, *files):
            yield name if place == "." else f"{place}/{name}"
