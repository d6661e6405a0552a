"""The actions that come with us, run by the engine: what is listed can be done, and changes something."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from fairlead.app_controller.answering.shipped_actions import _all
from fairlead.local.builds import render_engine_binary
from fairlead.render import ScriptError, Scripts

KINDS = sorted(_all())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripts() -> AsyncIterator[Scripts]:
    found = Scripts(await asyncio.to_thread(render_engine_binary))
    yield found
    await found.aclose()


def obj(group: str, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"{group}/v1",
        "kind": kind,
        "metadata": {"name": "a", "namespace": "n", "uid": "u"},
        "spec": {},
        "status": {},
    } | more


@pytest.mark.parametrize(("group", "kind"), KINDS)
async def test_every_action_of_a_kind_is_listed_and_no_other(scripts: Scripts, group: str, kind: str) -> None:
    rules = _all()[group, kind]
    listed = await scripts.lua(rules.discovery, {"obj": obj(group, kind), "actionParams": {}}, open_libs=True)
    assert set(listed) <= set(rules.scripts)
    assert all(name in rules.discovery for name in rules.scripts)


CHANGES = [
    ("image.toolkit.fluxcd.io", "ImageRepository", "suspend", {}, ("spec", "suspend"), True),
    ("notification.toolkit.fluxcd.io", "Alert", "suspend", {}, ("spec", "suspend"), True),
    ("k8s.mariadb.com", "MariaDB", "suspend", {}, ("spec", "suspend"), True),
    ("capsule.clastix.io", "Tenant", "cordon", {}, ("spec", "cordoned"), True),
    ("promoter.argoproj.io", "PullRequest", "merge", {}, ("spec", "state"), "merged"),
    ("psmdb.percona.com", "PerconaServerMongoDB", "unpause", {}, ("spec", "pause"), False),
    (
        "keda.sh",
        "ScaledObject",
        "paused-replicas",
        {"replicas": "3"},
        ("metadata", "annotations", "autoscaling.keda.sh/paused-replicas"),
        "3",
    ),
    (
        "core.strimzi.io",
        "StrimziPodSet",
        "rolling-update",
        {},
        ("metadata", "annotations", "strimzi.io/manual-rolling-update"),
        "true",
    ),
    (
        "postgresql.cnpg.io",
        "Cluster",
        "hibernate",
        {},
        ("metadata", "annotations", "cnpg.io/hibernation"),
        "on",
    ),
    (
        "postgresql.cnpg.io",
        "Cluster",
        "suspend",
        {},
        ("metadata", "annotations", "cnpg.io/reconciliationLoop"),
        "disabled",
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: "/".join(change[:3]))
async def test_an_action_changes_what_its_name_says(scripts: Scripts, change: tuple[Any, ...]) -> None:
    group, kind, action, parameters, path, expected = change
    variables = {"obj": obj(group, kind), "actionParams": parameters}
    found: Any = await scripts.lua(_all()[group, kind].scripts[action], variables, open_libs=True)
    for step in path:
        found = found[step]
    assert found == expected


async def test_a_database_is_handed_to_one_of_its_own_instances_only(scripts: Scripts) -> None:
    script = _all()["postgresql.cnpg.io", "Cluster"].scripts["promote"]
    cluster = obj("postgresql.cnpg.io", "Cluster", status={"instanceNames": ["a-1", "a-2"]})
    variables = {"obj": cluster, "actionParams": {"instance": "a-2"}}
    found = await scripts.lua(script, variables, open_libs=True)
    assert found["status"]["targetPrimary"] == "a-2"
    with pytest.raises(ScriptError, match="one of the cluster's instances"):
        await scripts.lua(script, {"obj": cluster, "actionParams": {"instance": "b"}}, open_libs=True)
