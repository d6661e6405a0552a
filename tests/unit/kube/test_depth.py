"""One object that is nested as deep as API servers take it keeps nobody from reading the others."""

import sys

import msgspec
import pytest

from fairlead.kube.depth import MAX_LEVELS
from fairlead.kube.head import decode_head
from fairlead.kube.pages import decode_page
from fairlead.kube.watch_events import Added, read_item, read_line
from fairlead.model.decode import decode_application
from fairlead.model.errors import MalformedObjectError
from tests.unit.kube.objects import CONFIG_MAPS


def nested(opening: bytes, closing: bytes, levels: int = MAX_LEVELS - 10) -> bytes:
    spec = opening * levels + b"1" + closing * levels
    return b'{"apiVersion":"v1","kind":"X","metadata":{"name":"deep","resourceVersion":"7"},"spec":%b}' % spec


@pytest.mark.parametrize(("opening", "closing"), [(b'{"a":', b"}"), (b"[", b"]")])
def test_the_deepest_object_is_told_and_listed_like_any_other(opening: bytes, closing: bytes) -> None:
    raw = nested(opening, closing)
    usual = sys.getrecursionlimit()
    version, event = read_line(b'{"type":"ADDED","object":%b}' % raw)
    assert version == "7"
    assert isinstance(event, Added)
    assert (event.head.metadata.name, event.raw) == ("deep", raw)
    page = decode_page(b'{"kind":"XList","metadata":{"resourceVersion":"8"},"items":[%b,%b]}' % (raw, raw))
    assert [read_item(item, CONFIG_MAPS).head.metadata.name for item in page.items or ()] == ["deep", "deep"]
    assert decode_head(raw).metadata.name == "deep"
    assert sys.getrecursionlimit() == usual


def test_what_is_too_deep_to_be_read_is_malformed() -> None:
    values = b'{"a":' * 3000 + b"1" + b"}" * 3000
    source = b'{"repoURL":"u","path":".","helm":{"valuesObject":%b}}' % values
    raw = b'{"metadata":{"name":"a","namespace":"n"},"spec":{"project":"p","source":%b}}' % source
    with pytest.raises(MalformedObjectError, match="recursion"):
        decode_application(raw)
    with pytest.raises(RecursionError):
        msgspec.json.decode(raw)
