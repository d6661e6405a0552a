"""A pinned application stays where it is: it follows nothing newer and is healed to that, until that ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.matching.pins import none_of, texts_of
from fairlead.model.application import Application
from fairlead.model.times import stamp
from fairlead.rpc.waiting import Pinned
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced
from tests.integration.app_controller.shared import lab, shared
from tests.integration.app_controller.test_pausing import told

__all__ = ["lab", "shared"]

TYPE = "PinnedWarning"
NAME = "settings"


def pinned(pin: Pinned | None) -> dict[str, Any]:
    return {"metadata": {"annotations": none_of() if pin is None else {**none_of(), **texts_of(pin)}}}


def is_pinned(app: Application) -> bool:
    return TYPE in conditions(app)


def holds(value: str) -> list[dict[str, Any]]:
    return [config_map(NAME, at=value)]


async def live(lab: Lab, value: str) -> None:
    await lab.until_live(CONFIG_MAPS, NAME, lambda found: bool(found and found["data"]["at"] == value))


async def two(lab: Lab) -> tuple[str, str]:
    """An application that has deployed two commits."""
    first = lab.renderer.holds(lab.repo, holds("1"))
    await lab.create_app(**automated())
    await lab.synced()
    second = await lab.renderer.commit(lab.repo, holds("2"))
    await lab.synced(revision=second)
    return first, second


async def test_a_pin_goes_back_stays_heals_to_it_and_ends_by_itself_after_a_restart(lab: Lab) -> None:
    first, _ = await two(lab)
    async with told(lab, "pinned", "unpinned") as events:
        until = stamp(datetime.now(UTC) + timedelta(seconds=10))
        await lab.patch_app(pinned(Pinned(revisions=(first,), until=until, by="ann", reason="INC-482")))
        app = await lab.until(
            lambda app: is_synced(app) and is_pinned(app) and app.status.sync.revision == first
        )
        await live(lab, "1")
        assert f"pinned to {first[:12]} until {until} by ann: INC-482" in conditions(app)[TYPE]
        seen = lab.outlook().pinned
        assert seen is not None
        assert seen.revisions == (first,)
        third = await lab.renderer.commit(lab.repo, holds("3"))
        await lab.client.merge_patch(CONFIG_MAPS, NAME, {"data": {"at": "spoiled"}}, lab.workloads)
        await live(lab, "1")
        await lab.stop()
        await lab.start()
        app = await lab.synced(revision=third)
        await live(lab, "3")
        assert app.status.operation_state is not None
        assert app.status.operation_state.started_at >= until
        await lab.until(lambda app: not is_pinned(app))
        await lab.eventually(lambda: len(events) >= 2)
    assert [event["type"].removeprefix("fairlead.v1.app.") for event in events] == ["pinned", "unpinned"]


async def test_a_pin_is_let_go_by_a_commit_after_the_one_that_was_gone_back_from(lab: Lab) -> None:
    first, second = await two(lab)
    await lab.patch_app(pinned(Pinned(revisions=(first,), newer_than=(second,))))
    await lab.until(lambda app: is_synced(app) and is_pinned(app) and app.status.sync.revision == first)
    third = lab.renderer.holds(lab.repo, holds("3"))
    assert lab.controller is not None
    lab.controller._looks.newer.wake()
    app = await lab.until(lambda app: is_synced(app) and app.status.sync.revision == third)
    assert not none_of().keys() & app.metadata.annotations.keys()
    await live(lab, "3")


async def test_a_pin_that_fits_no_sources_holds_and_says_so_and_is_let_go(lab: Lab) -> None:
    first, second = await two(lab)
    await lab.patch_app(pinned(Pinned(revisions=(first, second))))
    app = await lab.until(
        lambda app: "names 2 revisions, of 1 sources" in conditions(app).get("PausedWarning", "")
    )
    assert not is_pinned(app)
    third = await lab.renderer.commit(lab.repo, holds("3"))
    await lab.until(lambda app: app.status.sync.status == "OutOfSync")
    await live(lab, "2")
    await lab.patch_app(pinned(None))
    await lab.synced(revision=third)
