"""A controller that ends between a confirmation and the prunes that it lets go, at each write in between."""

import asyncio

import pytest

from fairlead.kube.collection import CONFIG_MAPS
from fairlead.model.noted import LET_GO
from fairlead.model.times import stamp
from fairlead.sync.let_go import APPROVED, read_let_go
from tests.integration.app_controller.lab import Lab, automated, conditions, config_map, is_synced
from tests.integration.app_controller.test_guard import HELD, MANY, approve, live_names, maps, waits
from tests.integration.app_controller.trap import Trap

POINTS = [(1, "before"), (1, "after"), (2, "before"), (2, "after"), (8, "after"), (14, "before")]
"""The writes at which it ends, and on which side: what was let go, then the deletions, then their end."""


async def test_what_was_confirmed_goes_and_nothing_else_wherever_the_controller_ends(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = Trap(monkeypatch, {"Application", "ConfigMap"})
    lab.renderer.holds(lab.repo, maps("kept", *MANY))
    await lab.create_app(**automated())
    await lab.synced()
    kept = await lab.get(CONFIG_MAPS, "kept")
    for number, stage in POINTS:
        await lab.synced(revision=await lab.renderer.commit(lab.repo, maps("kept", *MANY)))
        await lab.renderer.commit(lab.repo, maps("kept"))
        app = await lab.until(waits)
        while stamp() == app.metadata.annotations.get(APPROVED):
            await asyncio.sleep(0.05)  # one confirmation is told from another by its second
        trap.arm(number, stage)
        await approve(lab)
        async with asyncio.timeout(60):
            await trap.sprung.wait()
        trap.disarm()
        await lab.stop()
        bystander = config_map(f"by-{number}-{stage}")
        await lab.client.create(CONFIG_MAPS, bystander, lab.workloads)
        await lab.start()
        app = await lab.until(lambda app: is_synced(app) and HELD not in conditions(app))
        left = await live_names(lab)
        assert left & set(MANY) == set(), f"{stage} write {number}"
        assert {"kept", f"by-{number}-{stage}"} <= left
        found = read_let_go(app.metadata.annotations)
        assert found is not None, app.metadata.annotations.get(LET_GO)
        assert app.status.operation_state is not None
        assert found.operation == app.status.operation_state.started_at
    assert await lab.get(CONFIG_MAPS, "kept") == kept
