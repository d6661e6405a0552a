"""Answers arrive late, twice, out of order and from others: an application is never taken back."""

import asyncio

import pytest

from fairlead.app_controller.looking.gather import WAITS_FOR_LOOK
from fairlead.events import subjects
from tests.integration.app_controller.lab import CONFIG_MAPS, Document, Lab, automated, config_map


async def settled(lab: Lab, *documents: Document) -> str:
    revision = lab.renderer.holds(lab.repo, list(documents))
    await lab.create_app(**automated(prune=True, selfHeal=True))
    await lab.synced(revision=revision)
    return revision


async def test_a_late_answer_of_the_same_mirror_deploys_and_prunes_nothing(lab: Lab) -> None:
    first = await settled(lab, config_map("one"))
    second = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two")])
    await lab.synced(revision=second)
    await lab.renderer.say("app", first, epoch="first", number=1)
    third = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two"), config_map("three")])
    await lab.synced(revision=third)
    assert await lab.get(CONFIG_MAPS, "two") is not None
    assert [item.revision for item in (await lab.app()).status.history] == [first, second, third]


async def test_a_replica_that_lags_behind_is_not_believed(lab: Lab) -> None:
    first = await settled(lab, config_map("one"))
    second = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two")])
    await lab.synced(revision=second)
    asked = len(lab.renderer.requests)
    await lab.renderer.say("app", first, epoch="other", number=7)
    await lab.eventually(lambda: len(lab.renderer.looked) > 0)
    await lab.eventually(lambda: len(lab.renderer.requests) > asked)
    third = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two"), config_map("three")])
    await lab.synced(revision=third)
    assert [item.revision for item in (await lab.app()).status.history] == [first, second, third]


async def test_a_restarted_mirror_is_believed_after_one_fresh_look(lab: Lab) -> None:
    await settled(lab, config_map("one"))
    lab.renderer.epoch = "second"
    second = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two")])
    await lab.synced(revision=second)
    third = await lab.renderer.commit(lab.repo, [config_map("one")])
    await lab.synced(revision=third)
    assert len(lab.renderer.looked) == 1


async def test_a_controller_that_starts_again_goes_on_from_what_the_status_says(lab: Lab) -> None:
    first = await settled(lab, config_map("one"))
    second = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two")])
    await lab.synced(revision=second)
    await lab.stop()
    lab.renderer.silent = True
    lab.renderer.is_away = True
    await lab.start()
    await lab.eventually(lambda: bool(lab.revisions()))
    await lab.renderer.say("app", first, epoch="first", number=9)
    await lab.eventually(lambda: len(lab.renderer.looked) > 0)
    lab.renderer.silent = False
    lab.renderer.is_away = False
    third = await lab.renderer.commit(lab.repo, [config_map("one"), config_map("two"), config_map("three")])
    await lab.synced(revision=third)
    assert [item.revision for item in (await lab.app()).status.history] == [first, second, third]


async def test_while_git_is_away_what_was_taken_is_healed_and_nothing_moves(lab: Lab) -> None:
    first = await settled(lab, config_map("one"))
    lab.renderer.is_away = True
    lab.renderer.epoch = "second"
    await lab.renderer.commit(lab.repo, [config_map("two")])
    await lab.eventually(lambda: len(lab.renderer.looked) > 0)
    await lab.client.delete(CONFIG_MAPS, "one", lab.workloads)
    await lab.until_live(CONFIG_MAPS, "one", lambda live: live is not None)
    assert (await lab.app()).status.sync.revision == first


async def test_a_sync_asked_for_deploys_what_the_repository_holds_at_that_moment(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app()
    await lab.until(lambda app: bool(app.status.sync.revision))
    pushed = lab.renderer.holds(lab.repo, [config_map("two")])
    await lab.patch_app({"operation": {"sync": {}}})
    app = await lab.until(lambda app: app.status.operation_state is not None and app.operation is None)
    assert app.status.operation_state is not None
    assert app.status.operation_state.sync_result is not None
    assert app.status.operation_state.sync_result.revision == pushed
    assert await lab.get(CONFIG_MAPS, "two") is not None


async def test_a_sync_says_that_it_waits_for_a_look_and_goes_on_with_it(lab: Lab) -> None:
    lab.renderer.holds(lab.repo, [config_map("one")])
    await lab.create_app()
    await lab.until(lambda app: bool(app.status.sync.revision))
    lab.renderer.silent = True
    await lab.patch_app({"operation": {"sync": {}}})
    await lab.until(
        lambda app: (
            app.status.operation_state is not None and app.status.operation_state.message == WAITS_FOR_LOOK
        ),
        patience=30,
    )
    lab.renderer.silent = False
    await lab.patch_app({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    await lab.synced()


async def test_an_answer_that_was_lost_is_asked_for_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.app_controller.rendering.wants.ASKED_AGAIN", 0.1)
    await settled(lab, config_map("one"))
    lost = lab.renderer.holds(lab.repo, [config_map("one"), config_map("two")])
    await asyncio.sleep(0.2)
    await lab.client.merge_patch(CONFIG_MAPS, "one", {"data": {"by": "hand"}}, lab.workloads)
    await lab.synced(revision=lost)


async def test_the_wish_of_an_application_that_went_while_nobody_watched_is_withdrawn(lab: Lab) -> None:
    await settled(lab, config_map("one"))
    await lab.stop()
    await lab.clean()
    await lab.gone()
    await lab.start()
    key = subjects.app_tokens(lab.namespace, "app")
    async with asyncio.timeout(120):
        while True:
            entry = await lab.renderer.wishes.get(key)
            if entry is None or entry.value is None:
                break
            await asyncio.sleep(0.05)
