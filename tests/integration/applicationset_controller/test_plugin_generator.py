"""The plugin generator asks a real HTTP service, and takes a whole answer or none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from fairlead.applicationset_controller.generating.errors import PARAMETERS, GenerationError
from fairlead.applicationset_controller.generating.generate import generate
from fairlead.local.ports import LOOPBACK, choose_port
from fairlead.matching.networks import Networks
from fairlead.model.applicationset import ApplicationSet
from fairlead.model.decode import from_object
from fairlead.outbound import Outbound
from fairlead.render import Scripts
from tests.fakes.set_sources import MemorySources

Answer = Callable[[], web.Response]
"""A response is sent once."""


class Plugin:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.port = choose_port(0)
        self.asked: list[tuple[str, str, Any]] = []
        self.answer: Answer | None = None

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, request.headers["Authorization"], await request.json()))
        assert self.answer is not None
        return self.answer()


@pytest_asyncio.fixture(loop_scope="session")
async def plugin() -> AsyncIterator[Plugin]:
    found = Plugin()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, found.port).start()
    yield found
    await runner.cleanup()


async def names(plugin: Plugin, **config: str) -> list[str]:
    """The names and annotations of what a set comes to."""
    data = {"baseUrl": f"http://{LOOPBACK}:{plugin.port}/base/", "token": "$plugin:key", **config}
    http = Outbound(Networks(opened=(ip_network("127.0.0.0/8"),)))
    sources = MemorySources(
        config_maps={"plugin": data},
        secrets={"plugin": {"key": "hunter2\n"}, "argocd-secret": {"own": "mine"}},
        http=http,
    )
    generator = {
        "configMapRef": {"name": "plugin"},
        "input": {"parameters": {"a": "b"}},
        "values": {"v": "{{n}}!"},
    }
    note = "{{deep.x}} {{values.v}} {{generator.input.parameters.a}}"
    template = {"metadata": {"name": "{{n}}", "annotations": {"note": note}}}
    aset = from_object(
        {"metadata": {"name": "set"}, "spec": {"generators": [{"plugin": generator}], "template": template}},
        ApplicationSet,
    )
    try:
        generated = await generate(aset, sources, Scripts(None))
    finally:
        await http.close()
    assert generated.requeue_after == 1800
    found = [one.application["metadata"] for one in generated.made]
    return [f"{one['name']}: {one['annotations']['note']}" for one in found]


def output(*parameters: Any) -> Answer:
    return lambda: web.json_response({"output": {"parameters": list(parameters)}})


async def test_what_a_plugin_answers_are_parameters(plugin: Plugin) -> None:
    plugin.answer = output({"n": "one", "deep": {"x": 1}}, {"n": "two", "deep": {"x": True}})
    assert await names(plugin) == ["one: 1 one! b", "two: true two! b"]
    question = {"applicationSetName": "set", "input": {"parameters": {"a": "b"}}}
    assert plugin.asked == [("/base/api/v1/getparams.execute", "Bearer hunter2", question)]
    await names(plugin, token="$own", requestTimeout="5")
    assert plugin.asked[-1][1] == "Bearer mine"
    plugin.answer = output()
    assert await names(plugin) == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: web.json_response({"output": {}}), "cannot be read"),
        (lambda: web.json_response([]), "cannot be read"),
        (lambda: web.Response(text="{"), "cannot be read"),
        (lambda: web.Response(status=500), "500"),
        (lambda: web.Response(status=302, headers={"Location": "http://elsewhere.example.com"}), "302"),
        (
            lambda: web.json_response({"output": {"parameters": [{"n": "x" * (9 << 20)}]}}),
            "larger than 8 MiB",
        ),
        (lambda: web.json_response({"output": {"parameters": [{}] * 10_001}}), "more than 10000 objects"),
    ],
)
async def test_an_answer_that_is_none_fails_the_set(plugin: Plugin, answer: Answer, words: str) -> None:
    plugin.answer = answer
    with pytest.raises(GenerationError, match=words) as raised:
        await names(plugin)
    assert raised.value.reason == PARAMETERS
    assert "hunter2" not in raised.value.message


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"token": "plain"}, "does not reference a secret key starting with '\\$'"),
        ({"token": "$gone:key"}, "secret argocd/gone not found"),
        ({"token": "$plugin:gone"}, 'key "gone" not found in secret argocd/plugin'),
        ({"baseUrl": ""}, "baseUrl not found in ConfigMap plugin"),
        ({"requestTimeout": "soon"}, "requestTimeout of ConfigMap plugin is no number of seconds"),
        ({"baseUrl": "file:///etc"}, "is no address that begins with"),
    ],
)
async def test_a_configuration_that_is_none_asks_nobody(
    plugin: Plugin, config: dict[str, str], words: str
) -> None:
    with pytest.raises(GenerationError, match=words):
        await names(plugin, **config)
    assert plugin.asked == []
