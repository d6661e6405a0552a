"""A controller that ends at each write of a sync whose hooks are deleted as they succeed."""

import asyncio

import pytest

from fairlead.kube.collection import CONFIG_MAPS
from tests.integration.app_controller.lab import Lab, automated, config_map
from tests.integration.app_controller.renderer import Document
from tests.integration.app_controller.trap import Trap

MOST = 30
"""Writes of one such sync at most; the sweep ends at the first that is not made."""
FEWEST = 8


def passing(name: str, phase: str) -> Document:
    """A hook that is over at once, and gone then."""
    made = config_map(name)
    made["metadata"]["annotations"] = {
        "argocd.argoproj.io/hook": phase,
        "argocd.argoproj.io/hook-delete-policy": "HookSucceeded",
    }
    return made


async def test_a_hook_that_is_gone_is_not_missed_wherever_the_controller_ends(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = Trap(monkeypatch, {"Application", "ConfigMap"})
    hooks = [passing("before", "PreSync"), passing("after", "PostSync")]
    lab.renderer.holds(lab.repo, [*hooks, config_map(round="0")])
    await lab.create_app(**automated())
    await lab.synced()
    for number in range(1, MOST):
        trap.arm(number, "before")  # which is after the one before it
        revision = await lab.renderer.commit(lab.repo, [*hooks, config_map(round=str(number))])
        done = asyncio.create_task(lab.synced(revision=revision))
        held = asyncio.create_task(trap.sprung.wait())
        await asyncio.wait((done, held), return_when=asyncio.FIRST_COMPLETED)
        trap.disarm()
        held.cancel()
        if trap.sprung.is_set():  # also where the sync was over by then: what is held never goes on
            await lab.stop()
            await lab.start()
        app = await done
        state = app.status.operation_state
        assert state is not None
        assert (state.phase, state.retry_count) == ("Succeeded", 0), f"before write {number}: {state.message}"
        assert await lab.get(CONFIG_MAPS, "before") is None
        if not trap.sprung.is_set():
            break
    assert number > FEWEST
