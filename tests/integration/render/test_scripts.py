"""What scripts of people come to, and that none of them gets anywhere else."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fairlead.local.builds import render_engine_binary
from fairlead.render import ScriptError, Scripts


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def scripts() -> AsyncIterator[Scripts]:
    found = Scripts(await asyncio.to_thread(render_engine_binary))
    yield found
    await found.aclose()


async def test_an_object_comes_out_of_lua_as_it_went_in(scripts: Scripts) -> None:
    obj = {
        "metadata": {"labels": {}, "generation": 9007199254740993, "finalizers": []},
        "spec": {"ratio": 0.1, "whole": 3, "text": "3", "emptyDir": {}, "list": [{"a": {}}, {"b": []}]},
    }
    came = await scripts.lua("obj.spec.whole = 4\nreturn obj", {"obj": obj})
    assert came.pop("spec") == {**obj["spec"], "whole": 4}  # type: ignore[dict-item]
    assert came == {"metadata": obj["metadata"]} | {
        "metadata": {"labels": {}, "generation": 9007199254740993, "finalizers": []}
    }


async def test_an_empty_map_stays_one_wherever_a_script_puts_it(scripts: Scripts) -> None:
    obj = {"template": {"metadata": {}, "labels": {"a": "b"}, "list": []}}
    script = """
    local t = obj.template
    t.labels.a = nil
    return {{operation = "create", resource = {kind = "Job", spec = t, own = {}}}}
    """
    (made,) = await scripts.lua(script, {"obj": obj})
    assert made["resource"] == {
        "kind": "Job",
        "spec": {"metadata": {}, "labels": {}, "list": []},
        "own": [],
    }


@pytest.mark.parametrize(
    "script",
    [
        "return io.open('/etc/passwd')",
        "return os.execute('true')",
        "return os.getenv('PATH')",
        "return dofile('/etc/passwd')",
        "return require('socket')",
        "return debug.getinfo(1)",
        "return package.loadlib('x', 'y')()",
        "return string.rep('x', 3)",
        "error('as it was said', 0)",
        "return function() end",
        "local t = {} t.t = t return t",
        "return {[1.5] = 1}",
        "this is no Lua",
    ],
)
async def test_lua_without_open_libraries_reaches_nothing(scripts: Scripts, script: str) -> None:
    with pytest.raises(ScriptError):
        await scripts.lua(script, {"obj": {}})


async def test_what_never_ends_is_ended_and_the_next_script_is_run(scripts: Scripts) -> None:
    with pytest.raises(ScriptError, match="took longer"):
        await scripts.lua("while true do end", {}, seconds=0.2)
    with pytest.raises(ScriptError):
        await scripts.lua("local t = 'x' while true do t = t .. t end", {}, open_libs=True, seconds=5)
    with pytest.raises(ScriptError):
        await scripts.lua("local function f() return 1 + f() end return f()", {})
    assert await scripts.lua("return string.upper('still here')", {}, open_libs=True) == "STILL HERE"
    assert await scripts.lua('local os = require("os") return os.time() > 0', {}) is True


async def test_templates_and_expressions_see_their_variables_alone(scripts: Scripts) -> None:
    variables = {"app": {"name": "web", "replicas": 3}}
    assert await scripts.template("{{ .app.name | upper }}/{{ .app.replicas }}", variables) == "WEB/3"
    assert await scripts.expression('app.name startsWith "w" && app.replicas > 2', variables) is True
    for text in ("{{ env `PATH` }}", "{{ expandenv `$PATH` }}", "{{ getHostByName `localhost` }}", "{{"):
        with pytest.raises(ScriptError):
            await scripts.template(text, variables)
    with pytest.raises(ScriptError):
        await scripts.expression("app.name +", variables)


async def test_without_an_engine_a_script_is_refused_in_words() -> None:
    with pytest.raises(ScriptError, match="no render engine"):
        await Scripts(None).lua("return 1", {})
