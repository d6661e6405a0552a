import asyncio

import msgspec
import pytest

from fairlead.kube.answer import retry_after_of, warning_text
from fairlead.kube.connection import Connection
from fairlead.kube.delete import delete_options
from fairlead.kube.events import MAX_MESSAGE, event_name, shortened
from fairlead.kube.rest import KubeClient
from fairlead.kube.writer import ClusterWriter, WriteFencedError
from tests.unit.kube.objects import CONFIG_MAPS, anything


async def test_a_fenced_writer_sends_nothing_and_says_so() -> None:
    counted: list[tuple[str, str]] = []
    client = KubeClient(Connection(server="http://127.0.0.1:1"))
    writer = ClusterWriter(
        client,
        fence=lambda: False,
        gate=anything,
        on_write=lambda verb, _, outcome: counted.append((verb, outcome)),
    )

    async def send(_: KubeClient) -> bytes:
        raise AssertionError("sent")

    with pytest.raises(WriteFencedError):
        await writer.write("apply", CONFIG_MAPS, send, name="a", namespace="b")
    assert counted == [("apply", "begun"), ("apply", "WriteFencedError")]
    with pytest.raises(WriteFencedError):
        await writer.acting_as("somebody").write("apply", CONFIG_MAPS, send, name="a", namespace="b")


async def test_a_write_that_is_given_up_is_told_to_be_over() -> None:
    """Who counts writes under way would count it for as long as the process runs."""
    counted: list[str] = []
    writer = ClusterWriter(
        KubeClient(Connection(server="http://127.0.0.1:1")),
        fence=lambda: True,
        gate=anything,
        on_write=lambda _verb, _resource, outcome: counted.append(outcome),
    )

    async def send(_: KubeClient) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    writing = asyncio.create_task(writer.write("apply", CONFIG_MAPS, send, name="a", namespace="b"))
    while not counted:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert counted == ["begun", "CancelledError"]


def test_delete_options_carry_propagation_and_preconditions() -> None:
    assert msgspec.json.decode(delete_options("foreground", "u", "7", None)) == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Foreground",
        "preconditions": {"uid": "u", "resourceVersion": "7"},
    }
    assert "preconditions" not in msgspec.json.decode(delete_options("orphan", None, None, 0))


def test_an_events_name_is_the_object_and_the_hex_time() -> None:
    assert event_name("guestbook", 255) == "guestbook.ff"
    assert len(event_name("x" * 253, 10**18)) == 253


def test_a_long_message_is_cut_at_a_characters_border() -> None:
    assert shortened("short") == "short"
    cut = shortened("ä" * 1000)
    assert len(cut.encode()) <= MAX_MESSAGE
    assert cut.endswith("ä...")


def test_warnings_are_read_out_of_their_header() -> None:
    assert warning_text('299 - "v1beta1 is \\"old\\""') == 'v1beta1 is "old"'
    assert warning_text("odd") == "odd"


def test_only_seconds_count_as_a_wait() -> None:
    assert retry_after_of("3") == 3
    assert retry_after_of("Wed, 21 Oct 2015 07:28:00 GMT") is None
    assert retry_after_of(None) is None
