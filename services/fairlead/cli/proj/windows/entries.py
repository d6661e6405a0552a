"""`proj windows add`, `update`, `delete` and `list`, and the switches of a window."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from fairlead.cli.client import Document
from fairlead.cli.command import Command, Flag, Invocation, Values, many, output, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import DeclinedError, UsageError
from fairlead.cli.proj.change import change
from fairlead.cli.view import document, times
from fairlead.cli.view.columns import columns
from fairlead.matching.errors import CronError
from fairlead.matching.windows import is_active
from fairlead.model.appproject import SyncWindow
from fairlead.model.duration import DurationError

_TEXTS = {"kind": "kind", "schedule": "schedule", "duration": "duration", "time-zone": "timeZone"}
_LISTS = ("applications", "namespaces", "clusters")
_SWITCHES = {"manual-sync": "manualSync", "sync-overrun": "syncOverrun", "use-and-operator": "andOperator"}
_TITLES = (
    "ID",
    "STATUS",
    "KIND",
    "SCHEDULE",
    "DURATION",
    "APPLICATIONS",
    "NAMESPACES",
    "CLUSTERS",
    "MANUALSYNC",
    "SYNCOVERRUN",
    "TIMEZONE",
    "USEANDOPERATOR",
    "",
)


def add(call: Invocation) -> None:
    """Add a window."""
    (name,) = call.exactly("PROJECT")
    window: Document = {"timeZone": call.values.text("time-zone")}
    _write(window, call.values)
    for flag in ("kind", "schedule", "duration"):
        if not window.get(flag):
            raise UsageError(f"a window needs --{flag}")
    if not any(window.get(key) for key in _LISTS):
        raise UsageError("say which: --applications, --namespaces or --clusters")

    def edit(spec: Document) -> bool:
        spec["syncWindows"] = [*(spec.get("syncWindows") or []), window]
        return True

    change(call, name, edit)


def update(call: Invocation) -> None:
    """Change what the flags name."""
    name, number = call.exactly("PROJECT", "ID")
    if not call.values.any_given((*_TEXTS, *_LISTS, *_SWITCHES, "description")):
        raise UsageError("nothing to change: give at least one flag")

    def edit(spec: Document) -> bool:
        _write(_window(spec, number), call.values)
        return True

    change(call, name, edit)


def delete(call: Invocation) -> None:
    """Take a window away."""
    name, number = call.exactly("PROJECT", "ID")

    def edit(spec: Document) -> bool:
        gone = _window(spec, number)
        spec["syncWindows"] = [window for window in spec["syncWindows"] if window is not gone]
        return True

    change(call, name, edit)


def list_all(call: Invocation) -> None:
    """Print the windows."""
    (name,) = call.exactly("PROJECT")
    with connect(call.values) as client:
        windows = client.projects.get(name).get("spec", {}).get("syncWindows") or []
    form = call.values.text("output")
    if form in ("json", "yaml"):
        document.show(windows, form)
    else:
        rows = [_row(number, window, times.now()) for number, window in enumerate(windows)]
        print(columns([_TITLES, *rows]), end="")


def switched(key: str, value: bool) -> Callable[[Invocation], None]:
    """The command that turns a switch of a window on or off."""

    def run(call: Invocation) -> None:
        name, number = call.exactly("PROJECT", "ID")

        def edit(spec: Document) -> bool:
            _window(spec, number)[key] = value
            return True

        change(call, name, edit)

    return run


def _window(spec: Document, number: str) -> Document:
    windows: list[Document] = spec.get("syncWindows") or []
    if not number.isdecimal():
        raise UsageError(
            f"the id of a window is a number from 0, not {number}; `proj windows list` shows them"
        )
    if int(number) >= len(windows):
        raise DeclinedError(f"window with id '{number}' not found")
    return windows[int(number)]


def _write(window: Document, values: Values) -> None:
    for flag, key in _TEXTS.items():
        if values.is_given(flag):
            window[key] = values.text(flag)
    for key in _LISTS:
        if values.is_given(key):
            window[key] = values.many(key)
    for flag, key in _SWITCHES.items():
        if values.is_given(flag):
            window[key] = values.switch(flag)
    if values.is_given("description"):
        window["description"] = values.text("description")


def _row(number: int, window: Document, now: datetime) -> tuple[str, ...]:
    return (
        str(number),
        "Active" if _is_active(window, now) else "Inactive",
        str(window.get("kind", "")),
        str(window.get("schedule", "")),
        str(window.get("duration", "")),
        *(",".join(window.get(key) or ["-"]) for key in _LISTS),
        _word(window.get("manualSync")),
        _word(window.get("syncOverrun")),
        str(window.get("timeZone") or "UTC"),
        _word(window.get("andOperator")),
        "",
    )


def _word(value: object) -> str:
    return "Enabled" if value else "Disabled"


def _is_active(window: Document, now: datetime) -> bool:
    try:
        return is_active(msgspec.convert(window, SyncWindow), now)
    except (CronError, DurationError, msgspec.ValidationError):
        return False


def _flags(zone: str) -> tuple[Flag, ...]:
    return (
        text("kind", "Allow or deny.", short="k", choices=("", "allow", "deny")),
        text("schedule", "When it opens, as five fields of cron."),
        text("duration", "How long it is open, as 1h."),
        many("applications", "Applications it is for, which may be patterns.", commas=True),
        many("namespaces", "Namespaces it is for.", commas=True),
        many("clusters", "Clusters it is for, by address or name.", commas=True),
        switch("manual-sync", "Let people sync while syncing is denied."),
        switch("sync-overrun", "Let a sync that has begun go on after the window."),
        text("time-zone", "Zone of the schedule.", default=zone),
        switch("use-and-operator", "Take it for those that meet all conditions, not one."),
        text("description", "What the window is for."),
    )


ADD = Command(
    usage="PROJECT",
    about="Add a sync window.",
    run=add,
    flags=_flags("UTC"),
    examples=("proj windows add shop -k deny --schedule '0 22 * * *' --duration 8h --applications '*'",),
)
UPDATE = Command(usage="PROJECT ID", about="Change a sync window.", run=update, flags=_flags("UTC"))
DELETE = Command(usage="PROJECT ID", about="Take a sync window away.", run=delete)
LIST = Command(
    usage="PROJECT", about="List sync windows.", run=list_all, flags=(output("wide", "json", "yaml"),)
)
ENABLE_MANUAL = Command(
    usage="PROJECT ID", about="Let people sync although a window denies it.", run=switched("manualSync", True)
)
DISABLE_MANUAL = Command(
    usage="PROJECT ID", about="Let nobody sync while a window denies it.", run=switched("manualSync", False)
)
ENABLE_OVERRUN = Command(
    usage="PROJECT ID", about="Let a sync go on after its window.", run=switched("syncOverrun", True)
)
DISABLE_OVERRUN = Command(
    usage="PROJECT ID", about="End a sync with its window.", run=switched("syncOverrun", False)
)
