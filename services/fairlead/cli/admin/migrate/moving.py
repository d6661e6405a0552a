"""`admin migrate start` and `back`: who is in charge, changed by stopping one and starting the other.

Invariant: who acts is stopped, to its last pod, before the other is started; each step is one write that may
be repeated, so a command that was killed is called again. Applications are not touched.
"""

from __future__ import annotations

import msgspec

from fairlead.cli.admin.backup import homes
from fairlead.cli.admin.control_plane import at
from fairlead.cli.admin.migrate.cleaning import clean
from fairlead.cli.admin.migrate.facts import gather
from fairlead.cli.admin.migrate.findings import Degree
from fairlead.cli.admin.migrate.holding import held
from fairlead.cli.admin.migrate.installed import installed
from fairlead.cli.admin.migrate.workloads import OURS, Workload, acting, start, stop, workloads
from fairlead.cli.command import Invocation, Values
from fairlead.cli.errors import CliError, DeclinedError
from fairlead.kube.rest import KubeClient
from fairlead.model.duration import parse_duration

DRY = "; nothing was done: --dry-run=false does it"


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """The workloads of both that act on one control plane, in the order of stopping."""

    theirs: list[Workload]
    ours: list[Workload]


def begin(call: Invocation) -> None:
    """Stop Argo CD, then start what of Fairlead was stopped by `back`."""
    values = call.values

    async def moved(client: KubeClient, namespace: str) -> None:
        print(f"{namespace} at {client.connection.server}")
        await _refuse_what_fights(client, namespace, values)
        sides = await sides_of(client, namespace)
        await _all_stopped(client, sides.theirs, values)
        await _all_started(client, sides.ours, values)
        _say_what_is_left(sides, namespace)

    at(values, moved)


def back(call: Invocation) -> None:
    """Stop Fairlead, then start Argo CD with as many pods as it had."""
    values = call.values

    async def moved(client: KubeClient, namespace: str) -> None:
        print(f"{namespace} at {client.connection.server}")
        sides = await sides_of(client, namespace)
        if not any(one.remembered is not None or one.runs for one in sides.theirs):
            raise DeclinedError(f"there is no Argo CD in {namespace} to go back to")
        found = await homes(client, namespace, values)
        _say_what_ends(await held(client, namespace, found), values)
        acts = [one for one in sides.ours if not one.observes]
        await _all_stopped(client, acts, values)
        if values.switch("clean"):
            await clean(client, namespace, found, is_dry=values.switch("dry-run"))
        await _all_started(client, sides.theirs, values)

    at(values, moved)


async def sides_of(client: KubeClient, namespace: str) -> Sides:
    """Both sides: Argo CD's in the namespace, and ours there or beside it."""
    everywhere = await workloads(client, None)
    here = [one for one in everywhere if one.namespace == namespace]
    beside = [
        one
        for one in everywhere
        if one.is_ours and one.namespace != namespace and one.variables.get(OURS) == namespace
    ]
    return Sides(theirs=acting(here, ours=False), ours=acting([*here, *beside], ours=True))


async def _refuse_what_fights(client: KubeClient, namespace: str, values: Values) -> None:
    facts = await gather(client, namespace, await homes(client, namespace, values))
    found = [one for one in installed(facts) if one.degree is Degree.BLOCKS]
    if found and not values.switch("force"):
        words = "\n".join(f"  {one.subject}: {one.text}".replace("  : ", "  ") for one in found)
        raise DeclinedError(f"to be seen to first, or --force:\n{words}")


def _say_what_ends(found: list[str], values: Values) -> None:
    """Argo CD follows branches again, and syncs, as soon as it starts. Raises DeclinedError."""
    if not found:
        return
    words = "\n".join(f"  {one}" for one in found)
    text = f"Argo CD knows no pins, pauses and freezes: these end, and what is newest is synced:\n{words}"
    if not (values.switch("force") or values.switch("dry-run")):
        raise DeclinedError(f"{text}\nTo go back all the same: --force")
    print(text)


async def _all_stopped(client: KubeClient, found: list[Workload], values: Values) -> None:
    for one in found:
        if values.switch("dry-run"):
            word = f"would be stopped ({one.replicas} pods){DRY}" if one.runs else "is stopped already"
            print(f"{one.title} in {one.namespace} {word}")
            continue
        try:
            await stop(client, one, seconds=_patience(values))
        except TimeoutError:
            raise CliError(
                f"{one.title} still has pods after {values.text('timeout')}; nothing was started. Call this "
                "again once they are gone"
            ) from None
        word = f"stopped (it had {one.replicas} pods)" if one.runs else "is stopped already"
        print(f"{one.title} in {one.namespace} {word}")


async def _all_started(client: KubeClient, found: list[Workload], values: Values) -> None:
    for one in reversed(found):
        if one.remembered is None:
            if one.runs and not one.observes:
                print(f"{one.title} in {one.namespace} runs already")
            elif not one.runs:
                print(
                    f"{one.title} in {one.namespace} has no pods and was not stopped here: start it yourself"
                )
            continue
        if values.switch("dry-run"):
            print(f"{one.title} in {one.namespace} would be started ({one.remembered} pods){DRY}")
            continue
        try:
            await start(client, one, seconds=_patience(values))
        except TimeoutError:
            raise CliError(
                f"{one.title} is not ready after {values.text('timeout')}; see its pods, then call this again"
            ) from None
        print(f"{one.title} in {one.namespace} started ({one.remembered} pods)")


def _say_what_is_left(sides: Sides, namespace: str) -> None:
    observing = sorted({one.namespace for one in sides.ours if one.observes})
    for home in observing:
        print(
            f"Fairlead in {home} only observes. It is put in charge by:\n"
            f"  helm upgrade fairlead charts/fairlead -n {home} --reuse-values --set observe.enabled=false"
        )
    if not sides.ours:
        print(
            "Fairlead is not installed yet:\n"
            "  helm install fairlead charts/fairlead -n fairlead --create-namespace "
            f"--set controlPlane.namespace={namespace}"
        )


def _patience(values: Values) -> float:
    return parse_duration(values.text("timeout"))
