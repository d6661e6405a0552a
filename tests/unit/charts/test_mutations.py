"""Indexes, manifests and challenges that anybody might send."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.charts import ChartError, Index
from fairlead.oci import OciError
from fairlead.oci.challenge import parse
from fairlead.oci.manifest import read
from tests.unit.charts.test_index import HELM

YAML = st.text(alphabet="ab1-:?[]{}&*!|>%@`'\"#,. \n\t\r\\", max_size=300).map(str.encode)


async def gone_through(body: bytes) -> None:
    try:
        index = await Index.read(body)
    except ChartError:
        return
    for chart in index.names():
        try:
            await index.versions(chart)
        except ChartError as error:
            assert str(error)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(HELM) - 1), YAML)
def test_a_changed_index_is_charts_or_a_refusal(place: int, text: bytes) -> None:
    asyncio.run(gone_through(HELM[:place] + text + HELM[place + len(text) :]))


@settings(max_examples=150, deadline=None)
@given(YAML | st.binary(max_size=200))
def test_any_text_is_an_index_or_a_refusal(text: bytes) -> None:
    asyncio.run(gone_through(text))
    asyncio.run(gone_through(b"entries:\n" + text))
    asyncio.run(gone_through(b"{" + text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.binary(max_size=200))
def test_any_text_is_a_challenge_and_a_manifest_or_none(header: str, body: bytes) -> None:
    parse([header, f"Bearer {header}", f'Basic realm="{header}"'])
    try:
        read(b'{"layers":' + body + b"}", "sha256:0", "")
    except OciError as error:
        assert str(error)
