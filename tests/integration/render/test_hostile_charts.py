"""Charts that would learn of the machine, reach out, or never end: each is refused in words, and alone."""

import gzip
import io
import json
import tarfile

import pytest

from fairlead.render import RenderInvalidError, RenderKilledError, RenderPool, RenderRequest
from tests.integration.render.engine_fixtures import Repository
from tests.integration.render.test_runaway_renders import CHART, CONFIG, small_pool, until_judged

__all__ = ["small_pool"]

Files = dict[str, str | bytes | None]


def request(repository: Repository, files: Files, **options: object) -> RenderRequest:
    below: Files = {f"web/{name}": content for name, content in {"Chart.yaml": CHART, **files}.items()}
    given = {"helm": options} if options else {}
    return RenderRequest(mirror=repository.mirror, commit=repository.commit(below), path="web", options=given)


@pytest.mark.parametrize(
    "call", ['env "PATH"', 'expandenv "$HOME"', 'osEnv "HOME"', 'readFile "/etc/passwd"']
)
async def test_templates_have_no_function_that_tells_of_the_machine(
    call: str, pool: RenderPool, repository: Repository
) -> None:
    with pytest.raises(RenderInvalidError, match=r"function .* not defined") as caught:
        await pool.render(request(repository, {"templates/a.yaml": f"a: {{{{ {call} }}}}"}))
    assert caught.value.file == "web/templates/a.yaml"


async def test_templates_find_no_cluster_no_network_and_no_file_of_the_machine(
    pool: RenderPool, repository: Repository
) -> None:
    template = CONFIG + (
        'data:\n  cluster: {{ lookup "v1" "Secret" "" "" | toJson | quote }}\n'
        '  network: {{ getHostByName "localhost" | quote }}\n'
        '  file: {{ .Files.Get "/etc/passwd" | quote }}{{ .Files.Get "../../../../etc/passwd" }}\n'
    )
    result = await pool.render(request(repository, {"templates/a.yaml": template}))
    assert json.loads(result.documents[0])["data"] == {"cluster": "{}", "network": "", "file": ""}


@pytest.mark.parametrize(
    ("values", "template"),
    [
        ("a: '{{ tpl .Values.a . }}'\n", "{{ tpl .Values.a . }}"),
        ("a: '{{ tpl .Values.b . }}'\nb: '{{ tpl .Values.a . }}'\n", "{{ tpl .Values.a . }}"),
        (
            "",
            '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}'
            '{{ include "a" . }}',
        ),
        ("", '{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}'),
    ],
    ids=["tpl of itself", "two tpl of each other", "two includes of each other", "a template of itself"],
)
async def test_templates_that_go_round_in_circles_are_an_error_of_the_chart(
    values: str, template: str, small_pool: RenderPool, repository: Repository
) -> None:
    asked = request(repository, {"values.yaml": values, "templates/a.yaml": template})
    with pytest.raises(RenderInvalidError) as caught:
        await until_judged(small_pool, asked, 20)
    assert caught.value.file == "web/templates/a.yaml", str(caught.value)
    assert (await small_pool.render(request(repository, {"templates/a.yaml": CONFIG}))).documents


async def test_a_map_that_holds_itself_ends_the_engine_and_is_the_charts_fault(
    small_pool: RenderPool, repository: Repository
) -> None:
    template = '{{ $y := dict }}{{ $_ := set $y "y" $y }}{{ printf "%v" $y }}'
    with pytest.raises(RenderKilledError, match=r"web/templates/a\.yaml calls itself without end") as caught:
        await until_judged(small_pool, request(repository, {"templates/a.yaml": template}), 20)
    assert (caught.value.code, caught.value.file) == ("limit", "web/templates/a.yaml")


async def test_a_chart_that_computes_for_ever_is_stopped_and_named(
    small_pool: RenderPool, repository: Repository
) -> None:
    template = '{{ range until 1000 }}{{ genPrivateKey "rsa" }}{{ end }}'
    with pytest.raises(RenderKilledError, match="took longer") as caught:
        await until_judged(small_pool, request(repository, {"templates/a.yaml": template}), 1.5)
    assert caught.value.file == "web/templates/a.yaml"


@pytest.mark.parametrize(
    "options",
    [
        {"values": "a: " + "[" * 20_000 + "]" * 20_000},
        {
            "values": "a: &a [x, x]\n"
            + "\n".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}' if i else '*a'] * 9)}]" for i in range(12))
        },
        {"parameters": [{"name": "a[99999999]", "value": "x"}]},
        {"parameters": [{"name": ".".join("a" * 20_000), "value": "x"}]},
    ],
    ids=["nested lists", "aliases that multiply", "a list of a hundred million", "a name of many parts"],
)
async def test_values_that_would_swell_are_refused(
    options: dict[str, object], small_pool: RenderPool, repository: Repository
) -> None:
    asked = request(repository, {"templates/a.yaml": CONFIG}, **options)
    with pytest.raises(RenderInvalidError):
        await until_judged(small_pool, asked, 20)


@pytest.mark.parametrize(
    "reference",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:1/schema.json",
        "https://example.com/schema.json",
        "./other.json",
    ],
)
async def test_a_schema_that_refers_elsewhere_is_refused(
    reference: str, pool: RenderPool, repository: Repository
) -> None:
    files: Files = {"values.schema.json": json.dumps({"$ref": reference}), "templates/a.yaml": CONFIG}
    with pytest.raises(RenderInvalidError, match="a chart's schema must stand alone"):
        await pool.render(request(repository, files))


@pytest.mark.parametrize(
    "given",
    [
        "file:///etc/passwd",
        "git::https://x.example/a",
        "ftp://x.example/a",
        "../../../etc/passwd",
        "..//..//a",
        "/../a",
    ],
)
async def test_a_value_file_is_in_the_repository_or_is_asked_for_by_its_address(
    given: str, pool: RenderPool, repository: Repository
) -> None:
    with pytest.raises(RenderInvalidError) as caught:
        await pool.render(request(repository, {"templates/a.yaml": CONFIG}, valueFiles=[given]))
    assert caught.value.code in ("needs", "path")


def packed(members: dict[str, bytes]) -> bytes:
    """A gzipped tar of these names as they are."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=6)


SUB = b"apiVersion: v2\nname: sub\nversion: 0.1.0\n"


async def test_a_packed_chart_that_inflates_is_refused_within_its_bound(
    small_pool: RenderPool, repository: Repository
) -> None:
    bomb = packed({"sub/Chart.yaml": SUB, "sub/files/zeros": bytes(120 << 20)})
    assert len(bomb) < 1 << 20
    files: Files = {"charts/sub-0.1.0.tgz": bomb, "templates/a.yaml": CONFIG}
    with pytest.raises(RenderInvalidError) as caught:
        await until_judged(small_pool, request(repository, files), 20)
    assert "exceed" in str(caught.value) or "maximum" in str(caught.value), str(caught.value)
    assert (
        await small_pool.render(
            request(repository, {"charts/sub-0.1.0.tgz": packed({"sub/Chart.yaml": SUB})})
        )
    ).documents


@pytest.mark.parametrize(
    "path", ["../outside.yaml", "sub/../../outside.yaml", "/etc/outside.yaml", "sub\\..\\..\\x"]
)
async def test_a_packed_chart_with_a_path_out_of_it_is_refused(
    path: str, pool: RenderPool, repository: Repository
) -> None:
    archive = packed({"sub/Chart.yaml": SUB, path: b"a: b\n"})
    files: Files = {"charts/sub-0.1.0.tgz": archive, "templates/a.yaml": CONFIG}
    try:
        result = await pool.render(request(repository, files))
    except RenderInvalidError as error:
        assert error.file == "web/Chart.yaml"
    else:
        assert len(result.documents) == 1


@pytest.mark.parametrize("name", ["../web", "a/b", "..", "/etc"])
async def test_a_chart_or_dependency_whose_name_is_a_path_is_refused(
    name: str, pool: RenderPool, repository: Repository
) -> None:
    with pytest.raises(RenderInvalidError):
        await pool.render(request(repository, {"Chart.yaml": CHART.replace("web", f"'{name}'")}))
    needs = f"dependencies:\n- {{name: '{name}', version: 1.0.0, repository: 'https://charts.example.com'}}\n"
    with pytest.raises(RenderInvalidError):
        await pool.render(request(repository, {"Chart.yaml": CHART + needs}))


async def test_a_lock_that_links_out_of_the_repository_is_neither_read_nor_written(
    pool: RenderPool, repository: Repository
) -> None:
    needs = "dependencies:\n- {name: sub, version: 1.0.0, repository: 'https://charts.example.com'}\n"
    repository.write({"web/Chart.yaml": CHART + needs})
    repository.link("web/Chart.lock", "/etc/passwd")
    asked = RenderRequest(mirror=repository.mirror, commit=repository.commit(), path="web")
    with pytest.raises(RenderInvalidError, match="out-of-bounds symlinks") as caught:
        await pool.render(asked)
    assert caught.value.file == "web/Chart.lock"
