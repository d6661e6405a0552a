"""Reading indexes of chart repositories, in the form Helm writes and in others."""

import json

import pytest

from fairlead.charts import ChartContentError, ChartNotFoundError, Index, scan
from fairlead.charts import index as bounds

HELM = b"""\
apiVersion: v1
entries:
  alpine:
  - annotations:
      version: 9.9.9
    apiVersion: v2
    appVersion: 1.10
    created: "2026-01-02T03:04:05Z"
    dependencies:
    - name: common
      version: 0.0.1
      repository: https://example.com
    deprecated: true
    description: |
      Several lines,
      name: not this one
      version: 6.6.6
    digest: sha256:0E6661f193211d7a5206918d42f5c2a9470b737dA61b1a8bd1e2e8a6b1d0f0aa
    maintainers:
    - email: a@example.com
      name: somebody
    name: alpine
    urls:
    - alpine-0.2.0.tgz
    - https://mirror.example.com/alpine-0.2.0.tgz
    version: 0.2.0
  - name: alpine
    urls: [alpine-0.10.0.tgz]
    version: 0.10.0
  - name: alpine
    urls:
    - second-of-that-version.tgz
    version: "0.10.0"
  "quoted":
    - version: 1.0.0
  gone: []
  zeta: # with a comment
  - version: 1.0.0
generated: "2026-01-02T03:04:05Z"
serverInfo:
  alpine:
  - version: 7.7.7
"""


async def test_the_charts_and_versions_of_helms_own_form_are_found() -> None:
    index = await Index.read(HELM, "mark")
    assert (index.names(), index.etag) == (("alpine", "gone", "quoted", "zeta"), "mark")
    newer, older = await index.versions("alpine")
    assert (newer.version, newer.urls) == ("0.10.0", ("alpine-0.10.0.tgz",))
    assert (older.version, older.name, older.app_version, older.deprecated) == (
        "0.2.0",
        "alpine",
        "1.10",
        True,
    )
    assert older.digest == "0e6661f193211d7a5206918d42f5c2a9470b737da61b1a8bd1e2e8a6b1d0f0aa"
    assert older.description == "Several lines,\nname: not this one\nversion: 6.6.6\n"
    assert older.urls == ("alpine-0.2.0.tgz", "https://mirror.example.com/alpine-0.2.0.tgz")
    assert await index.versions("gone") == ()
    assert [one.name for one in await index.versions("quoted")] == ["quoted"]


async def test_line_ends_of_another_system_change_nothing() -> None:
    index = await Index.read(HELM.replace(b"\n", b"\r\n"))
    assert index.names() == ("alpine", "gone", "quoted", "zeta")
    assert [one.version for one in await index.versions("alpine")] == ["0.10.0", "0.2.0"]


async def test_a_chart_that_is_not_there_is_said_to_be_missing() -> None:
    index = await Index.read(HELM)
    with pytest.raises(ChartNotFoundError, match="'nginx'"):
        await index.versions("nginx")


@pytest.mark.parametrize(
    "text",
    [
        b"entries: {web: [{name: web, version: 1.0.0, urls: [a.tgz]}, {version: 2.0.0}], other: []}\n",
        b'{"apiVersion": "v1", "entries": {"web": [{"name": "web", "version": "1.0.0", "urls": ["a.tgz"], '
        b'"deprecated": true, "x": {"y": [1]}}, {"version": "2.0.0"}], "other": null}}',
        b"---\n'entries':\n   web:\n      - {name: web, version: 1.0.0, urls: [a.tgz]}\n"
        b"      - version: 2.0.0\n   other:\n",
    ],
)
async def test_other_forms_of_yaml_and_json_are_read_whole(text: bytes) -> None:
    index = await Index.read(text)
    assert [(one.version, one.urls) for one in await index.versions("web")] == [
        ("2.0.0", ()),
        ("1.0.0", ("a.tgz",)),
    ]


@pytest.mark.parametrize("text", [b"", b"entries: {}\n", b"apiVersion: v1\nentries:\ngenerated: x\n", b"{}"])
async def test_an_index_without_charts_has_none(text: bytes) -> None:
    assert text == b"" or (await Index.read(text)).names() == ()


@pytest.mark.parametrize(
    "text", [b"", b"- a\n", b"<html><body>log in</body></html>", b"{", b"a: [\n", b"\xff\xfe\0"]
)
async def test_what_is_no_index_is_refused(text: bytes) -> None:
    with pytest.raises(ChartContentError):
        await Index.read(text)


def large(charts: int, versions: int) -> bytes:
    entry = (
        "  - apiVersion: v2\n    description: words, and more of them\n    name: {0}\n"
        "    urls:\n    - {0}-{1}.tgz\n    version: {1}\n"
    )
    parts = [
        f"  c{chart}:\n" + "".join(entry.format(f"c{chart}", f"1.{n}.0") for n in range(versions))
        for chart in range(charts)
    ]
    return f"apiVersion: v1\nentries:\n{''.join(parts)}generated: now\n".encode()


async def test_charts_are_found_across_the_pieces_an_index_is_looked_through_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scan, "PIECE", 10_000)
    text = large(300, 30)
    assert len(text) > 4 * 10_000
    index = await Index.read(text)
    assert len(index.names()) == 300
    for chart in ("c0", "c150", "c299"):
        assert [one.version for one in await index.versions(chart)] == [
            f"1.{n}.0" for n in reversed(range(30))
        ]


async def test_aliases_are_refused_and_so_expand_to_nothing() -> None:
    bomb = "entries:\n  web:\n  - version: 1.0.0\n    x: &a [lol]\n" + "".join(
        f"    x{n}: &b{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9)
    )
    assert [one.version for one in await (await Index.read(bomb.encode())).versions("web")] == ["1.0.0"]
    for last in ("    urls: *b8\n", "    <<: *b8\n", "    name: &c web\n"):
        index = await Index.read((bomb + last).encode())
        with pytest.raises(ChartContentError, match=r"chart 'web' .* anchors"):
            await index.versions("web")


async def test_one_broken_chart_is_no_other_charts_failure() -> None:
    index = await Index.read(HELM.replace(b"    - version: 1.0.0", b"    - version: [1.0.0"))
    with pytest.raises(ChartContentError, match="chart 'quoted'"):
        await index.versions("quoted")
    assert len(await index.versions("alpine")) == 2


async def test_an_entry_larger_than_may_be_is_refused_without_reading_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "MAX_ENTRY", 1000)
    index = await Index.read(large(2, 100))
    with pytest.raises(ChartContentError, match="chart 'c0' has more than"):
        await index.versions("c0")


async def test_an_index_in_another_form_is_read_whole_only_up_to_a_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bounds, "MAX_FOREIGN", 1000)
    with pytest.raises(ChartContentError, match="not in the form Helm writes"):
        await Index.read(b"entries: {" + b", ".join(b"c%d: []" % n for n in range(500)) + b"}\n")


async def test_deeply_nested_values_of_a_chart_are_gone_through_without_end_of_the_stack() -> None:
    deep = b"  - version: 1.0.0\n    x: " + b"[" * 5000 + b"]" * 5000 + b"\n"
    index = await Index.read(b"entries:\n  web:\n" + deep)
    try:
        assert [one.version for one in await index.versions("web")] == ["1.0.0"]
    except ChartContentError as error:
        assert "no YAML" in str(error)


async def test_numbers_in_json_are_no_versions() -> None:
    text = json.dumps({"entries": {"web": [{"version": 1}, {"version": "1.0.0", "urls": "no list"}]}})
    assert [one.urls for one in await (await Index.read(text.encode())).versions("web")] == [()]
