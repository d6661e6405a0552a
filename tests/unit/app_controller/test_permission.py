"""One function says what an application may write; the gate of a writer asks it anew each time."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.destination.entry import Entry
from fairlead.app_controller.destination.impersonate import ImpersonationError
from fairlead.app_controller.following.projects import Projects
from fairlead.kube.gate import Gate
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.manifest.identity import ResourceKey
from fairlead.model.application import Application
from fairlead.model.decode import from_object
from fairlead.settings import ControllerSettings
from tests.unit.kube.objects import CONFIG_MAPS

SERVER = "https://one.example"
OPEN: dict[str, Any] = {
    "sourceRepos": ["*"],
    "destinations": [{"server": "*", "namespace": "work"}],
}
NAMESPACES = Resource(group="", version="v1", plural="namespaces", kind="Namespace", namespaced=False)


class World:
    """One application in one cluster; `gates` are those that writers were made with."""

    def __init__(self, *, namespace: str = "argocd", **settings: Any) -> None:
        self.projects = Projects(cast(KubeClient, None), "argocd", on_change=lambda _: None)
        self.settings = ControllerSettings(**settings)
        self.entry = Entry(server=SERVER, name="one")
        self.server = SERVER
        self.gates: list[tuple[Gate, str]] = []
        self.checks = Checks(self.projects, cast(Any, self), lambda: self.settings, "argocd")
        spec = {"project": "team", "destination": {"server": SERVER, "namespace": "work"}}
        metadata = {"name": "app", "namespace": namespace}
        self.app = from_object({"metadata": metadata, "spec": spec}, Application)

    def says(self, spec: dict[str, Any] | None, **changes: Any) -> None:
        name = ("argocd", "team")
        if spec is None:
            self.projects.collection._on_gone(name)
            return
        raw = msgspec.json.encode(
            {"metadata": {"name": "team", "namespace": "argocd"}, "spec": {**spec, **changes}}
        )
        self.projects.collection._on_put(decode_head(raw), raw)

    def writing(self, gate: Gate, account: str = "") -> Any:
        self.gates.append((gate, account))
        return self

    def gate(self, *, ending: bool = False) -> Gate:
        cluster = cast(Cluster, self)
        if ending:
            self.checks.remover(self.app, cluster)
        else:
            self.checks.writer(self.app, cluster)
        return self.gates[-1][0]


def test_a_gate_says_what_the_project_says_at_that_moment() -> None:
    world = World()
    world.says(OPEN)
    gate = world.gate()
    assert gate("apply", CONFIG_MAPS, "work", "a") == ""
    assert gate("apply", CONFIG_MAPS, "else", "a") == "namespace else is not permitted in project 'team'"
    assert gate("apply", NAMESPACES, "", "work") == "resource :Namespace is not permitted in project team"
    world.says(OPEN, namespaceResourceBlacklist=[{"group": "", "kind": "ConfigMap"}])
    assert gate("apply", CONFIG_MAPS, "work", "a") == "resource :ConfigMap is not permitted in project team"
    world.says(OPEN, clusterResourceWhitelist=[{"group": "", "kind": "Namespace", "name": "work"}])
    assert gate("apply", NAMESPACES, "", "work") == ""
    assert "is not permitted" in gate("apply", NAMESPACES, "", "kube-system")


@pytest.mark.parametrize("resource", [CONFIG_MAPS, NAMESPACES])
def test_nothing_passes_of_an_application_that_is_not_permitted_itself(resource: Resource) -> None:
    everything = {**OPEN, "clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}
    place = "work" if resource.namespaced else ""
    world = World(namespace="elsewhere")
    world.says(everything)
    gate = world.gate()
    assert gate("apply", resource, place, "a") == (
        "application 'app' in namespace 'elsewhere' is not permitted to use project 'team'"
    )
    world.says(everything, sourceNamespaces=["else*"])
    assert gate("apply", resource, place, "a") == ""
    world.says(everything, sourceNamespaces=["else*"], permitOnlyProjectScopedClusters=True)
    assert "does not belong to project 'team'" in gate("apply", resource, place, "a")
    world.entry = msgspec.structs.replace(world.entry, project="team")
    assert gate("apply", resource, place, "a") == ""
    world.says(everything, sourceNamespaces=["else*"], destinations=[{"server": "*", "namespace": "x"}])
    assert "do not match any of the allowed destinations" in gate("apply", resource, place, "a")
    world.says(everything, sourceRepos="unreadable")
    assert "cannot be read, so nothing is permitted" in gate("apply", resource, place, "a")
    world.says(None)
    assert "which does not exist" in gate("apply", resource, place, "a")


def test_of_a_project_that_is_gone_things_are_ended_and_nothing_is_made() -> None:
    world = World()
    gate = world.gate(ending=True)
    assert gate("delete", CONFIG_MAPS, "work", "a") == ""
    assert "its project is gone" in gate("patch", CONFIG_MAPS, "work", "a")
    assert gate("create", CONFIG_MAPS, "work", "a") == "create of ConfigMap a: its project is gone"
    world.says(OPEN, namespaceResourceWhitelist=[])
    assert "is not permitted" in gate("delete", CONFIG_MAPS, "work", "a")


def test_what_we_hold_is_let_go_whatever_the_project_says() -> None:
    world = World()
    world.says(OPEN, namespaceResourceWhitelist=[])
    assert world.gate()("release", CONFIG_MAPS, "work", "a") == ""
    world.says(None)
    assert world.gate()("release", CONFIG_MAPS, "work", "a") == ""
    assert world.gate(ending=True)("release", CONFIG_MAPS, "work", "a") == ""
    assert "which does not exist" in world.gate()("patch", CONFIG_MAPS, "work", "a")


def test_what_is_below_an_object_of_the_application_passes_while_it_is_and_nothing_beside_it() -> None:
    world, below = World(), True
    world.says(OPEN, namespaceResourceBlacklist=[{"group": "", "kind": "ConfigMap"}])
    key = ResourceKey("", "ConfigMap", "work", "a")
    world.checks.below(world.app, cast(Cluster, world), key, lambda: below)
    gate = world.gates[-1][0]
    assert gate("delete", CONFIG_MAPS, "work", "a") == ""
    assert "is not permitted" in gate("delete", CONFIG_MAPS, "work", "b")
    below = False
    assert "is not permitted" in gate("delete", CONFIG_MAPS, "work", "a")


def accounts(*rules: tuple[str, str, str]) -> dict[str, Any]:
    found = [
        {"server": server, "namespace": namespace, "defaultServiceAccount": account}
        for server, namespace, account in rules
    ]
    return {**OPEN, "destinationServiceAccounts": found}


@pytest.mark.parametrize(
    ("rules", "account"),
    [
        ([("https://one.*", "work", "deployer")], "system:serviceaccount:work:deployer"),
        ([("*", "*", "ops:deployer")], "system:serviceaccount:ops:deployer"),
        ([("*", "{work,play}", "a"), ("*", "*", "b")], "system:serviceaccount:work:a"),
        ([("https://two.*", "*", "a"), ("*", "*", "b")], "system:serviceaccount:work:b"),
    ],
)
def test_the_first_rule_that_matches_says_as_whom_it_is_written(
    rules: list[tuple[str, str, str]], account: str
) -> None:
    world = World(impersonation=True)
    world.says(accounts(*rules))
    world.gate()
    assert world.gates[-1][1] == account


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ([("*", "", "a")], f"no matching service account found for destination server {SERVER}"),
        ([("*", "[", "weak"), ("*", "*", "strong")], "invalid glob pattern for destination namespace"),
        ([("[", "*", "weak"), ("*", "*", "strong")], "invalid glob pattern for destination server"),
        ([("*", "*", "")], "default service account contains invalid chars ''"),
        ([("*", "*", "a:b:c")], "default service account contains invalid chars 'a:b:c'"),
        ([("*", "*", "*")], "default service account contains invalid chars"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_not_passed_over_for_another(
    rules: list[tuple[str, str, str]], words: str
) -> None:
    world = World(impersonation=True)
    world.says(accounts(*rules))
    with pytest.raises(ImpersonationError, match=words.replace("*", r"\*")):
        world.gate()


def test_without_enforcement_nobody_else_stands_in_and_ourselves_write() -> None:
    world = World(impersonation=True, impersonation_enforced=False)
    world.says(OPEN)
    world.gate()
    assert world.gates[-1][1] == ""


def test_an_account_that_changes_while_something_is_written_stops_it() -> None:
    world = World(impersonation=True)
    world.says(accounts(("*", "*", "a")))
    gate = world.gate()
    assert gate("apply", CONFIG_MAPS, "work", "a") == ""
    world.says(accounts(("*", "*", "b")))
    assert "it is to be written as system:serviceaccount:work:b" in gate("apply", CONFIG_MAPS, "work", "a")
    world.says(OPEN)
    assert "no matching service account found" in gate("apply", CONFIG_MAPS, "work", "a")
