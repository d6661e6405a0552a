"""What a record of a sync keeps of what it said before."""

import msgspec

from fairlead.model.sync import HookPhase, ResourceResult, ResultCode, SyncPhase
from fairlead.sync.task import Results

APPLIED = ResourceResult(
    group="apps",
    version="v1",
    kind="Deployment",
    namespace="x",
    name="web",
    status=ResultCode.SYNCED,
    hook_phase=HookPhase.RUNNING,
    sync_phase=SyncPhase.SYNC,
    message="deployment.apps/web created",
    images=("nginx:1.25",),
)


def test_a_change_that_says_no_message_and_no_images_leaves_them_as_they_were() -> None:
    healthy = msgspec.structs.replace(APPLIED, hook_phase=HookPhase.SUCCEEDED, message="", images=())
    [kept] = Results([APPLIED]).plus([healthy]).resources
    assert kept == msgspec.structs.replace(APPLIED, hook_phase=HookPhase.SUCCEEDED)


def test_a_change_that_says_others_brings_them() -> None:
    other = msgspec.structs.replace(APPLIED, message="configured", images=("nginx:1.26",))
    assert Results([APPLIED]).plus([other]).resources == (other,)
