"""A short run of what `make robustness` does for an hour: whatever fails meanwhile, no invariant breaks.

The seed is FAIRLEAD_SEED where given; the default keeps a failure of one commit the same on the next try.
"""

import os
from pathlib import Path

import pytest

from tests.chaos.run import Options, Run

SEED = int(os.environ.get("FAIRLEAD_SEED", "0")) or 11
SECONDS = float(os.environ.get("FAIRLEAD_CHAOS_SECONDS", "30"))


@pytest.mark.deadline(1500)
async def test_nothing_is_lost_rolled_back_or_wrongly_deleted(tmp_path: Path) -> None:
    options = Options(seed=SEED, seconds=SECONDS, repos=2, apps_each=3, folders=2, pause=0.6, fault_pause=3)
    verdict = await Run(options, tmp_path).judged()
    assert verdict.violations == []
    assert verdict.commits > 5
    assert sum(verdict.faults.values()) > 2
