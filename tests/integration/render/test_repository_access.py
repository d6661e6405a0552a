"""What the engine may reach: one commit's tree, and nothing around it."""

import json
import shutil
from pathlib import Path

import pytest

from fairlead.render import (
    EngineFailureError,
    ReadEntry,
    RefSource,
    RenderInvalidError,
    RenderPool,
    RenderRequest,
)
from tests.integration.render.engine_fixtures import MakeRepository, Repository

CHART = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
VALUE = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Values.name }}\n"


def config(name: str) -> str:
    """A small manifest."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"


def ask(repository: Repository, path: str, **more: object) -> RenderRequest:
    """Commit the work tree and ask for a path of it."""
    return RenderRequest(mirror=repository.mirror, commit=repository.commit(), path=path, **more)  # type: ignore[arg-type]


async def test_symlinks_inside_the_repository_are_followed(pool: RenderPool, repository: Repository) -> None:
    repository.write({"shared/config.yaml": config("shared"), "app/own.yaml": config("own")})
    repository.link("app/linked.yaml", "../shared/config.yaml")
    repository.link("apps", "app")
    request = ask(repository, "apps")
    result = await pool.render(request)
    assert [document.count(b"shared") for document in result.documents] == [1, 0]
    oid = repository.object_id
    assert set(result.reads) == {
        ReadEntry("apps", "blob", oid(request.commit, "apps")),
        ReadEntry("app", "tree", oid(request.commit, "app")),
        ReadEntry("shared/config.yaml", "blob", oid(request.commit, "shared/config.yaml")),
    }


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../../outside.yaml", "../app/../../x", "", "deep/../../../y"]
)
async def test_a_symlink_out_of_the_repository_is_refused_and_named(
    target: str, pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/own.yaml": config("own")})
    repository.link("app/linked.yaml", target or "/")
    with pytest.raises(
        RenderInvalidError, match=r"out-of-bounds symlinks\. file: app/linked\.yaml"
    ) as caught:
        await pool.render(ask(repository, "app"))
    assert (caught.value.code, caught.value.file) == ("path", "app/linked.yaml")


@pytest.mark.parametrize("tool", ["kustomize", "helm"])
async def test_every_tool_refuses_a_symlink_out_of_the_repository(
    tool: str, pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/own.yaml": config("own")})
    if tool == "kustomize":
        repository.write({"app/kustomization.yaml": "resources: [linked.yaml]\n"})
        repository.link("app/linked.yaml", "../../../etc/passwd")
    else:
        repository.write({"app/Chart.yaml": CHART})
        repository.link("app/linked.yaml", "../../../etc/passwd")
    with pytest.raises(RenderInvalidError, match="out-of-bounds symlinks") as caught:
        await pool.render(ask(repository, "app"))
    assert caught.value.file == "app/linked.yaml"


async def test_a_symlinked_value_file_out_of_the_repository_is_refused(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/Chart.yaml": CHART})
    repository.link("values/secret.yaml", "/etc/passwd")
    request = ask(repository, "app", options={"helm": {"valueFiles": ["/values/secret.yaml"]}})
    with pytest.raises(RenderInvalidError, match="out-of-bounds symlinks"):
        await pool.render(request)


async def test_symlinks_in_a_circle_are_refused(pool: RenderPool, repository: Repository) -> None:
    repository.write({"app/own.yaml": config("own")})
    repository.link("app/a.yaml", "b.yaml")
    repository.link("app/b.yaml", "a.yaml")
    with pytest.raises(RenderInvalidError, match="too many levels of symbolic links"):
        await pool.render(ask(repository, "app"))


async def test_symlinks_to_directories_and_to_nowhere_are_left_out_of_plain_manifests(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/own.yaml": config("own"), "other/other.yaml": config("other")})
    repository.link("app/again", ".")
    repository.link("app/other", "../other")
    repository.link("app/nowhere.yaml", "none.yaml")
    request = ask(repository, "app", options={"directory": {"recurse": True}})
    result = await pool.render(request)
    assert len(result.documents) == 1
    assert result.warnings == ("app/nowhere.yaml: skipped, its symlink leads nowhere",)


async def test_a_chart_that_links_to_itself_is_refused(pool: RenderPool, repository: Repository) -> None:
    repository.write({"web/Chart.yaml": CHART})
    repository.link("web/templates/again", "..")
    with pytest.raises(RenderInvalidError, match="web/templates/again: too many levels of symbolic links"):
        await pool.render(ask(repository, "web"))


async def test_a_chart_may_link_its_parts_from_elsewhere(pool: RenderPool, repository: Repository) -> None:
    repository.write({"web/Chart.yaml": CHART, "shared/a.yaml": config("linked")})
    repository.link("web/templates", "../shared")
    request = ask(repository, "web")
    result = await pool.render(request)
    assert b'"linked"' in result.documents[0]
    assert ReadEntry("shared", "tree", repository.object_id(request.commit, "shared")) in result.reads


async def test_a_kustomization_may_be_a_symlink_within_its_folder(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/real/k.yaml": "resources: [own.yaml]\n", "app/own.yaml": config("own")})
    repository.link("app/kustomization.yaml", "real/k.yaml")
    request = ask(repository, "app", options={"kustomize": {"namePrefix": "a-"}})
    assert b'"a-own"' in (await pool.render(request)).documents[0]


def with_module(repository: Repository, files: dict[str, str], module: str) -> str:
    """A commit of files and, at a path, a submodule."""
    commit = repository.commit(files)
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{module}")
    repository.git("commit", "-q", "-m", "module")
    repository.git("push", "-q", str(repository.mirror), "HEAD:refs/heads/main")
    return repository.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("path", "module", "options"),
    [
        ("app", "app/module", {"directory": {"recurse": True}}),
        ("module", "module", {}),
        ("module/web", "module", {}),
        ("app", "module", {"kustomize": {"components": ["../module/component"]}}),
        ("chart", "chart/charts/module", {}),
        ("chart", "values", {"helm": {"valueFiles": ["/values/web.yaml"]}}),
    ],
)
async def test_a_submodule_whose_files_are_needed_is_refused_and_named(
    path: str, module: str, options: dict[str, object], pool: RenderPool, repository: Repository
) -> None:
    files = {"app/own.yaml": config("own"), "chart/Chart.yaml": CHART}
    if "kustomize" in options:
        files["app/kustomization.yaml"] = "resources: [own.yaml]\n"
    head = with_module(repository, files, module)
    request = RenderRequest(mirror=repository.mirror, commit=head, path=path, options=options)
    with pytest.raises(RenderInvalidError, match=f"{module} is a submodule, and submodules are not followed"):
        await pool.render(request)


@pytest.mark.parametrize(
    ("path", "module", "options"),
    [
        ("app", "app/module", {}),
        ("app", "app/module", {"directory": {"recurse": True, "exclude": "module"}}),
        ("chart", "chart/docs/theme", {}),
    ],
)
async def test_a_submodule_whose_files_are_not_needed_is_left_out(
    path: str, module: str, options: dict[str, object], pool: RenderPool, repository: Repository
) -> None:
    files = {"app/own.yaml": config("own"), "chart/Chart.yaml": CHART, "chart/templates/a.yaml": config("a")}
    head = with_module(repository, files, module)
    request = RenderRequest(mirror=repository.mirror, commit=head, path=path, options=options)
    assert len((await pool.render(request)).documents) == 1


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12345\n"


@pytest.mark.parametrize(
    ("path", "pointer", "options"),
    [
        ("app", "app/big.yaml", {}),
        ("chart", "chart/templates/big.yaml", {}),
        ("chart", "chart/charts/sub.tgz", {}),
        ("chart", "values/web.yaml", {"helm": {"valueFiles": ["/values/web.yaml"]}}),
        ("built", "built/data.txt", {}),
    ],
)
async def test_a_file_that_is_kept_in_git_lfs_is_refused_and_named(
    path: str, pointer: str, options: dict[str, object], pool: RenderPool, repository: Repository
) -> None:
    generator = "configMapGenerator:\n- name: data\n  files: [data.txt]\n"
    repository.write({"app/own.yaml": config("own"), "chart/Chart.yaml": CHART, pointer: POINTER})
    repository.write({"built/kustomization.yaml": generator})
    with pytest.raises(RenderInvalidError, match=f"{pointer} is a pointer of Git LFS, which is not followed"):
        await pool.render(ask(repository, path, options=options))


async def test_a_file_in_git_lfs_that_a_chart_does_not_render_is_no_matter(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({"chart/Chart.yaml": CHART, "chart/templates/a.yaml": config("a")})
    repository.write({"chart/docs/picture.png": POINTER})
    assert len((await pool.render(ask(repository, "chart"))).documents) == 1


async def test_value_files_may_come_from_another_repository(
    pool: RenderPool, make_repository: MakeRepository
) -> None:
    charts, values = make_repository(), make_repository()
    charts.write({"web/Chart.yaml": CHART, "web/templates/a.yaml": VALUE})
    commit = values.commit({"env/prod.yaml": "name: from-values\n"})
    refs = {"values": RefSource(mirror=values.mirror, commit=commit)}
    request = ask(charts, "web", refs=refs, options={"helm": {"valueFiles": ["$values/env/prod.yaml"]}})
    result = await pool.render(request)
    assert b'"from-values"' in result.documents[0]
    oid = values.object_id(commit, "env/prod.yaml")
    assert ReadEntry("env/prod.yaml", "blob", oid, "values") in result.reads


async def test_a_packed_dependency_is_unpacked_in_memory(
    pool: RenderPool, repository: Repository, tmp_path: Path
) -> None:
    child = {
        "Chart.yaml": "apiVersion: v2\nname: child\nversion: 1.0.0\n",
        "templates/a.yaml": config("packed"),
    }
    for name, content in child.items():
        (tmp_path / "child" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "child" / name).write_text(content)
    archive = shutil.make_archive(str(tmp_path / "child-1.0.0"), "gztar", tmp_path, "child")
    dependency = "dependencies: [{name: child, version: 1.0.0, repository: 'https://charts.example'}]\n"
    repository.write(
        {"web/Chart.yaml": CHART + dependency, "web/charts/child-1.0.0.tgz": Path(archive).read_bytes()}
    )
    assert b'"packed"' in (await pool.render(ask(repository, "web"))).documents[0]


async def test_one_dependency_under_two_aliases_is_rendered_twice(
    pool: RenderPool, repository: Repository
) -> None:
    dependencies = "dependencies:\n" + "".join(
        f"  - {{name: child, version: 1.0.0, alias: {alias}}}\n" for alias in ("one", "two")
    )
    repository.write(
        {
            "web/Chart.yaml": CHART + dependencies,
            "web/charts/child/Chart.yaml": "apiVersion: v2\nname: child\nversion: 1.0.0\n",
            "web/charts/child/templates/a.yaml": config("{{ .Chart.Name }}"),
        }
    )
    result = await pool.render(ask(repository, "web"))
    assert [b'"one"' in document for document in result.documents] == [True, False]


async def test_a_schema_of_one_kustomization_does_not_leak_into_the_next(
    pool: RenderPool, repository: Repository
) -> None:
    head = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: "
    patch = head + "{containers: [%s]}}}}"
    resource = patch % "{name: a, image: one}"
    patched = f"resources: [web.yaml]\npatches:\n  - patch: '{patch % '{name: b, image: two}'}'\n"
    kind = [{"group": "apps", "kind": "Deployment", "version": "v1"}]
    definition = {"properties": {}, "x-kubernetes-group-version-kind": kind}
    schema = json.dumps({"definitions": {"v1.Deployment": definition}})
    repository.write(
        {
            "plain/kustomization.yaml": patched,
            "plain/web.yaml": resource,
            "own/kustomization.yaml": f"{patched}openapi: {{path: schema.json}}\n",
            "own/schema.json": schema,
            "own/web.yaml": resource,
        }
    )
    commit = repository.commit()
    before = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="plain"))
    own = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="own"))
    after = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="plain"))
    assert before.documents[0].count(b'"image"') == 2
    assert own.documents[0].count(b'"image"') == 1
    assert after == before


async def test_a_commit_that_arrives_later_is_found(pool: RenderPool, repository: Repository) -> None:
    first = await pool.render(ask_after(repository, "one"))
    repository.git("gc", "-q")
    second = await pool.render(ask_after(repository, "two"))
    assert first.documents != second.documents


def ask_after(repository: Repository, name: str) -> RenderRequest:
    """Commit a manifest of that name and ask for it."""
    commit = repository.commit({"app/a.yaml": config(name)})
    return RenderRequest(mirror=repository.mirror, commit=commit, path="app")


async def test_a_mirror_that_was_made_anew_is_read_anew(pool: RenderPool, repository: Repository) -> None:
    await pool.render(ask_after(repository, "one"))
    shutil.rmtree(repository.mirror)
    repository.git("init", "-q", "--bare", str(repository.mirror))
    assert b'"two"' in (await pool.render(ask_after(repository, "two"))).documents[0]


async def test_a_commit_or_a_mirror_that_is_missing_is_worth_another_try(
    pool: RenderPool, repository: Repository, tmp_path: Path
) -> None:
    repository.commit({"app/a.yaml": config("a")})
    for mirror, commit in ((repository.mirror, "0" * 40), (tmp_path / "none.git", "0" * 40)):
        with pytest.raises(EngineFailureError):
            await pool.render(RenderRequest(mirror=mirror, commit=commit, path="app"))


async def test_a_text_becomes_json_documents_as_kubernetes_reads_it(pool: RenderPool) -> None:
    text = b"a: yes\n---\n- 1\n- 9007199254740993\n---\n---\nword\n"
    assert await pool.documents(text, name="values.yaml") == [
        b'{"a":true}',
        b"[1,9007199254740993]",
        b'"word"',
    ]
    with pytest.raises(RenderInvalidError, match="line 4") as caught:
        await pool.documents(b"a: 1\n---\nb: 1\nb: 2\n", name="values.yaml")
    assert caught.value.file == "values.yaml"
