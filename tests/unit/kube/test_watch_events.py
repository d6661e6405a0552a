import msgspec
import pytest

from fairlead.kube.errors import GoneError, ProtocolError
from fairlead.kube.head import decode_head, with_type
from fairlead.kube.watch_events import Deleted, Modified, read_item, read_line
from tests.unit.kube.objects import CONFIG_MAPS, body


def _line(type_: str, raw: bytes) -> bytes:
    return msgspec.json.encode({"type": type_, "object": msgspec.Raw(raw)})


def test_an_event_brings_head_and_exact_bytes() -> None:
    raw = body("a", 7, app="one", data={"k": "v"})
    version, event = read_line(_line("MODIFIED", raw))
    assert version == "7"
    assert isinstance(event, Modified)
    assert event.raw == raw
    assert event.head.metadata.name == "a"


def test_a_deletion_brings_the_last_state() -> None:
    _, event = read_line(_line("DELETED", body("a", 8)))
    assert isinstance(event, Deleted)


def test_a_bookmark_only_moves_the_version() -> None:
    assert read_line(_line("BOOKMARK", b'{"kind":"ConfigMap","metadata":{"resourceVersion":"99"}}')) == (
        "99",
        None,
    )


def test_an_error_in_the_stream_is_raised_as_what_it_is() -> None:
    status = b'{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version: 1 (5)"}'
    with pytest.raises(GoneError, match="too old resource version"):
        read_line(_line("ERROR", status))


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"type":"ADDED"}', b'{"type":"NEW","object":{}}', b"<html>"])
def test_what_is_no_watch_event_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        read_line(line)


def test_list_items_are_made_to_say_what_they_are() -> None:
    added = read_item(msgspec.Raw(b'{"metadata":{"name":"a"},"data":{"k":"v"}}'), CONFIG_MAPS)
    assert msgspec.json.decode(added.raw) == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a"},
        "data": {"k": "v"},
    }


def test_items_that_say_it_already_are_left_alone() -> None:
    raw = body("a", 1)
    assert read_item(msgspec.Raw(raw), CONFIG_MAPS).raw == raw


def test_an_empty_object_can_be_given_a_type() -> None:
    assert msgspec.json.decode(with_type(b"{}", "v1", "Pod")) == {"kind": "Pod", "apiVersion": "v1"}


def test_a_head_ignores_everything_it_does_not_need() -> None:
    head = decode_head(b'{"metadata":{"name":"a","labels":null,"odd":[1]},"spec":{"anything":[{}]}}')
    assert (head.metadata.name, head.metadata.labels) == ("a", None)
