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
        "return load(function() return nil end)",
        "return loadstring('return 1')()",
        "return loadfile('/etc/passwd')",
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


OVERGROWN = [
    "return string.rep('x', 2000000000)",
    "return string.format('%999999d', 1)",
    "return string.gsub(string.rep('x', 4000000), '.', string.rep('y', 4000000))",
    "local t = {} for i = 1, 1000 do t[i] = string.rep('x', 1000000) end return table.concat(t)",
    "local t = {} for i = 1, 100000000 do t[i] = {i} end return t",
    "local s = 'x' while true do s = s .. s end",
]


@pytest.mark.parametrize("script", OVERGROWN)
async def test_a_script_that_wants_too_much_memory_is_ended_and_the_next_is_run(
    scripts: Scripts, script: str
) -> None:
    with pytest.raises(ScriptError) as refused:
        await scripts.lua(script, {}, open_libs=True, seconds=8)
    assert any(word in str(refused.value) for word in ("too large", "too long", "MiB"))
    assert not refused.value.may_pass
    assert await scripts.lua("return string.format('%05.1f', 2.5)", {}, open_libs=True) == "002.5"
    assert await scripts.lua("return (string.gsub('abc', 'b', 'x'))", {}, open_libs=True) == "axc"


async def test_a_script_ends_after_its_instructions_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fairlead.render.scripts.DEADLINE_SECONDS", 120.0)
    patient = Scripts(await asyncio.to_thread(render_engine_binary))
    with pytest.raises(ScriptError, match="more than 50000000 instructions") as refused:
        await patient.lua("while true do end", {}, seconds=100)
    assert refused.value.took_too_long
    await patient.aclose()


async def test_what_a_coroutine_does_is_counted_too(scripts: Scripts) -> None:
    counted = """
    local made = coroutine.create(function(a) local b = coroutine.yield(a + 1) return b * 2 end)
    local _, first = coroutine.resume(made, 1)
    local _, second = coroutine.resume(made, 21)
    local next = coroutine.wrap(function() coroutine.yield("a") coroutine.yield("b") end)
    return {first, second, coroutine.status(made), next(), next()}
    """
    assert await scripts.lua(counted, {}, open_libs=True) == [2, 42, "dead", "a", "b"]
    endless = "local made = coroutine.create(function() while true do end end) coroutine.resume(made)"
    with pytest.raises(ScriptError, match="took longer"):
        await scripts.lua(endless + " while true do end", {}, open_libs=True, seconds=0.2)


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
