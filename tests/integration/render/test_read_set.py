"""The read set is exact: as long as nothing in it changes, neither does the outcome."""

import os
import random
from collections.abc import Mapping

import pytest

from fairlead.render import ReadEntry, RenderError, RenderPool, RenderRequest
from tests.integration.render.engine_fixtures import Repository

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: %d}\n"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {n: '%d'}\n"
FILES = {
    "base/kustomization.yaml": "resources: [web.yaml]\n# %d\n",
    "base/web.yaml": DEPLOYMENT,
    "base/unused.yaml": CONFIG,
    "overlays/a/kustomization.yaml": "resources: [../../base]\nnamespace: a%d\n",
    "overlays/a/readme.md": "%d\n",
    "overlays/b/kustomization.yaml": "resources: [../../base, ../../plain]\nnamePrefix: b%d-\n",
    "plain/kustomization.yaml": "resources: [config.yaml]\n# %d\n",
    "plain/config.yaml": CONFIG,
    "directory/config.yaml": CONFIG,
    "directory/deep/config.yaml": CONFIG,
    "chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.%d\n",
    "chart/values.yaml": "n: %d\n",
    "chart/templates/config.yaml": CONFIG.replace("'%d'", "{{ .Values.n | quote }}") + "# %d\n",
    "values/prod.yaml": "n: %d\n",
    "values/test.yaml": "n: %d\n",
    "jsonnet/config.jsonnet": (
        "local shared = import 'shared.libsonnet';\n"
        "{apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a%d'}, data: shared}\n"
    ),
    "library/shared.libsonnet": "{n: '%d'}\n",
    "library/unused.libsonnet": "{n: '%d'}\n",
    "README.md": "%d\n",
}
SOURCES: list[tuple[str, Mapping[str, object]]] = [
    ("overlays/a", {}),
    (
        "overlays/b",
        {"kustomize": {"namespace": "b", "components": ["../none"], "ignoreMissingComponents": True}},
    ),
    ("directory", {}),
    ("directory", {"directory": {"recurse": True}}),
    ("", {}),
    ("", {"directory": {"recurse": True, "include": "plain/*"}}),
    ("jsonnet", {"directory": {"jsonnet": {"libs": ["library"]}}}),
    (
        "chart",
        {"helm": {"valueFiles": ["../values/prod.yaml", "../none.yaml"], "ignoreMissingValueFiles": True}},
    ),
    ("none", {}),
]


async def outcome(pool: RenderPool, request: RenderRequest) -> tuple[object, tuple[ReadEntry, ...]]:
    """What a caller could see of a render, and what it read."""
    try:
        result = await pool.render(request)
    except RenderError as error:
        return (str(error), error.code, error.file), error.reads
    return (result.documents, result.source_type, result.warnings), result.reads


def still_holds(repository: Repository, before: str, commit: str, reads: tuple[ReadEntry, ...]) -> bool:
    """Whether a commit has at every path of a read set what was read there before."""
    return all(
        repository.names(before, entry.path) == repository.names(commit, entry.path)
        if entry.kind == "names"
        else repository.object_id(commit, entry.path) == entry.oid
        for entry in reads
    )


def change(repository: Repository, pick: random.Random, step: int) -> None:
    """Change, remove, restore or add one file anywhere."""
    name = pick.choice(
        [*FILES, "none/config.yaml", "none.yaml", "base/Kustomization", "overlays/a/Kustomization"]
    )
    if pick.random() < 0.25 and (repository.tree / name).exists() and name != "README.md":
        repository.write({name: None})
        return
    text = FILES.get(name, CONFIG if name.startswith("none/") else "n: %d\n")
    repository.write({name: text.replace("%d", str(step))})


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_not_in_the_read_set_changes_nothing(
    seed: int, pool: RenderPool, repository: Repository
) -> None:
    pick = random.Random(seed)  # noqa: S311
    repository.write({name: text.replace("%d", "0") for name, text in FILES.items()})
    commit = repository.commit()
    requests = [RenderRequest(mirror=repository.mirror, commit=commit, path=p, options=o) for p, o in SOURCES]
    last = [await outcome(pool, request) for request in requests]
    same = 0
    for step in range(1, 21):
        change(repository, pick, step)
        before, commit = commit, repository.commit()
        for index, (path, options) in enumerate(SOURCES):
            seen, reads = last[index]
            unchanged = still_holds(repository, before, commit, reads)
            request = RenderRequest(mirror=repository.mirror, commit=commit, path=path, options=options)
            last[index] = await outcome(pool, request)
            if unchanged:
                same += 1
                assert last[index][0] == seen
    assert same > 20


async def test_names_are_read_where_only_names_matter(pool: RenderPool, repository: Repository) -> None:
    files = {"cm.yaml": CONFIG, "docs/readme.md": "%d", "chart/Chart.yaml": FILES["chart/Chart.yaml"]}
    repository.write({name: text.replace("%d", "0") for name, text in files.items()})
    commit = repository.commit()
    found = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path=""))
    assert [(entry.kind, entry.path) for entry in found.reads if entry.kind != "missing"] == [
        ("names", ""),
        ("blob", "cm.yaml"),
    ]
    whole = RenderRequest(
        mirror=repository.mirror, commit=commit, path="docs", options={"directory": {"recurse": True}}
    )
    assert [entry.kind for entry in (await pool.render(whole)).reads if entry.path == "docs"] == ["names"]


async def test_a_directory_of_which_all_was_read_is_one_entry(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({f"app/{n % 3}/{n}.yaml": CONFIG.replace("%d", str(n)) for n in range(30)})
    commit = repository.commit()
    options = {"directory": {"recurse": True}}
    found = await pool.render(
        RenderRequest(mirror=repository.mirror, commit=commit, path="app", options=options)
    )
    assert ReadEntry("app", "tree", repository.object_id(commit, "app")) in found.reads
    assert not [entry for entry in found.reads if entry.kind == "blob"]


async def test_a_read_set_names_what_was_read_and_nothing_else(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({name: text.replace("%d", "0") for name, text in FILES.items()})
    commit = repository.commit()
    result = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="overlays/a"))
    found = {entry.path for entry in result.reads if entry.kind != "missing"}
    assert found == {"overlays/a/kustomization.yaml", "base/kustomization.yaml", "base/web.yaml"}
    assert len({(entry.path, entry.ref) for entry in result.reads}) == len(result.reads)
    assert all(entry.oid == repository.object_id(commit, entry.path) for entry in result.reads)


async def test_a_name_that_is_no_text_makes_the_whole_tree_a_dependency(
    pool: RenderPool, repository: Repository
) -> None:
    repository.write({"app/a.yaml": CONFIG.replace("%d", "0")})
    repository.link("app/link.yaml", os.fsdecode(b"\xff.yaml"))
    (repository.tree / os.fsdecode(b"app/\xff.yaml")).write_text(CONFIG.replace("%d", "1"))
    repository.link("linked", os.fsdecode(b"\xfe"))
    (repository.tree / os.fsdecode(b"\xfe")).mkdir()
    (repository.tree / os.fsdecode(b"\xfe/a.yaml")).write_text(CONFIG.replace("%d", "2"))
    commit = repository.commit()
    plain = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="app"))
    assert len(plain.documents) == 3
    linked = await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, path="linked"))
    assert len(linked.documents) == 1
    assert linked.reads == (ReadEntry("", "tree", repository.object_id(commit, "")),)
