"""Generators that change their minds, and sets that are not who they were."""

from __future__ import annotations

import asyncio

import msgspec

from fairlead.applicationset_controller.applying.carry_out import CarryOut
from fairlead.applicationset_controller.applying.change import Preserved
from fairlead.applicationset_controller.applying.wanted import wanted
from fairlead.applicationset_controller.generating.generate import Generated
from fairlead.applicationset_controller.reporting.events import Events
from fairlead.applicationset_controller.templating.application import Made
from fairlead.kube.collection import APPLICATIONS, SECRETS
from fairlead.kube.events import EVENTS
from fairlead.kube.gate import Only
from fairlead.kube.writer import ClusterWriter
from fairlead.model.applicationset import ApplicationSet
from fairlead.render.jq import Jq
from fairlead.webhooks.refresh import REFRESH, Refreshes
from tests.integration.applicationset_controller.lab import Lab, listed
from tests.unit.applicationset_controller.made import an_application


class Flapping:
    """Lacks another one of three each time it is asked."""

    names = ("a", "b", "c")

    def __init__(self) -> None:
        self.asked = 0
        self.flaps = False

    async def __call__(self, _: ApplicationSet) -> Generated:
        self.asked += 1
        lacks = self.names[self.asked % 3] if self.flaps else ""
        made = [Made(application=an_application(name), params={}) for name in self.names if name != lacks]
        return Generated(made=tuple(made), requeue_after=60.0)


async def test_a_generator_that_changes_its_mind_each_time_is_not_asked_without_end(lab: Lab) -> None:
    flapping = Flapping()
    await lab.start(generate=flapping)
    await lab.create_set("fleet", listed())
    before = await lab.until_apps({"a", "b", "c"})
    await lab.until_up_to_date("fleet")
    flapping.flaps, asked = True, flapping.asked
    await lab.change_set("fleet", {"metadata": {"annotations": {"look": "1"}}})
    await lab.until(lambda: _more(flapping, asked), lambda more: more >= 2, what="it is asked again")
    await asyncio.sleep(2)
    assert flapping.asked - asked <= 4
    uids = {name: app["metadata"]["uid"] for name, app in before.items()}
    assert {name: app["metadata"]["uid"] for name, app in (await lab.apps()).items()} == uids


async def _more(flapping: Flapping, asked: int) -> int:
    return flapping.asked - asked


async def test_an_application_is_not_given_to_a_set_that_is_gone(lab: Lab) -> None:
    """A replica may hear of an Application's new owner before it hears of the set that owns it."""
    await lab.start()
    await lab.create_set("fleet", listed("a"))
    before = (await lab.until_apps({"a"}))["a"]
    await lab.until_up_to_date("fleet")
    controller = lab.controller
    assert controller is not None
    known = controller.sets.get((lab.namespace, "fleet"))
    assert known is not None
    metadata = msgspec.structs.replace(known.set.metadata, uid="0b6b1d1c-7b0f-4a52-8c5c-0f9f4e1f2a11")
    writes = CarryOut(
        msgspec.structs.replace(known.set, metadata=metadata),
        lab.client,
        ClusterWriter(lab.client, fence=lambda: True, gate=Only(APPLICATIONS), field_manager="test"),
        children=controller.children,
        events=Events(
            ClusterWriter(lab.client, fence=lambda: False, gate=Only(EVENTS), field_manager="test")
        ),
        jq=Jq(1.0),
        preserved=Preserved(),
        updates=True,
    )
    wants = wanted(known.set, an_application("a"))
    failed = await writes.update([wants], {})
    assert failed == {"a": "ApplicationSet fleet is another one now; it is looked at anew"}
    after = await lab.app("a")
    assert after is not None
    assert after["metadata"]["ownerReferences"] == before["metadata"]["ownerReferences"]


class Slow:
    """Answers with what was there when it was asked, once it may."""

    def __init__(self) -> None:
        self.there = ("a",)
        self.asked = 0
        self.may = asyncio.Event()

    async def __call__(self, _: ApplicationSet) -> Generated:
        self.asked += 1
        seen = self.there
        await self.may.wait()
        made = [Made(application=an_application(name), params={}) for name in seen]
        return Generated(made=tuple(made), requeue_after=3600.0)


async def test_an_event_that_comes_while_a_set_is_generated_is_not_lost(lab: Lab) -> None:
    slow = Slow()
    slow.may.set()
    await lab.start(generate=slow)
    await lab.create_set("fleet", listed())
    await lab.until_apps({"a"})
    await lab.until_up_to_date("fleet")
    slow.may.clear()
    asked = slow.asked
    refreshes = Refreshes(lab.client)
    await refreshes.ask([(lab.namespace, "fleet")])
    await lab.until(lambda: _times(slow, asked), lambda more: more == 1, what="the host is asked")
    slow.there = ("a", "b")
    await refreshes.ask([(lab.namespace, "fleet")])
    slow.may.set()
    await lab.until_apps({"a", "b"})
    await lab.until_set("fleet", lambda aset: REFRESH not in aset["metadata"].get("annotations", {}))


async def _times(slow: Slow, asked: int) -> int:
    return slow.asked - asked


SECRET_TYPE = "argocd.argoproj.io/secret-type"


class OfClusters:
    """One Application for each cluster that was there when it was asked, told once the next one is known."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._is_first = True

    def names(self) -> list[str]:
        assert self._lab.controller is not None
        return [cluster.name for cluster in self._lab.controller.clusters.all() if cluster.has_secret]

    async def __call__(self, _: ApplicationSet) -> Generated:
        names = self.names()
        if self._is_first:
            self._is_first = False
            await self._lab.client.create(SECRETS, A_CLUSTER, self._lab.namespace)
            while "late" not in self.names():
                await asyncio.sleep(0.01)
        return Generated(made=tuple(Made(application=an_application(it), params={}) for it in names))


A_CLUSTER = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "late", "labels": {SECRET_TYPE: "cluster"}},
    "stringData": {"server": "https://late.example", "name": "late"},
}


async def test_a_cluster_that_comes_while_a_set_is_first_generated_is_not_missed(lab: Lab) -> None:
    await lab.start(generate=OfClusters(lab))
    aset = listed()
    selector = {"matchExpressions": [{"key": SECRET_TYPE, "operator": "Exists"}]}
    aset["spec"]["generators"] = [{"clusters": {"selector": selector}}]
    await lab.create_set("fleet", aset)
    await lab.until_apps({"late"})
