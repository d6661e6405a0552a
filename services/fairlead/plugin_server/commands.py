"""A command of the plugin within its bounds, and its failure in the words of the original.

Invariant: what a command sees of variables are those that an operator passes on and those of the question;
its HOME and its temporary folder go with the question.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from fairlead.command import Limits, Ran, StartError, run
from fairlead.plugin_server.plugin_file import Command

log = structlog.get_logger(__name__)

MAX_OUTPUT = 64 << 20
"""Bytes that a command may print."""
MAX_WORDS = 8000
"""Characters of its complaint that are passed on; the end says more than the beginning."""
MAX_LOGGED = 500


class CommandError(Exception):
    """A command failed; the words are for people."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What each command may take; `memory` in bytes, `user` as whom it runs, 0 for our own."""

    memory: int
    processes: int
    user: int = 0


class Commands:
    """Runs commands in the folders of one question."""

    def __init__(self, home: Path, bounds: Bounds, environment: Mapping[str, str]) -> None:
        own = {"HOME": str(home), "TMPDIR": str(home)}
        self._bounds = bounds
        self._environment = {**own, **environment}

    async def printed(self, command: Command, folder: Path, seconds: float) -> str:
        """What a command prints, without the last end of line. Raises CommandError."""
        words = " ".join(command.words)
        limits = Limits(
            seconds=max(seconds, 0.1),
            output=MAX_OUTPUT,
            memory=self._bounds.memory,
            processes=self._bounds.processes,
        )
        try:
            ran = await run(
                command.words,
                folder=folder,
                environment=self._environment,
                limits=limits,
                user=self._bounds.user,
            )
        except StartError as error:
            raise CommandError(f"`{words}` failed: it could not be started: {error}") from error
        why = _why(ran, limits)
        log.info("plugin.command", command=words[:MAX_LOGGED], code=ran.code, ended=ran.ended)
        if why:
            complaint = ran.complaint.decode(errors="replace").strip()[-MAX_WORDS:]
            raise CommandError(f"`{words}` failed {why}" + (f": {complaint}" if complaint else ""))
        return ran.output.decode(errors="replace").removesuffix("\n")


def _why(ran: Ran, limits: Limits) -> str:
    """What is wrong with how it ended; "" when nothing is."""
    bounds = {
        "seconds": f"it took longer than {limits.seconds:.3g} s",
        "output": f"it printed more than {limits.output >> 20} MiB",
        "processes": f"it started more than {limits.processes} processes",
        "memory": f"it took more than {limits.memory >> 20} MiB of memory",
        "lost": "somebody killed what kept it",
    }
    if ran.ended:
        return f"and was stopped: {bounds[ran.ended]}"
    if ran.signal:
        return f"signal: {ran.signal}"
    return f"exit status {ran.code}" if ran.code else ""
