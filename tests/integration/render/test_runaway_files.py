"""Files that swell, multiply or never end cost only their own render, which names them."""

import pytest

from fairlead.render import RenderInvalidError, RenderKilledError, RenderPool, RenderRequest
from tests.integration.render.engine_fixtures import Repository
from tests.integration.render.test_runaway_renders import plain, small_pool, until_judged

__all__ = ["small_pool"]

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\n"


async def test_jsonnet_that_never_ends_is_stopped_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    times = "local many = std.range(1, 4000); local times(f) = std.length(std.filter(f, many));"
    endless = f"{times} times(function(a) times(function(b) times(function(c) true) > 0) > 0)"
    with pytest.raises(RenderKilledError, match=r"in app/a\.jsonnet took longer than 1\.5 s") as caught:
        await until_judged(small_pool, plain(repository, endless, "app/a.jsonnet"), 1.5)
    assert (caught.value.code, caught.value.file) == ("deadline", "app/a.jsonnet")


async def test_jsonnet_that_swells_is_stopped_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    swelling = "local f(x) = f(x + x) tailstrict; f('0123456789abcdef')"
    with pytest.raises(RenderKilledError) as caught:
        await until_judged(small_pool, plain(repository, swelling, "app/a.jsonnet"), 25)
    assert caught.value.file == "app/a.jsonnet"


async def test_jsonnet_that_calls_itself_for_ever_is_an_error_of_the_file(
    small_pool: RenderPool, repository: Repository
) -> None:
    recursive = "local f(x) = 1 + f(x + 1); f(0)"
    with pytest.raises(RenderInvalidError, match=r"app/a\.jsonnet.*max stack frames exceeded"):
        await small_pool.render(plain(repository, recursive, "app/a.jsonnet"))


async def test_jsonnet_that_prints_more_than_the_bound_is_refused(
    small_pool: RenderPool, repository: Repository
) -> None:
    data = f"{{a: '{'x' * 1_200_000}'}}"
    printing = f"{{apiVersion: 'v1', kind: 'ConfigMap', metadata: {{name: 'a'}}, data: {data}}}"
    with pytest.raises(RenderInvalidError, match=r"app/a\.jsonnet.*rendered manifests exceed") as caught:
        await small_pool.render(plain(repository, printing, "app/a.jsonnet"))
    assert caught.value.code == "limit"


@pytest.mark.parametrize("how", ["import", "importstr", "importbin"])
async def test_jsonnet_imports_nothing_through_a_symlink_out_of_the_repository(
    how: str, pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/a.jsonnet": f"{how} 'secret.txt'"})
    repository.link("app/secret.txt", "../../../../etc/passwd")
    request = RenderRequest(mirror=repository.mirror, commit=repository.commit(), path="app")
    with pytest.raises(RenderInvalidError, match="out-of-bounds symlinks") as caught:
        await pool.render(request)
    assert caught.value.code == "path"
    assert "root:" not in str(caught.value)


async def test_a_library_outside_the_repository_is_refused(pool: RenderPool, repository: Repository) -> None:
    options = {"directory": {"jsonnet": {"libs": ["../../etc"]}}}
    request = plain(repository, "importstr 'passwd'", "app/a.jsonnet")
    request = RenderRequest(mirror=request.mirror, commit=request.commit, path="app", options=options)
    with pytest.raises(RenderInvalidError, match="lies outside the repository"):
        await pool.render(request)


async def test_a_hundred_thousand_documents_are_bounded_by_what_they_print(
    small_pool: RenderPool, repository: Repository
) -> None:
    many = "---\n".join(f"{CONFIG}  # {number}\n" for number in range(100_000))
    with pytest.raises(RenderInvalidError, match=r"app/a\.yaml") as caught:
        await small_pool.render(plain(repository, many))
    assert caught.value.code == "limit"


async def test_a_scalar_of_ten_megabytes_is_refused_by_the_limit_of_a_directory(
    small_pool: RenderPool, repository: Repository
) -> None:
    large = f"{CONFIG}data:\n  a: {'x' * 10_000_000}\n"
    with pytest.raises(RenderInvalidError, match=r"app/a\.yaml: exceeded max combined manifest file size"):
        await small_pool.render(plain(repository, large))


async def test_a_generator_that_is_larger_than_the_bound_is_refused(
    small_pool: RenderPool, repository: Repository
) -> None:
    repository.write(
        {
            "app/kustomization.yaml": "configMapGenerator: [{name: a, files: [large.txt]}]\n",
            "app/large.txt": "x" * 4_000_000,
        }
    )
    request = RenderRequest(mirror=repository.mirror, commit=repository.commit(), path="app")
    with pytest.raises(RenderInvalidError, match="rendered manifests exceed") as caught:
        await small_pool.render(request)
    assert caught.value.code == "limit"


async def test_a_kustomization_whose_aliases_multiply_is_refused_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    text = "resources: []\ncommonAnnotations:\n" + "".join(f"  {level}\n" for level in levels)
    repository.write({"app/kustomization.yaml": text})
    request = RenderRequest(mirror=repository.mirror, commit=repository.commit(), path="app")
    with pytest.raises(RenderInvalidError, match=r"app/kustomization\.yaml") as caught:
        await until_judged(small_pool, request, 25)
    assert caught.value.file == "app/kustomization.yaml"
