"""Lines on stderr: one JSON object each, or text, as `--logformat` says.

The invariant: stdout carries answers only, so that it may be piped; but for a command line that makes no
sense, which the original tells there.
"""

import sys
from datetime import UTC, datetime

import msgspec

LEVELS = ("debug", "info", "warning", "error", "fatal")

_settings = {"format": "json", "level": "info"}


def configure(*, form: str, level: str) -> None:
    """Choose the form (json or text) and the lowest level that is told."""
    known = {"warn": "warning"}.get(level, level)
    _settings.update(format=form, level=known if known in LEVELS else "info")


def quiet_libraries() -> None:
    """Let libraries, which log what services do, say nothing on the terminal but what went wrong."""
    import logging

    import structlog

    if not structlog.is_configured():
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )


def debug(message: str) -> None:
    """What helps those who look for a fault."""
    _say("debug", message)


def info(message: str) -> None:
    """Something worth knowing that is no answer."""
    _say("info", message)


def warning(message: str) -> None:
    """Something that may need attention."""
    _say("warning", message)


def fatal(message: str, *, hint: str = "") -> None:
    """Why the command ends here, in one line whatever there is to say; `hint` is what to do about it."""
    _say("fatal", message, hint)


def _say(level: str, message: str, hint: str = "") -> None:
    if LEVELS.index(level) < LEVELS.index(_settings["level"]):
        return
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if _settings["format"] == "text":
        quoted = msgspec.json.encode(message).decode()
        line = f'time="{now}" level={level} msg={quoted}'
        line += f" hint={msgspec.json.encode(hint).decode()}" if hint else ""
    else:
        told = {"level": level, "msg": message, "time": now}
        line = msgspec.json.encode({**told, "hint": hint} if hint else told).decode()
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
