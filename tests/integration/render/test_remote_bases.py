"""What a kustomization takes from elsewhere is wanted, and built from what is supplied, within its bounds."""

import pytest

from fairlead.events import RenderSettings
from fairlead.events.render_settings import KustomizeSettings
from fairlead.render import (
    RenderInvalidError,
    RenderNeedsError,
    RenderPool,
    RenderRequest,
    RenderResult,
    Supply,
    Want,
)
from tests.integration.render.engine_fixtures import MakeRepository, Repository

HELM = RenderSettings(kustomize=KustomizeSettings(build_options="--enable-helm"))
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"
BASE = {
    "web/kustomization.yaml": "resources: [cm.yaml]\nnamePrefix: base-\n",
    "web/cm.yaml": CONFIG % "web",
}


def request(repository: Repository, files: dict[str, str], path: str = "app") -> RenderRequest:
    return RenderRequest(mirror=repository.mirror, commit=repository.commit(files), path=path)


async def wants(pool: RenderPool, asked: RenderRequest) -> tuple[Want, ...]:
    with pytest.raises(RenderNeedsError) as caught:
        await pool.render(asked)
    return caught.value.wants


async def supplied(pool: RenderPool, asked: RenderRequest, *others: tuple[Repository, str]) -> RenderResult:
    """Render with what is wanted from these, in the order of the wants."""
    found = await wants(pool, asked)
    supplies = {
        want.key: Supply(mirror=other.mirror, object=oid)
        for want, (other, oid) in zip(found, others, strict=True)
    }
    return await pool.render(
        RenderRequest(
            mirror=asked.mirror,
            commit=asked.commit,
            path=asked.path,
            settings=asked.settings,
            supplies=supplies,
        )
    )


def names(result: RenderResult) -> list[str]:
    return [document.decode().split('"name":"')[1].split('"')[0] for document in result.documents]


@pytest.mark.parametrize(
    ("entry", "url", "revision"),
    [
        ("https://git.example/org/repo//web?ref=v1", "https://git.example/org/repo", "v1"),
        ("https://git.example/org/repo.git/web?version=v2", "https://git.example/org/repo.git", "v2"),
        ("https://git.example/org/repo/web", "https://git.example/org/repo", ""),
        ("github.com/org/repo/web?ref=v1&timeout=90s", "https://github.com/org/repo", "v1"),
        ("git@github.com:org/repo//web?ref=main", "git@github.com:org/repo", "main"),
        ("git@git.example:org/repo.git//web", "git@git.example:org/repo.git", ""),
        ("ssh://git@git.example:2222/org/repo.git/web?ref=x&submodules=false",
         "ssh://git@git.example:2222/org/repo.git", "x"),
        ("git::https://git.example/org/repo//web", "https://git.example/org/repo", ""),
        ("https://dev.azure.example/org/project/_git/repo/web?ref=v1",
         "https://dev.azure.example/org/project/_git/repo", "v1"),
    ],
)  # fmt: skip
async def test_every_spelling_of_a_base_is_wanted_as_a_repository_and_built(
    entry: str, url: str, revision: str, pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    asked = request(source, {"app/kustomization.yaml": f"resources: ['{entry}']\nnamePrefix: my-\n"})
    [want] = await wants(pool, asked)
    assert (want.kind, want.url, want.revision, want.file) == ("git", url, revision, "app/kustomization.yaml")
    result = await supplied(pool, asked, (other, other.commit(BASE)))
    assert names(result) == ["my-base-web"]
    assert not [entry for entry in result.reads if "web" in entry.path]


async def test_all_that_is_wanted_is_told_at_once(pool: RenderPool, repository: Repository) -> None:
    text = (
        "resources: ['https://git.example/a/b//c', ../other, 'https://files.example/all.yaml']\n"
        "components: ['https://git.example/a/component']\n"
    )
    other = (
        "resources: ['https://git.example/d/e?ref=v1']\npatches: [{path: 'https://files.example/p.yaml'}]\n"
    )
    asked = request(
        repository,
        {"app/kustomization.yaml": text, "other/kustomization.yaml": other},
    )
    found = {(want.kind, want.url) for want in await wants(pool, asked)}
    assert found >= {
        ("git", "https://git.example/a/b"),
        ("git", "https://git.example/a/component"),
        ("git", "https://git.example/d/e"),
    }


async def test_files_at_addresses_are_resources_and_patches(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    files = {"all.yaml": CONFIG % "far", "patch.yaml": CONFIG % "far" + "data: {patched: 'yes'}\n"}
    commit = other.commit(dict(files))
    text = (
        "resources: ['https://files.example/all.yaml?token=canary']\n"
        "patches: [{path: 'https://files.example/patch.yaml'}]\n"
    )
    asked = request(source, {"app/kustomization.yaml": text})
    supplies: dict[str, Supply] = {}
    result: RenderResult | None = None
    for _ in range(3):
        try:
            result = await pool.render(
                RenderRequest(mirror=asked.mirror, commit=asked.commit, path="app", supplies=supplies)
            )
        except RenderNeedsError as error:
            for want in error.wants:
                assert want.kind == "resource"
                name = want.url.rpartition("/")[2].partition("?")[0]
                supplies[want.key] = Supply(mirror=other.mirror, object=other.object_id(commit, name))
    assert result is not None
    assert b'"patched":"yes"' in result.documents[0]


async def test_a_base_of_a_base_is_wanted_once_that_is_there(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, middle, last = make_repository(), make_repository(), make_repository()
    asked = request(source, {"app/kustomization.yaml": "resources: ['https://git.example/a/middle//x']\n"})
    commit = middle.commit({"x/kustomization.yaml": "resources: ['https://git.example/a/last//web']\n"})
    [first] = await wants(pool, asked)
    supplies = {first.key: Supply(mirror=middle.mirror, object=commit)}
    further = RenderRequest(mirror=asked.mirror, commit=asked.commit, path="app", supplies=supplies)
    [second] = await wants(pool, further)
    assert second.url == "https://git.example/a/last"
    supplies = {**supplies, second.key: Supply(mirror=last.mirror, object=last.commit(BASE))}
    done = await pool.render(
        RenderRequest(mirror=asked.mirror, commit=asked.commit, path="app", supplies=supplies)
    )
    assert names(done) == ["base-web"]


@pytest.mark.parametrize(
    "files",
    [
        {"web/kustomization.yaml": "resources: [../../../@repo/secret]\n"},
        {"web/kustomization.yaml": "resources: [../../..]\n"},
        {"web/kustomization.yaml": "resources: [../../../@repo/secret/cm.yaml]\n"},
        {"web/kustomization.yaml": "components: [../../../../@repo/secret]\n"},
        {"web/kustomization.yaml": "patches: [{path: ../../../@repo/secret/cm.yaml}]\n"},
    ],
)
async def test_a_base_of_another_repository_stays_within_it(
    files: dict[str, str], pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    own = {
        "app/kustomization.yaml": "resources: ['https://git.example/a/b//web']\n",
        "secret/kustomization.yaml": "resources: [cm.yaml]\n",
        "secret/cm.yaml": CONFIG % "secret",
    }
    with pytest.raises(RenderInvalidError) as caught:
        await supplied(pool, request(source, own), (other, other.commit(dict(files))))
    assert not isinstance(caught.value, RenderNeedsError)


async def test_a_link_out_of_another_repository_is_refused(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    other.link("web", "../../@repo/secret")
    asked = request(source, {"app/kustomization.yaml": "resources: ['https://git.example/a/b//web']\n"})
    with pytest.raises(RenderInvalidError, match="out-of-bounds symlinks"):
        await supplied(pool, asked, (other, other.commit()))


async def test_a_base_that_builds_on_itself_is_refused(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    entry = "https://git.example/a/b//web?ref=v1"
    asked = request(source, {"app/kustomization.yaml": f"resources: ['{entry}']\n"})
    commit = other.commit({"web/kustomization.yaml": f"resources: ['{entry}']\n"})
    with pytest.raises(RenderInvalidError, match="cycle detected") as caught:
        await supplied(pool, asked, (other, commit))
    assert f"accumulating resources from '{entry}'" in str(caught.value)


async def test_a_missing_path_of_another_repository_is_named(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, other = make_repository(), make_repository()
    asked = request(
        source, {"app/kustomization.yaml": "resources: ['https://git.example/a/b//none?ref=v1']\n"}
    )
    with pytest.raises(RenderInvalidError, match=r"https://git\.example/a/b//none") as caught:
        await supplied(pool, asked, (other, other.commit(BASE)))
    assert "@beside" not in str(caught.value)


async def test_a_password_in_an_address_is_not_told(pool: RenderPool, repository: Repository) -> None:
    entry = "https://user:canary-password@git.example/a/b//c"
    asked = request(repository, {"app/kustomization.yaml": f"resources: ['{entry}']\n"})
    with pytest.raises(RenderNeedsError) as caught:
        await pool.render(asked)
    assert "canary" not in str(caught.value)


async def test_a_chart_of_a_repository_is_wanted_and_inflated(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    source, chart = make_repository(), make_repository()
    text = "helmCharts: [{name: web, version: 1.2.3, repo: 'https://charts.example', releaseName: one}]\n"
    asked = RenderRequest(
        mirror=source.mirror,
        commit=source.commit({"app/kustomization.yaml": text}),
        path="app",
        settings=HELM,
    )
    [want] = await wants(pool, asked)
    assert (want.kind, want.repository, want.name, want.version) == (
        "chart",
        "https://charts.example",
        "web",
        "1.2.3",
    )
    commit = chart.commit(
        {
            "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
            "values.yaml": "name: of-the-chart\n",
            "templates/cm.yaml": CONFIG % "{{ .Values.name }}",
        }
    )
    assert names(await supplied(pool, asked, (chart, commit))) == ["of-the-chart"]
