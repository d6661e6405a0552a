"""`app|proj|cluster|admin pause` and `resume`: nothing is synced by itself until some time.

The invariant: a pause has an end, a reason and an owner; the server writes down who that is, and for
everything it is who is logged in at this machine.
"""

import getpass
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from fairlead.cli.admin.flags import CLUSTER, PLACE
from fairlead.cli.app.flags import NAMESPACE, one_app
from fairlead.cli.client import Client, Document
from fairlead.cli.command import Command, Flag, Invocation, Values, switch, text
from fairlead.cli.connection import connect
from fairlead.cli.errors import UsageError
from fairlead.cli.view import times
from fairlead.matching.pauses import FIELDS, MAP_PREFIX, Scope, none_of, texts_of, words
from fairlead.model.duration import DurationError, parse_duration
from fairlead.model.times import parsed, stamp
from fairlead.rpc.waiting import Paused

LONGEST = 90 * 24 * 3600.0
"""Seconds: nothing is paused for longer at once."""
_TERMS: tuple[Flag, ...] = (
    text("for", "How long, as 45m or 5h."),
    text("until", "When it ends (RFC 3339), in place of --for."),
    text("reason", "Why, for everybody to read."),
    switch("freeze", "Nobody syncs by hand either."),
)


def asked(values: Values, scope: Scope, name: str, *, by: str = "") -> Paused:
    """The pause that the flags ask for. Raises UsageError."""
    now = times.now()
    until = end_of(values, now)
    if not now < until <= now + timedelta(seconds=LONGEST):
        raise UsageError(f"a pause ends in the future, in at most {LONGEST / 86400:.0f} days")
    if not values.text("reason").strip():
        raise UsageError("say why, with --reason")
    return Paused(
        scope=scope,
        name=name,
        until=stamp(until),
        since=stamp(now),
        by=by,
        reason=values.text("reason").strip(),
        frozen=values.switch("freeze"),
    )


def end_of(values: Values, now: datetime) -> datetime:
    """The moment that --for or --until names. Raises UsageError."""
    if values.is_given("for") == values.is_given("until"):
        raise UsageError("say how long: --for 45m, or --until 2030-01-01T12:00:00Z")
    if values.is_given("until"):
        until = parsed(values.text("until"))
        if until is None:
            raise UsageError(f"{values.text('until')} is no time as 2030-01-01T12:00:00Z")
        return until.astimezone(UTC)
    try:
        seconds = parse_duration(values.text("for"))
    except DurationError as error:
        raise UsageError(str(error)) from None
    return now + timedelta(seconds=min(max(seconds, -1.0), 2 * LONGEST))


def _application(client: Client, call: Invocation, annotations: Mapping[str, str | None]) -> None:
    patch = msgspec.json.encode({"metadata": {"annotations": annotations}}).decode()
    client.applications.patch(one_app(call), patch, "merge")


def _project(client: Client, call: Invocation, annotations: Mapping[str, str | None]) -> None:
    project = client.projects.get(call.one("project"))
    metadata = project["metadata"]
    metadata["annotations"] = _changed(metadata.get("annotations"), annotations)
    client.projects.update(project)


def _cluster(client: Client, call: Invocation, annotations: Mapping[str, str | None]) -> None:
    named = call.one("cluster")
    cluster = client.connections.cluster(named)
    known = {key: cluster.get(key) or "" for key in ("server", "name")}
    changed = {**known, "annotations": _changed(cluster.get("annotations"), annotations)}
    client.connections.update_cluster(named, changed, ["annotations"])


def _changed(present: Document | None, annotations: Mapping[str, str | None]) -> dict[str, str]:
    found = {**(present or {}), **annotations}
    return {name: value for name, value in found.items() if value is not None}


_Write = Callable[[Client, Invocation, Mapping[str, str | None]], None]


def _pausing(scope: Scope, write: _Write) -> Callable[[Invocation], None]:
    def run(call: Invocation) -> None:
        name = one_app(call).shown if scope == "application" else call.one(scope)
        pause = asked(call.values, scope, name)
        with connect(call.values) as client:
            write(client, call, {**none_of(), **texts_of(pause)})
        print(f"{scope.capitalize()} '{name}': {words([pause])}")

    return run


def _resuming(scope: Scope, write: _Write) -> Callable[[Invocation], None]:
    def run(call: Invocation) -> None:
        name = one_app(call).shown if scope == "application" else call.one(scope)
        with connect(call.values) as client:
            write(client, call, none_of())
        print(f"{scope.capitalize()} '{name}' is not paused any more")

    return run


def pause_everything(call: Invocation) -> None:
    """Write it into argocd-cm."""
    call.exactly()
    pause = asked(call.values, "instance", "", by=getpass.getuser())
    texts = {
        **dict.fromkeys(f"{MAP_PREFIX}{field}" for field in FIELDS),
        **texts_of(pause, prefix=MAP_PREFIX),
    }
    _write_settings(call, texts)
    print(words([pause]).capitalize())


def resume_everything(call: Invocation) -> None:
    """Take it out of argocd-cm."""
    call.exactly()
    _write_settings(call, none_of(prefix=MAP_PREFIX))
    print("Not everything is paused any more; what is paused by itself is so still")


def _write_settings(call: Invocation, texts: Mapping[str, str | None]) -> None:
    from fairlead.cli.admin.control_plane import CONFIG_MAPS, at
    from fairlead.kube.rest import KubeClient

    async def write(client: KubeClient, namespace: str) -> None:
        await client.merge_patch(CONFIG_MAPS, "argocd-cm", {"data": dict(texts)}, namespace)

    at(call.values, write)


def _commands(
    usage: str, scope: Scope, write: _Write, flags: tuple[Flag, ...], word: str, example: str
) -> tuple[Command, Command]:
    what = {"application": "it", "project": "its applications", "cluster": "what goes there"}[scope]
    pause = Command(
        usage=usage,
        about=f"Sync and heal nothing of {what} by itself until a time; with --freeze nobody does by hand "
        "either. It ends by itself; drift is recorded meanwhile.",
        run=_pausing(scope, write),
        flags=(*flags, *_TERMS),
        examples=(f"{word} pause {example} --for 45m --reason INC-482",),
    )
    resume = Command(
        usage=usage,
        about="Lift the pause before its end.",
        run=_resuming(scope, write),
        flags=flags,
        examples=(f"{word} resume {example}",),
    )
    return pause, resume


PAUSE_APP, RESUME_APP = _commands("APPNAME", "application", _application, (NAMESPACE,), "app", "checkout")
PAUSE_PROJECT, RESUME_PROJECT = _commands("PROJECT", "project", _project, (), "proj", "shop")
PAUSE_CLUSTER, RESUME_CLUSTER = _commands("SERVER/NAME", "cluster", _cluster, (), "cluster", "prod")
PAUSE_ALL = Command(
    usage="",
    about="Sync and heal nothing at all by itself until a time; with --freeze nobody does by hand either. "
    f"It stands in argocd-cm ({MAP_PREFIX}*), and is written with the cluster's own credentials.",
    run=pause_everything,
    flags=(*CLUSTER, *PLACE, *_TERMS),
    examples=("admin pause --for 5h --reason 'moving house' --freeze",),
)
RESUME_ALL = Command(
    usage="",
    about="Lift the pause of everything before its end.",
    run=resume_everything,
    flags=(*CLUSTER, *PLACE),
    examples=("admin resume",),
)
