"""What a set would come to, asked over NATS of a running controller."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from fairlead.bus import Bus, BusConfig, RemoteError
from fairlead.events import subjects
from fairlead.events.envelope import decode, encode
from fairlead.local.builds import render_engine_binary
from fairlead.local.nats_server import NatsServer
from fairlead.rpc.sets import GENERATE, GenerateApplications, GeneratedApplications
from tests.integration.applicationset_controller.lab import FINALIZER, Lab, Object, listed


async def test_what_a_set_would_come_to_is_told_and_nothing_is_made(
    lab: Lab, nats_server: NatsServer
) -> None:
    await lab.start()
    await lab.create_set("fleet", listed("one", "two"))
    await lab.until_up_to_date("fleet")
    asker = await Bus.connect(BusConfig(url=nats_server.url, service="api-server"))

    async def ask(body: Object, name: str = "fleet", namespace: str = "") -> GeneratedApplications:
        metadata = {"name": name, "namespace": namespace or lab.namespace, "uid": "made-up"}
        question = GenerateApplications(application_set=msgspec.json.encode({"metadata": metadata, **body}))
        subject = subjects.rpc_sets(GENERATE)
        return decode(
            GeneratedApplications, await asker.request(subject, encode(question), timeout=60, patience=60)
        )

    try:
        before = len(lab.sent)
        made = await ask(listed("two", "three"))
        assert (made.creates, made.updates, made.deletes) == (("three",), (), ("one",))
        two, three = msgspec.json.decode(made.applications)
        assert two["metadata"] == {"name": "two", "finalizers": [FINALIZER]}
        assert three["spec"]["source"]["path"] == "apps/three"
        made = await ask(listed("new"), name="another")
        assert (made.creates, made.deletes) == (("new",), ())
        twice = await ask(listed("x", "x"), name="another")
        assert "duplicate name" in twice.problems["x"]
        nothing: Object = {"spec": {"generators": [{}], "template": listed()["spec"]["template"]}}
        with pytest.raises(RemoteError) as refused:
            await ask(nothing)
        assert refused.value.code == "InvalidArgument"
        with pytest.raises(RemoteError, match="not this controller's"):
            await ask(listed("x"), namespace="kube-system")
        assert lab.writes(since=before) == []
        assert set(await lab.apps()) == {"one", "two"}
    finally:
        await asker.close()


async def test_a_question_without_end_keeps_no_set_waiting(
    lab: Lab, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairlead.render.scripts.FILL_SECONDS", 300.0)
    engine = await asyncio.to_thread(render_engine_binary)
    lab.config = msgspec.structs.replace(lab.config, render_engine=engine)
    await lab.start()
    asker = await Bus.connect(BusConfig(url=nats_server.url, service="api-server"))
    endless = with_go("{{range until 100000}}{{range until 100000}}{{end}}{{end}}")
    whose = {"name": "endless", "namespace": lab.namespace}
    question = GenerateApplications(application_set=msgspec.json.encode({"metadata": whose, **endless}))
    asking = asyncio.create_task(
        asker.request(subjects.rpc_sets(GENERATE), encode(question), timeout=300, patience=60)
    )
    try:
        await lab.create_set("fleet", with_go("{{.name | upper | lower}}"))
        await lab.until_up_to_date("fleet")
        assert set(await lab.apps()) == {"one"}
        assert not asking.done()
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asker.close()


def with_go(name: str) -> Object:
    """A set of one, whose name is a Go template."""
    spec: Object = listed("one")["spec"]
    written = msgspec.json.encode(spec["template"]).replace(b"{{name}}", b"one")
    made = msgspec.json.decode(written)
    made["metadata"]["name"] = name
    return {"spec": {**spec, "goTemplate": True, "template": made}}
