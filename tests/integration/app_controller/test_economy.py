"""How many requests an application costs the API server: a first sync, a commit, and standing idle.

Counted, not timed: a request more for each application is what a fleet of thousands feels.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from fairlead.app_controller.following.project_ends import FINALIZER as PROJECT_FINALIZER
from fairlead.kube.collection import APP_PROJECTS, APPLICATIONS
from fairlead.kube.kubeconfig import from_kubeconfig
from tests.integration.app_controller.lab import Lab, automated, config_map, deployment
from tests.integration.app_controller.test_delete import project, until_no_project
from tests.integration.app_controller.test_replicas import kubeconfig_of
from tests.integration.kube.fault_proxy import FaultProxy

NAMES = tuple(f"app-{number}" for number in range(4))
OBJECTS = 2
"""In each application: a ConfigMap, which is healthy at once, and a Deployment, which takes a moment."""
STATUSES = 3
"""Writes of an Application for one sync at most: what was deployed, then each change of health."""
EVENTS = 6
"""Kubernetes Events for one sync at most: its start, its end, and each change of sync and health."""
AT_ALL_TIMES = ("/leases", "watch=", "/openapi/", "/events")
"""What is asked however many applications there are; Events are counted by themselves."""


@asynccontextmanager
async def counted(lab: Lab, folder: Path) -> AsyncIterator[FaultProxy]:
    """The controller, started anew behind a proxy that counts."""
    await lab.stop()
    async with FaultProxy(from_kubeconfig(lab.control_plane.kubeconfig)) as proxy:
        file = folder / "kubeconfig"
        file.write_text(kubeconfig_of(proxy.connection.server))
        lab.config = msgspec.structs.replace(lab.config, kubeconfig=str(file))
        await lab.start()
        try:
            yield proxy
        finally:
            await lab.stop()


def kinds(lines: list[str]) -> Counter[str]:
    """Requests that are about objects, by verb and resource; a dry run is a verb of its own."""
    found: Counter[str] = Counter()
    for line in lines:
        if any(text in line for text in AT_ALL_TIMES):
            continue
        verb, _, target = line.partition(" ")
        path, _, query = target.partition("?")
        resource = next(
            (name for name in ("applications", "configmaps", "deployments") if name in path), path
        )
        found[f"{'TRY ' if 'dryRun' in query else ''}{verb} {resource}"] += 1
    return found


def events(lines: list[str]) -> int:
    """How many Kubernetes Events were written."""
    return sum(line.startswith("POST ") and "/events" in line for line in lines)


async def until_quiet(lab: Lab, proxy: FaultProxy) -> None:
    """Nothing waits, and nothing more is told."""
    assert lab.controller is not None
    seen = -1
    while len(told := [line for line in proxy.requests if "/leases" not in line]) != seen:
        seen = len(told)
        await asyncio.sleep(1.5)
    await lab.eventually(lambda: lab.controller is not None and lab.controller.queue.is_quiet(0.5))


async def test_a_sync_costs_one_apply_for_each_object_and_three_writes_of_the_application_at_most(
    lab: Lab, tmp_path: Path
) -> None:
    async with counted(lab, tmp_path) as proxy:
        await until_quiet(lab, proxy)
        repos = {name: f"https://git.example/economy/{lab.namespace}-{name}.git" for name in NAMES}
        for name, repo in repos.items():
            lab.renderer.holds(repo, [config_map(name), deployment(name)])
        begun = len(proxy.requests)
        for name, repo in repos.items():
            await lab.create_app(name, source={"repoURL": repo, "path": "."}, **automated())
        for name in NAMES:
            await lab.synced(name)
        await until_quiet(lab, proxy)
        first = proxy.requests[begun:]
        spent = kinds(first)
        writes = spent.pop("PATCH applications")
        assert spent == {"PATCH configmaps": len(NAMES), "PATCH deployments": len(NAMES)}, spent
        assert len(NAMES) <= writes <= STATUSES * len(NAMES), writes
        assert events(first) <= EVENTS * len(NAMES)

        begun, touched = len(proxy.requests), NAMES[0]
        commit = await lab.renderer.commit(
            repos[touched], [config_map(touched, colour="green"), deployment(touched)]
        )
        await lab.synced(touched, revision=commit)
        await until_quiet(lab, proxy)
        after = proxy.requests[begun:]
        spent = kinds(after)
        assert spent.pop("PATCH applications") <= 2
        assert spent == {"PATCH configmaps": 1}, spent
        assert events(after) <= EVENTS
        assert not [line for line in after if any(f"/{name}" in line for name in NAMES[1:])]


async def test_a_project_that_waits_for_its_applications_costs_one_list_when_the_last_is_gone(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.client.create(APP_PROJECTS, project("team", PROJECT_FINALIZER), lab.namespace)
    async with counted(lab, tmp_path) as proxy:
        lab.renderer.holds(lab.repo, [config_map()])
        await lab.create_app(project="team", **automated())
        other = f"{lab.repo}-other"
        lab.renderer.holds(other, [config_map("others")])
        await lab.create_app("other", source={"repoURL": other, "path": "."}, **automated())
        for name in ("app", "other"):
            await lab.synced(name)
        lists = proxy.lists("applications")
        await lab.client.delete(APP_PROJECTS, "team", lab.namespace)
        for colour in ("blue", "green"):
            commit = await lab.renderer.commit(other, [config_map("others", colour=colour)])
            await lab.synced("other", revision=commit)
        assert proxy.lists("applications") == lists
        await lab.client.delete(APPLICATIONS, "app", lab.namespace)
        await until_no_project(lab, "team")
        assert proxy.lists("applications") == lists + 1
