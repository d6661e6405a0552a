"""What a render lacks is named, all of it at once, and taken from where it was put."""

import json

import pytest

from fairlead.render import RenderInvalidError, RenderNeedsError, RenderPool, RenderRequest, Supply, Want
from tests.integration.render.engine_fixtures import MakeRepository, Repository

CONFIG = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Chart.Name }}'}\ndata: {of: '{{ .Values.of }}'}\n"
)
WEB = """\
apiVersion: v2
name: web
version: 0.1.0
dependencies:
- {name: cache, version: ~1.2, repository: "https://charts.example.com/stable"}
- {name: store, version: 2.0.0, repository: "oci://registry.example.com/charts"}
- {name: store, version: 3.0.0, repository: "oci://registry.example.com/charts", alias: other}
"""


def chart(name: str, version: str, more: str = "") -> dict[str, str | bytes | None]:
    return {
        "Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: {version}\n{more}",
        "values.yaml": f"of: {name}-{version}\n",
        "templates/config.yaml": CONFIG.replace(".Chart.Name", ".Chart.Name }}-{{ .Chart.Version"),
    }


async def wants_of(pool: RenderPool, request: RenderRequest) -> tuple[Want, ...]:
    with pytest.raises(RenderNeedsError) as caught:
        await pool.render(request)
    return caught.value.wants


async def test_what_a_chart_depends_on_is_named_at_once_and_taken_from_where_it_was_put(
    pool: RenderPool, repository: Repository, make_repository: MakeRepository
) -> None:
    address = "https://user:hidden@values.example.com/a.yaml"
    options = {"helm": {"valueFiles": [address], "fileParameters": [{"name": "cache.of", "path": address}]}}
    commit = repository.commit({"web/Chart.yaml": WEB})
    request = RenderRequest(mirror=repository.mirror, commit=commit, path="web", options=options)
    with pytest.raises(RenderNeedsError) as caught:
        await pool.render(request)
    assert str(caught.value) == (
        "web/Chart.yaml: found in Chart.yaml, but missing in charts/ directory: cache; "
        "web/Chart.yaml: found in Chart.yaml, but missing in charts/ directory: store; "
        "value file https://user:xxxxx@values.example.com/a.yaml is refused: "
        "only files inside the repository are read"
    )
    wants = caught.value.wants
    assert [(w.kind, w.name, w.version, w.repository, w.url) for w in wants] == [
        ("chart", "cache", "~1.2", "https://charts.example.com/stable", ""),
        ("chart", "store", "2.0.0", "oci://registry.example.com/charts", ""),
        ("chart", "store", "3.0.0", "oci://registry.example.com/charts", ""),
        ("file", "", "", "", address),
    ]
    assert {entry.path for entry in caught.value.reads} == {"web"}

    supplies = {}
    given = [chart("cache", "1.2.9"), chart("store", "2.0.0"), chart("store", "3.0.0")]
    for want, files in zip(wants, given, strict=False):
        made = make_repository()
        supplies[want.key] = Supply(mirror=made.mirror, object=made.commit(files))
    values = make_repository()
    at = values.commit({"a.yaml": "store: {of: address}\n"})
    supplies[wants[3].key] = Supply(mirror=values.mirror, object=values.object_id(at, "a.yaml"))
    supplied = RenderRequest(
        mirror=repository.mirror, commit=commit, path="web", options=options, supplies=supplies
    )
    result = await pool.render(supplied)
    assert {(o["metadata"]["name"], o["data"]["of"]) for o in map(json.loads, result.documents)} == {
        ("cache-1.2.9", "store: {of: address} "),
        ("store-2.0.0", "address"),
        ("other-3.0.0", "store-3.0.0"),
    }
    assert {entry.path for entry in result.reads} == {"web"}


async def test_a_lock_says_which_version_and_must_be_of_these_dependencies(
    pool: RenderPool, repository: Repository
) -> None:
    needs = "dependencies:\n- name: cache\n  version: 1.x\n  repository: https://charts.example.com\n"
    lock = (
        "dependencies:\n- name: cache\n  repository: https://charts.example.com\n  version: 1.4.2\n"
        "digest: {}\ngenerated: '2026-01-01T00:00:00Z'\n"
    )
    digest = "sha256:6e7b6b8d19a1a01ea1a51b0ab1ae64a7f5a2da4b8cc8bb2b1d1ab0f0cc3d1a0b"
    head = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
    commit = repository.commit({"Chart.yaml": head + needs, "Chart.lock": lock.format(digest)})
    with pytest.raises(RenderInvalidError, match=r"lock file \(Chart.lock\) is out of sync") as caught:
        await pool.render(RenderRequest(mirror=repository.mirror, commit=commit))
    assert not isinstance(caught.value, RenderNeedsError)
    commit = repository.commit({"Chart.lock": lock.format(locked_digest())})
    [want] = await wants_of(pool, RenderRequest(mirror=repository.mirror, commit=commit))
    assert (want.name, want.version, want.file) == ("cache", "1.4.2", "Chart.yaml")


def locked_digest() -> str:
    """As Helm makes it: of the dependencies and of what they are locked to, as Go writes them."""
    import hashlib

    wanted = '{"name":"cache","version":"1.x","repository":"https://charts.example.com"}'
    locked = '{"name":"cache","version":"1.4.2","repository":"https://charts.example.com"}'
    return "sha256:" + hashlib.sha256(f"[[{wanted}],[{locked}]]".encode()).hexdigest()


async def test_only_what_names_a_place_can_be_fetched(pool: RenderPool, repository: Repository) -> None:
    needs = "dependencies:\n- {name: cache, version: 1.x}\n- {name: a, version: 1.x, repository: 'https://x.example'}\n"
    commit = repository.commit({"Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n" + needs})
    with pytest.raises(RenderInvalidError, match="missing in charts/ directory: cache") as caught:
        await pool.render(RenderRequest(mirror=repository.mirror, commit=commit))
    assert (type(caught.value), caught.value.code) == (RenderInvalidError, "dependencies")


async def test_of_a_chart_from_elsewhere_only_what_it_brings_is_rendered_and_another_is_refused(
    pool: RenderPool, repository: Repository, make_repository: MakeRepository
) -> None:
    needs = "dependencies:\n- {name: cache, version: 1.x, repository: 'https://charts.example.com'}\n"
    commit = repository.commit({"Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n" + needs})
    request = RenderRequest(mirror=repository.mirror, commit=commit)
    [want] = await wants_of(pool, request)
    made = make_repository()
    deeper = "dependencies:\n- {name: deep, version: 1.x, repository: 'https://charts.example.com'}\n"
    ignored = {".helmignore": "templates\n"}
    supply = Supply(mirror=made.mirror, object=made.commit({**chart("cache", "1.0.0", deeper), **ignored}))
    result = await pool.render(
        RenderRequest(mirror=repository.mirror, commit=commit, supplies={want.key: supply})
    )
    assert len(result.documents) == 1, "what an archive holds is all of the chart"
    assert result.warnings == (
        "Chart.yaml: the chart is left out that cache depends on and does not bring: deep",
    )
    other = Supply(mirror=made.mirror, object=made.commit(chart("wrong", "1.0.0")))
    with pytest.raises(RenderInvalidError, match="has the chart wrong under that name"):
        await pool.render(RenderRequest(mirror=repository.mirror, commit=commit, supplies={want.key: other}))
