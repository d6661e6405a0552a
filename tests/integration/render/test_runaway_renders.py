"""A render that never ends, swells or prints without end costs only itself, and says where it was."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from fairlead.render import (
    EngineBusyError,
    EngineConfig,
    EngineDiedError,
    EngineStarvedError,
    PoolConfig,
    RenderInvalidError,
    RenderKilledError,
    RenderPool,
    RenderRequest,
    RenderResult,
)
from tests.integration.render.engine_fixtures import MakeRepository, Repository

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\n"
ENDLESS = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
SMALL = 200 << 20


@pytest_asyncio.fixture
async def small_pool(engine_binary: Path) -> AsyncIterator[RenderPool]:
    """Two engines with little memory."""
    engine = EngineConfig(binary=engine_binary, memory_bytes=SMALL, deadline_seconds=30, output_bytes=1 << 20)
    async with RenderPool(PoolConfig(engine=engine, queue=3)) as running:
        yield running


def chart(repository: Repository, template: str) -> RenderRequest:
    """A chart with a good template and one that is given."""
    files = {"web/Chart.yaml": CHART, "web/templates/a.yaml": CONFIG, "web/templates/b.yaml": template}
    return RenderRequest(mirror=repository.mirror, commit=repository.commit(files), path="web")


def plain(repository: Repository, content: str | bytes, name: str = "app/a.yaml") -> RenderRequest:
    """One manifest."""
    return RenderRequest(mirror=repository.mirror, commit=repository.commit({name: content}), path="app")


async def until_judged(pool: RenderPool, request: RenderRequest, seconds: float) -> None:
    """Render, again while a loaded machine gives the engine no time."""
    while True:
        with contextlib.suppress(EngineStarvedError):
            await pool.render(request, deadline_seconds=seconds)
            return


async def test_a_template_that_never_ends_is_stopped_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    with pytest.raises(RenderKilledError, match=r"web/templates/b\.yaml took longer than 1\.5 s") as caught:
        await until_judged(small_pool, chart(repository, ENDLESS), 1.5)
    assert (caught.value.code, caught.value.file) == ("deadline", "web/templates/b.yaml")


async def test_a_template_that_another_one_includes_does_not_take_the_blame(
    small_pool: RenderPool, repository: Repository
) -> None:
    files = {
        "web/Chart.yaml": CHART,
        "web/templates/a.yaml": CONFIG,
        "web/templates/b.yaml": '# {{ include (print $.Template.BasePath "/a.yaml") . | sha256sum }}\n'
        + ENDLESS,
    }
    request = RenderRequest(mirror=repository.mirror, commit=repository.commit(files), path="web")
    with pytest.raises(RenderKilledError) as caught:
        await until_judged(small_pool, request, 1.5)
    assert caught.value.file == "web/templates/b.yaml"


@pytest.mark.parametrize(
    "template",
    [
        "{{ range until 1000000000 }}{{ end }}",
        '{{ range until 100000 }}{{ repeat 1000 "text" }}{{ end }}',
        '{{ $x := "aaaaaaaaaaaaaaaa" }}{{ range until 40 }}{{ $x = print $x $x }}{{ end }}',
    ],
    ids=["a list of a billion", "printing without end", "a text that doubles"],
)
async def test_a_template_that_swells_is_stopped_and_named(
    template: str, small_pool: RenderPool, repository: Repository
) -> None:
    with pytest.raises(RenderKilledError, match=r"more than 200 MiB") as caught:
        await small_pool.render(chart(repository, template))
    assert (caught.value.code, caught.value.file) == ("memory", "web/templates/b.yaml")


async def test_a_template_that_includes_itself_is_an_error_of_the_chart(
    small_pool: RenderPool, repository: Repository
) -> None:
    template = '{{ define "again" }}{{ include "again" . }}{{ end }}{{ include "again" . }}'
    with pytest.raises(RenderInvalidError, match="nested reference"):
        await small_pool.render(chart(repository, template))


async def test_printing_more_than_the_bound_is_refused(
    small_pool: RenderPool, repository: Repository
) -> None:
    template = CONFIG + 'data:\n  text: {{ repeat 2000000 "x" }}\n'
    with pytest.raises(RenderInvalidError, match=r"exceed 1048576 bytes") as caught:
        await small_pool.render(chart(repository, template))
    assert (caught.value.code, caught.value.file) == ("limit", "web/templates/b.yaml")


async def test_aliases_that_multiply_are_refused_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    bomb = CONFIG + "a0: &a0 [lol, lol]\n" + "\n".join(levels) + "\n"
    with pytest.raises(RenderInvalidError) as caught:
        await small_pool.render(plain(repository, bomb))
    assert caught.value.file == "app/a.yaml"


@pytest.mark.parametrize(
    "content",
    [
        CONFIG + "deep: " + "[" * 20_000 + "]" * 20_000,
        CONFIG + "".join(f"{' ' * i}k:\n" for i in range(1, 12_000)),
        CONFIG + "key: \x01\x02",
        b"\xff\xfe\x00\xd8" * 10,
    ],
    ids=["brackets", "indentation", "control characters", "broken text"],
)
async def test_hostile_text_is_refused_or_left_out(
    content: str | bytes, small_pool: RenderPool, repository: Repository
) -> None:
    request = plain(repository, content)
    try:
        result = await small_pool.render(request)
    except RenderInvalidError as error:
        assert error.file == "app/a.yaml"
    else:
        assert result.documents == []


@pytest.mark.parametrize("tool", ["directory", "helm", "kustomize"])
async def test_an_object_nested_too_deep_for_its_readers_is_refused(
    tool: str, small_pool: RenderPool, repository: Repository
) -> None:
    nested = CONFIG + "deep: " + "[" * 250 + "]" * 250 + "\n"
    request = chart(repository, nested) if tool == "helm" else plain(repository, nested)
    if tool == "kustomize":
        commit = repository.commit({"app/kustomization.yaml": "resources: [a.yaml]\n"})
        request = msgspec.structs.replace(request, commit=commit)
    with pytest.raises(RenderInvalidError, match="nested deeper than 200"):
        await small_pool.render(request)


async def test_files_larger_than_the_bound_together_are_refused(
    small_pool: RenderPool, repository: Repository
) -> None:
    files = {f"app/{n}.yaml": f"{CONFIG}data:\n  text: {'x' * 3_000_000}\n" for n in range(4)}
    request = RenderRequest(mirror=repository.mirror, commit=repository.commit(files), path="app")
    with pytest.raises(
        RenderInvalidError, match=r"exceeded max combined manifest file size|exceed 1048576"
    ) as caught:
        await small_pool.render(request)
    assert caught.value.code == "limit"


async def test_neighbours_of_a_killed_render_are_unaffected(
    small_pool: RenderPool, repository: Repository, make_repository: MakeRepository
) -> None:
    bad = chart(repository, "{{ range until 1000000000 }}{{ end }}")
    good = plain(make_repository(), CONFIG)

    async def renders() -> list[RenderResult]:
        return [await small_pool.render(good) for _ in range(20)]

    killed, results = await asyncio.gather(small_pool.render(bad), renders(), return_exceptions=True)
    assert isinstance(killed, RenderKilledError)
    assert isinstance(results, list)
    assert all(result == results[0] for result in results)


async def test_a_killed_child_costs_one_retry(small_pool: RenderPool, repository: Repository) -> None:
    request = chart(repository, "{{ range until 3000 }}{{ range until 1000 }}{{ end }}{{ end }}")
    (pid,) = small_pool.pids
    rendering = asyncio.create_task(small_pool.render(request))
    while small_pool.pids:
        await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    assert len((await rendering).documents) == 1
    assert pid not in small_pool.pids


async def test_an_idle_child_that_died_is_replaced_unnoticed(
    small_pool: RenderPool, repository: Repository
) -> None:
    request = plain(repository, CONFIG)
    for pid in small_pool.pids:
        os.kill(pid, signal.SIGKILL)
    assert len((await small_pool.render(request)).documents) == 1


async def test_a_cancelled_render_leaves_no_child_at_work(
    small_pool: RenderPool, repository: Repository
) -> None:
    (pid,) = small_pool.pids
    rendering = asyncio.create_task(small_pool.render(chart(repository, ENDLESS)))
    while small_pool.pids:
        await asyncio.sleep(0)
    rendering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert len((await small_pool.render(plain(repository, CONFIG))).documents) == 1


async def test_a_full_queue_says_so_at_once(small_pool: RenderPool, repository: Repository) -> None:
    request = chart(repository, ENDLESS)
    renders = [asyncio.create_task(small_pool.render(request)) for _ in range(5)]
    await asyncio.sleep(0.1)
    with pytest.raises(EngineBusyError, match="3 renders wait already"):
        await small_pool.render(request)
    for render in renders:
        render.cancel()
    await asyncio.gather(*renders, return_exceptions=True)


async def test_a_binary_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(EngineDiedError, match="none"):
        async with RenderPool(PoolConfig(engine=EngineConfig(binary=tmp_path / "none"))):
            pass


async def test_a_program_that_is_no_engine_is_told_apart(tmp_path: Path, repository: Repository) -> None:
    impostor = tmp_path / "impostor"
    impostor.write_text("#!/bin/sh\necho 'fatal error: nothing here' >&2\nexit 3\n")
    impostor.chmod(0o755)
    request = plain(repository, CONFIG)
    async with RenderPool(PoolConfig(engine=EngineConfig(binary=impostor))) as pool:
        with pytest.raises(EngineDiedError, match="nothing here"):
            await pool.render(request)


async def test_leaving_the_pool_leaves_no_process(engine_binary: Path, repository: Repository) -> None:
    request = plain(repository, CONFIG)
    async with RenderPool(PoolConfig(engine=EngineConfig(binary=engine_binary))) as pool:
        await asyncio.gather(*(pool.render(request) for _ in range(8)))
        groups = list(pool.pids)
    for group in groups:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
