"""Logs: one JSON line per event in production, aligned and coloured lines for people.

The trace that is being followed is on every line. The invariant: a traceback shows where, never the values of
variables, which may be passwords.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

from fairlead.events import trace

_JSON = msgspec.json.Encoder(enc_hook=str)


def configure_logging(*, service: str, form: str, level: str) -> None:
    """Set up structlog for the process. `form` is json or console; `level` a level's name."""
    threshold = getattr(logging, level.upper(), logging.INFO)
    renderer: Any = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=32, exception_formatter=structlog.dev.plain_traceback
        )
        if form == "console"
        else structlog.processors.JSONRenderer(serializer=_dumps)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info if form == "json" else _unchanged,
            *([structlog.processors.EventRenamer("msg")] if form == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _dumps(event: object, **_: object) -> str:
    return _JSON.encode(event).decode()


def _with_trace(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    followed = trace.followed()
    if followed is not None:
        event["trace"] = followed.trace_id
    return event


def _unchanged(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
