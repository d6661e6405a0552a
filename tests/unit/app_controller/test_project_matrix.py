"""What an application may write, in thousands of cases, as a plain oracle after the contract says it."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any, cast

import msgspec
import pytest

from fairlead.app_controller.comparing.validate import Checks
from fairlead.app_controller.destination.cluster import Cluster
from fairlead.app_controller.destination.entry import Entry
from fairlead.app_controller.following.projects import Projects
from fairlead.kube.gate import Gate
from fairlead.kube.head import decode_head
from fairlead.kube.resource import Resource
from fairlead.kube.rest import KubeClient
from fairlead.matching.inheritance import GlobalProject
from fairlead.matching.scoped import Scoped
from fairlead.model.application import Application
from fairlead.model.decode import from_object
from fairlead.model.metadata import LabelSelector
from fairlead.settings import ControllerSettings
from tests.unit.matching import project_oracle as oracle
from tests.unit.matching import project_worlds as worlds
from tests.unit.matching.project_oracle import CONTROL, Object, Spec, World

PROJECTS = 900
OBJECTS = 8
"""900 projects, each with an application and eight objects: 7,200 cases, and 900 of sources."""
HEIRS = LabelSelector(match_labels={"inherits": "yes"})


class Laid:
    """One application, in one project, in one cluster, as the controller sees them."""

    def __init__(self, spec: Spec, world: World, givers: tuple[Spec, ...]) -> None:
        self.entry = Entry(server=world.server, name=world.cluster, project=world.cluster_project)
        self.server = world.server
        self.gate: Gate
        names = [f"giver-{at}" for at in range(len(givers))]
        self.projects = Projects(
            cast(KubeClient, None),
            CONTROL,
            on_change=lambda _: None,
            global_projects=lambda: tuple(GlobalProject(name=name, heirs=HEIRS) for name in names),
            own=lambda _: Scoped(world.own_repositories, world.own_servers),
        )
        for name, given in zip(names, givers, strict=True):
            self._take(name, given)
        self._take(world.project, spec, inherits="yes")
        self.checks = Checks(self.projects, cast(Any, self), ControllerSettings, CONTROL)
        destination = {"server": world.server, "namespace": world.home}
        metadata = {"name": "app", "namespace": world.app_namespace}
        body = {"metadata": metadata, "spec": {"project": world.project, "destination": destination}}
        self.app = from_object(body, Application)
        self.checks.writer(self.app, cast(Cluster, self))

    def writing(self, gate: Gate, account: str = "") -> None:
        self.gate = gate

    def _take(self, name: str, spec: Spec, **labels: str) -> None:
        body = {"metadata": {"name": name, "namespace": CONTROL, "labels": labels}, "spec": spec}
        raw = msgspec.json.encode(body)
        self.projects.collection._on_put(decode_head(raw), raw)
        assert name not in self.projects.unreadable


def resource_of(obj: Object) -> Resource:
    return Resource(
        group=obj.group,
        version="v1",
        plural=f"{obj.kind.lower()}s",
        kind=obj.kind,
        namespaced=obj.namespaced,
    )


def source(url: str) -> Any:
    body = {"spec": {"source": {"repoURL": url, "path": "."}, "destination": {}}, "metadata": {"name": "x"}}
    return from_object(body, Application).spec.effective_sources()


@pytest.mark.parametrize("part", range(6))
def test_the_gate_lets_pass_what_the_contract_permits_and_nothing_else(part: int) -> None:
    random, seen = Random(part), Counter[tuple[bool, bool, bool]]()  # noqa: S311
    for _ in range(PROJECTS // 6):
        spec, world = worlds.project(random), worlds.world(random)
        givers = tuple(worlds.giver(random) for _ in range(random.choice((0, 0, 1, 2))))
        laid, whole = Laid(spec, world, givers), oracle.inherited(spec, givers)
        for _ in range(OBJECTS):
            obj = worlds.thing(random, world.home)
            permitted = oracle.permits_object(whole, world, obj)
            refused = laid.gate("apply", resource_of(obj), obj.namespace, obj.name)
            assert (not refused) is permitted, (whole, world, obj, refused)
            permission = laid.checks.permits(laid.app, laid.entry)
            assert permission(obj.group, obj.kind, obj.namespace, obj.name, obj.namespaced) is permitted
            seen[permitted, obj.namespaced, world.app_namespace == CONTROL] += 1
        url = random.choice(worlds.REPOSITORIES)
        refused = laid.checks.forbidden(laid.app, source(url))
        assert (not refused) is oracle.permits_source(whole, world, url), (whole, world, url, refused)
    assert len(seen) == 8
    assert min(seen.values()) >= 10, "every kind of case is met, permitted and refused"


def test_the_matrix_has_more_than_five_thousand_cases() -> None:
    assert PROJECTS * OBJECTS >= 5000
