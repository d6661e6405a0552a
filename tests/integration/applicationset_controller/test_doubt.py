"""Doubt deletes nothing: errors, short listings, and much at once, on a real API server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from fairlead.applicationset_controller import drawing
from fairlead.applicationset_controller.applying import doubt
from fairlead.applicationset_controller.generating.errors import PARAMETERS, GenerationError
from fairlead.applicationset_controller.generating.generate import Generated
from fairlead.applicationset_controller.templating.application import Made
from fairlead.model.applicationset import ApplicationSet
from fairlead.sync.let_go import APPROVED
from tests.integration.applicationset_controller.lab import Lab, conditions, listed
from tests.unit.applicationset_controller.made import an_application


class Fickle:
    """A generator that answers what it is told, and counts."""

    def __init__(self, *names: str) -> None:
        self.names: tuple[str, ...] | None = names
        self.error: Exception | None = None
        self.is_stuck = False
        self.asked = 0

    async def __call__(self, aset: ApplicationSet) -> Generated:
        self.asked += 1
        if self.error is not None:
            raise self.error
        if self.is_stuck:
            await asyncio.Event().wait()
        if self.names is None:
            raise GenerationError(PARAMETERS, "the host is being maintained")
        made = tuple(Made(application=an_application(name), params={}) for name in self.names)
        return Generated(made=made, requeue_after=0.2)


async def test_an_error_or_a_listing_that_is_short_once_deletes_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt, "APART", 3600.0)
    fickle = Fickle("a", "b", "c")
    await lab.start(generate=fickle)
    await lab.create_set("fleet", listed())
    await lab.until_apps({"a", "b", "c"})
    fickle.names = None
    told = await lab.until_set("fleet", lambda aset: conditions(aset).get("ErrorOccurred", "")[:4] == "True")
    assert conditions(told)["ErrorOccurred"] == f"True {PARAMETERS}: the host is being maintained"
    assert conditions(told)["ParametersGenerated"].startswith("False")
    fickle.names = ("a",)
    await lab.change_set("fleet", {"metadata": {"annotations": {"look": "1"}}})
    await lab.until_up_to_date("fleet")
    before = fickle.asked
    await lab.until(_asked(fickle), lambda asked: asked > before + 2, what="more looks")
    fickle.names = ("a", "b", "c")
    await lab.until(_asked(fickle), lambda asked: asked > before + 4, what="more looks")
    apps = await lab.apps()
    assert set(apps) == {"a", "b", "c"}
    assert not any("deletionTimestamp" in app["metadata"] for app in apps.values())


async def test_generators_that_break_or_never_end_are_words_on_their_set_and_delete_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    fickle = Fickle("a")
    await lab.start(generate=fickle)
    await lab.create_set("fleet", listed())
    await lab.until_apps({"a"})
    await lab.until_up_to_date("fleet")
    fickle.error = ZeroDivisionError("secret words")
    await lab.change_set("fleet", {"metadata": {"annotations": {"look": "1"}}})
    told = await lab.until_set("fleet", lambda aset: conditions(aset)["ErrorOccurred"][:4] == "True")
    assert conditions(told)["ErrorOccurred"] == (
        f"True {PARAMETERS}: generating failed in the controller itself, whose log says more: "
        "ZeroDivisionError"
    )
    monkeypatch.setattr(drawing, "WITHIN", 0.1)
    fickle.error, fickle.is_stuck = None, True
    await lab.change_set("fleet", {"metadata": {"annotations": {"look": "2"}}})
    await lab.until_set("fleet", lambda aset: "took longer than" in conditions(aset)["ErrorOccurred"])
    assert "deletionTimestamp" not in (await lab.apps())["a"]["metadata"]


async def test_much_of_a_set_is_deleted_only_when_a_person_confirms_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubt, "APART", 0.3)
    fickle = Fickle("a", "b")
    await lab.start(generate=fickle)
    await lab.create_set("fleet", listed())
    await lab.until_apps({"a", "b"})
    fickle.names = ()
    told = await lab.until_set("fleet", lambda aset: "DeletionHeld" in conditions(aset))
    said = conditions(told)["DeletionHeld"]
    assert "2 of 2 Applications (100%)" in said
    await lab.until(
        lambda: lab.events("fleet"), lambda found: any(it[0] == "DeletionHeld" for it in found), what="Events"
    )
    before = fickle.asked
    await lab.until(_asked(fickle), lambda asked: asked > before + 3, what="more looks")
    again = await lab.aset("fleet")
    assert conditions(again)["DeletionHeld"] == said, "one list is one text"
    assert again["metadata"]["resourceVersion"] == told["metadata"]["resourceVersion"], "and written once"
    assert not any("deletionTimestamp" in app["metadata"] for app in (await lab.apps()).values())

    await lab.stop()
    await lab.start(generate=fickle)
    confirmed = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    await lab.change_set("fleet", {"metadata": {"annotations": {APPROVED: confirmed}}})
    await lab.until(
        lab.apps,
        lambda apps: all("deletionTimestamp" in app["metadata"] for app in apps.values()),
        what="the confirmed deletions",
    )
    told = await lab.until_set("fleet", lambda aset: "DeletionHeld" not in conditions(aset))
    assert conditions(told)["ErrorOccurred"].startswith("False")
    await lab.until_set(
        "fleet", lambda aset: "fairlead.dev/prunes-let-go" not in aset["metadata"]["annotations"]
    )


async def test_a_restart_does_not_forget_what_went_a_little_at_a_time(lab: Lab) -> None:
    fickle = Fickle("a", "b", "c", "d", "e", "f")
    await lab.start(generate=fickle)
    await lab.create_set("fleet", listed())
    for names in ("abcdef", "abcde", "abcd", "abc"):
        fickle.names = tuple(names)
        await lab.until(
            lab.apps,
            lambda apps, names=names: (
                {name for name, app in apps.items() if "deletionTimestamp" not in app["metadata"]}
                == set(names)
            ),
            what=f"{names}",
        )
        await lab.stop()
        await lab.start(generate=fickle)
    fickle.names = ("a", "b")
    told = await lab.until_set("fleet", lambda aset: "DeletionHeld" in conditions(aset))
    assert "3 went within the last hour" in conditions(told)["DeletionHeld"]


async def test_what_the_newest_spec_wants_is_not_deleted_for_an_older_one(lab: Lab) -> None:
    """A set is changed while it is generated, and the watch has not said so yet."""

    class Changed(Fickle):
        async def __call__(self, aset: ApplicationSet) -> Generated:
            found = await super().__call__(aset)
            if self.names == ("b",) and self.asked > self.since + 1:
                self.names = ("a", "b")
                await lab.change_set("fleet", {"spec": {"goTemplateOptions": ["missingkey=error"]}})
            return found

        since = 1000

    changed = Changed("a", "b")
    await lab.start(generate=changed)
    await lab.create_set("fleet", listed())
    before = (await lab.until_apps({"a", "b"}))["a"]["metadata"]["uid"]
    await lab.until_up_to_date("fleet")
    changed.names, changed.since = ("b",), changed.asked
    await lab.until(_asked(changed), lambda asked: asked > changed.since + 5, what="looks of the new spec")
    after = (await lab.apps())["a"]["metadata"]
    assert (after["uid"], "deletionTimestamp" in after) == (before, False)


def _asked(fickle: Fickle) -> Callable[[], Awaitable[int]]:
    async def look() -> int:
        return fickle.asked

    return look
