"""The parameters that the plugin knows: what its command prints, then those of its file, which count."""

from pathlib import Path
from typing import Any

import msgspec

from fairlead.plugin_server.commands import CommandError, Commands
from fairlead.plugin_server.plugin_file import Announcement, Parameters

MAX_ANNOUNCED = 5000


class AnnounceError(Exception):
    """The command failed, or prints no announcements; the words say which."""


async def announced(
    parameters: Parameters, folder: Path, commands: Commands, seconds: float
) -> list[dict[str, Any]]:
    """All announcements. Raises AnnounceError."""
    known = list(parameters.static)
    if parameters.dynamic.command:
        try:
            printed = await commands.printed(parameters.dynamic, folder, seconds)
        except CommandError as error:
            raise AnnounceError(f"error executing dynamic parameter output command: {error}") from error
        try:
            known = [*msgspec.json.decode(printed, type=list[Announcement]), *known]
        except msgspec.DecodeError as error:
            words = "error unmarshaling dynamic parameter output into ParametersAnnouncementResponse"
            raise AnnounceError(f"{words}: {error}") from error
    found: list[dict[str, Any]] = msgspec.to_builtins(known[:MAX_ANNOUNCED])
    return found
