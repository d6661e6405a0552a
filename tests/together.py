"""Which files run in which process, and when what they share ends.

A folder of TOGETHER runs in one process, since its tests share a suite that is too dear to have twice. What
it shares for the whole session ends with its last test: a suite that idles takes a tenth of a core from all
others. Files that use the shared control plane go to CLUSTERS processes while there are others for the rest,
for the same reason.

Invariant: all else is spread by files, as `--dist loadfile` says, and nothing waits for a process of its
kind: one that has no file of its kind left takes any.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/ui/", "tests/e2e/")

AT_A_CLUSTER = (
    "tests/chaos/test_edges.py",
    "tests/integration/api_server/",
    "tests/integration/app_controller/",
    "tests/integration/applicationset_controller/",
    "tests/integration/chart/",
    "tests/integration/cli/",
    "tests/integration/clusters/",
    "tests/integration/crds/",
    "tests/integration/deploy/",
    "tests/integration/diff/",
    "tests/integration/hydration/",
    "tests/integration/keys/",
    "tests/integration/kube/",
    "tests/integration/notifications/",
    "tests/integration/process/",
)
"""Most of these ask for `control_plane`. One that is missing here costs another control plane, no failure."""
CLUSTERS = 2

_SHARED = pytest.StashKey[list[tuple[Any, pytest.FixtureRequest]]]()


class Scheduling(LoadFileScheduling):
    """By files, and by these folders."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._with_cluster: set[Any] = set()

    def _split_scope(self, nodeid: str) -> str:
        return folder_of(nodeid) or super()._split_scope(nodeid)

    def _assign_work_unit(self, node: Any) -> None:
        """The first of a kind that this process has begun with, or else the first."""
        unit = chosen(
            self.workqueue, has_cluster=node in self._with_cluster, clusters=len(self._with_cluster)
        )
        if unit.startswith(AT_A_CLUSTER):
            self._with_cluster.add(node)
        self.workqueue.move_to_end(unit, last=False)
        super()._assign_work_unit(node)


def chosen(waiting: Any, *, has_cluster: bool, clusters: int) -> str:
    """Which unit a process takes; `clusters` have the shared control plane, with this one or without."""
    wanted = has_cluster or clusters < CLUSTERS
    if not has_cluster and wanted:
        return next(iter(waiting))
    fitting = (unit for unit in waiting if unit.startswith(AT_A_CLUSTER) == wanted)
    return next(fitting, next(iter(waiting)))


def folder_of(nodeid: str) -> str:
    """The folder whose tests run together, that a test is in; or an empty text."""
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), "")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Ours, where files were asked for."""
    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is shared yet."""
    config.stash[_SHARED] = []


def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Note what a folder shares."""
    folder = folder_of(f"{fixturedef.baseid}/")
    if folder and fixturedef.scope == "session":
        request.config.stash[_SHARED].append((fixturedef, request))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """End what a folder shares behind its last test, also where that one fails at its end."""
    try:
        return (yield)
    finally:
        shared, folder = item.config.stash[_SHARED], folder_of(item.nodeid)
        if folder and (nextitem is None or folder_of(nextitem.nodeid) != folder):
            while shared:
                fixture, request = shared.pop()
                fixture.finish(request)
