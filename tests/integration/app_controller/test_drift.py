"""The drift journal: who changed what of a managed object outside Git, when, and what became of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest_asyncio

from fairlead.bus import Bus, BusConfig
from fairlead.bus.topology import DRIFT_BUCKET
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.kube.collection import APPLICATIONS, CONFIG_MAPS, SECRETS
from fairlead.kube.resource import Resource
from fairlead.model.drift import DriftEntry
from fairlead.rpc import ApplicationQuery
from fairlead.rpc.drift import DRIFT, DriftJournal
from tests.integration.app_controller.lab import (
    DEPLOYMENTS,
    PATIENCE,
    SECRET,
    Document,
    Lab,
    automated,
    config_map,
    deployment,
)


class Reader:
    """Asks for the journal as the api-server does, and follows the public events."""

    def __init__(self, lab: Lab, bus: Bus) -> None:
        self._lab = lab
        self.bus = bus
        self.told: list[Document] = []

    async def journal(self) -> DriftJournal:
        question = encode(ApplicationQuery(namespace=self._lab.namespace, name="app"))
        subject = subjects.rpc_controller(0, DRIFT)
        return decode(DriftJournal, await self.bus.request(subject, question, timeout=60, patience=30))

    async def until(self, wanted: Callable[[tuple[DriftEntry, ...]], bool]) -> tuple[DriftEntry, ...]:
        entries = (await self.journal()).entries
        try:
            async with asyncio.timeout(PATIENCE):
                while not wanted(entries):
                    await asyncio.sleep(0.05)
                    entries = (await self.journal()).entries
        except TimeoutError:
            raise AssertionError(f"waited in vain: {entries}") from None
        return entries

    async def hear(self, message: Any) -> None:
        self.told.append(msgspec.json.decode(message.data))


@pytest_asyncio.fixture(loop_scope="session")
async def reader(lab: Lab) -> AsyncIterator[Reader]:
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="api-server", secret=SECRET.encode()))
    found = Reader(lab, bus)
    outsider = await Bus.connect(BusConfig(url=lab.nats.url, service="events-reader"))
    await outsider.client.subscribe(subjects.public_app(lab.namespace, "app", "drifted"), cb=found.hear)
    yield found
    await outsider.close()
    await bus.close()


def ended(entries: tuple[DriftEntry, ...]) -> bool:
    return bool(entries) and all(entry.end for entry in entries)


def said(entry: DriftEntry) -> tuple[str, ...]:
    return entry.field, entry.old, entry.new, entry.manager, entry.operation, entry.subresource


async def kept(lab: Lab, wanted: Callable[[bytes | None], bool]) -> None:
    """Wait until the bucket has of the application what is wanted."""
    bus = await Bus.connect(BusConfig(url=lab.nats.url, service="app-controller", secret=SECRET.encode()))
    bucket = bus.key_value(DRIFT_BUCKET)
    try:
        async with asyncio.timeout(PATIENCE):
            while not wanted(entry.value if (entry := await bucket.get(f"{lab.namespace}.app")) else None):
                await asyncio.sleep(0.05)
    finally:
        await bus.close()


async def patch(
    lab: Lab, resource: Resource, name: str, body: Document, *, by: str, subresource: str = ""
) -> None:
    """What somebody writes, in the name of a program."""
    await lab.client.merge_patch(
        resource, name, body, lab.workloads, subresource=subresource, params={"fieldManager": by}
    )


def secret(word: str) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "login"},
        "stringData": {"password": word},
    }


async def test_each_change_by_hand_is_told_with_who_made_it_and_is_healed(lab: Lab, reader: Reader) -> None:
    lab.renderer.holds(lab.repo, [deployment(replicas=2), config_map(colour="blue"), secret("wished")])
    await lab.create_app(**automated())
    await lab.synced()
    assert (await reader.journal()).entries == ()

    await patch(lab, DEPLOYMENTS, "web", {"spec": {"replicas": 5}}, by="kubectl", subresource="scale")
    await reader.until(lambda entries: len(entries) == 1)
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"colour": "red", "more": "x"}}, by="kubectl-edit")
    await patch(lab, SECRETS, "login", {"stringData": {"password": "intruder"}}, by="somebody")
    entries = await reader.until(lambda entries: len(entries) == 3 and ended(entries))
    assert {(entry.kind, *said(entry)) for entry in entries} == {
        ("Deployment", ".spec.replicas", "2", "5", "kubectl", "Update", "scale"),
        ("ConfigMap", ".data.colour", '"blue"', '"red"', "kubectl-edit", "Update", ""),
        ("Secret", ".data.password", '"++++++++"', '"++++++++++++"', "somebody", "Update", ""),
    }
    for entry in entries:
        assert (entry.end, entry.namespace) == ("healed", lab.workloads)
        assert entry.at <= entry.seen <= entry.ended
    await lab.synced()
    (first, *_) = reader.told[0]["data"]["fields"]
    assert (first["field"], first["old"], first["new"]) == (".spec.replicas", "2", "5")
    assert first["manager"] == "kubectl"

    await lab.client.delete(CONFIG_MAPS, "settings", lab.workloads)
    *_, deleted = await reader.until(lambda entries: len(entries) == 4 and ended(entries))
    assert (said(deleted), deleted.kind, deleted.end) == (("", "", "", "", "", ""), "ConfigMap", "healed")
    await lab.eventually(lambda: {"name": "settings"}.items() <= reader.told[-1]["data"]["fields"][0].items())
    everything = repr((await reader.journal(), reader.told))
    for word in ("wished", "intruder", "d2lzaGVk", "aW50cnVkZXI="):
        assert word not in everything


async def test_what_stands_is_followed_until_it_is_overwritten_reverted_or_accepted(
    lab: Lab, reader: Reader
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue", shape="round", size="1")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, by="one")
    await reader.until(lambda entries: len(entries) == 1)
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"colour": "green", "shape": "flat"}}, by="two")
    first, *others = await reader.until(lambda entries: len(entries) == 3)
    assert (said(first)[:4], first.end) == ((".data.colour", '"blue"', '"red"', "one"), "overwritten")
    assert {(said(entry)[:4], entry.end) for entry in others} == {
        ((".data.colour", '"red"', '"green"', "two"), ""),
        ((".data.shape", '"round"', '"flat"', "two"), ""),
    }
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"shape": "round"}}, by="three")
    entries = await reader.until(lambda entries: sum(not entry.end for entry in entries) == 1)
    assert [(entry.field, entry.end) for entry in entries if entry.field == ".data.shape"] == [
        (".data.shape", "reverted")
    ]
    revision = await lab.renderer.commit(lab.repo, [config_map(colour="green", shape="round", size="2")])
    await lab.synced(revision=revision)
    entries = await reader.until(ended)
    assert [entry.end for entry in entries] == ["overwritten", "accepted", "reverted"]
    assert len(reader.told) == 1, "one drift is told once"


async def test_a_journal_survives_restarts_and_what_happened_meanwhile_is_found(
    lab: Lab, reader: Reader
) -> None:
    lab.renderer.holds(lab.repo, [config_map(colour="blue"), config_map("other", a="1")])
    await lab.create_app(**automated(selfHeal=False))
    await lab.synced()
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"colour": "red"}}, by="one")
    await reader.until(lambda entries: len(entries) == 1)
    before = await reader.journal()
    await kept(lab, lambda value: value is not None)
    await lab.stop()
    await patch(lab, CONFIG_MAPS, "settings", {"data": {"colour": "blue"}}, by="two")
    await lab.start()
    (entry,) = await reader.until(ended)
    assert (entry.end, entry.at) == ("reverted", before.entries[0].at)
    assert (await reader.journal()).since == before.since
    await lab.synced()

    await lab.stop()
    await patch(lab, CONFIG_MAPS, "other", {"data": {"a": "2"}}, by="night-shift")
    await lab.start()
    *_, late = await reader.until(lambda entries: len(entries) == 2)
    assert said(late)[:4] == (".data.a", '"1"', '"2"', "night-shift")
    assert (late.late, late.end) == (True, "")
    await lab.patch_app({"operation": {"sync": {}}})
    *_, late = await reader.until(ended)
    assert late.end == "healed"
    await lab.client.delete(APPLICATIONS, "app", lab.namespace)
    await lab.gone()
    await kept(lab, lambda value: value is None)
