"""The codec between the wire's bytes and JSON says what Google's protobuf says of the same bytes."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fairlead.wire import decode as decoding
from fairlead.wire.catalogue import NAMES, PUBLIC
from fairlead.wire.decode import decode
from fairlead.wire.encode import encode
from fairlead.wire.errors import DecodeError, EncodeError
from tests import wire_messages as google
from tests.wire_json import NUMBER_OR_TEXT, RAW, TIMES, said

V1 = "github.com.argoproj.argo_cd.v3.pkg.apis.application.v1alpha1"
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=6),
    "bytes": st.binary(max_size=6),
    "bool": st.booleans(),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint64": st.integers(0, 2**64 - 1),
}


@st.composite
def message(draw: st.DrawFn, name: str, depth: int = 0) -> Any:
    """A message of protobuf, filled at random."""
    made = google.kind(name)()
    if name in TIMES:
        made.seconds = draw(st.integers(0, 4102444800))
        made.nanos = draw(st.integers(0, 999_999)) * 1000
        return made
    if name == NUMBER_OR_TEXT:
        if draw(st.booleans()):
            made.type, made.strVal = 1, draw(SCALARS["string"])
        else:
            made.type, made.intVal = 0, draw(SCALARS["int32"])
        return made
    if name.rpartition(".")[2] in RAW:
        value = draw(st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2))
        setattr(made, google.rows(name)[0][1], json.dumps(value).encode())
        return made
    for _, field, label, kind, *_ in google.rows(name):
        wanted = label == "required" or draw(st.integers(0, 3)) == 0
        if not wanted or (kind not in SCALARS and depth >= 4 and label != "required"):
            continue
        if kind in SCALARS and label == "repeated":
            getattr(made, field).extend(draw(st.lists(SCALARS[kind], max_size=3)))
        elif kind in SCALARS:
            setattr(made, field, draw(SCALARS[kind]))
        elif label == "repeated":
            for _ in range(draw(st.integers(0, 2))):
                getattr(made, field).add().CopyFrom(draw(message(kind, depth + 1)))
        else:
            getattr(made, field).CopyFrom(draw(message(kind, depth + 1)))
    return made


CARRIED = sorted({name for rpc in PUBLIC.values() for name in (rpc.request, rpc.response)})


@pytest.mark.parametrize("name", CARRIED)
def test_bytes_mean_what_protobuf_says_they_mean_and_come_back_the_same(name: str) -> None:
    @settings(max_examples=5, phases=[Phase.generate])
    @given(message(name))
    def check(sent: Any) -> None:
        value = decode(name, sent.SerializePartialToString())
        assert value == said(name, sent)
        again = google.kind(name)()
        again.MergeFromString(encode(name, value))
        assert said(name, again) == value

    check()


def test_every_message_is_in_the_table_once() -> None:
    assert set(google.names()) == NAMES


def test_what_proto2_requires_is_written_although_nobody_said_it() -> None:
    entry = google.kind("application.LogEntry")()
    entry.ParseFromString(encode("application.LogEntry", {"content": "x"}))
    assert entry.IsInitialized()
    assert (entry.content, entry.last, entry.podName) == ("x", False, "")


def test_the_presence_of_a_pointer_survives_both_ways() -> None:
    name = f"{V1}.SyncPolicy"
    for value in (
        {"automated": {}},
        {"automated": {"prune": False}},
        {"retry": {"limit": -1, "backoff": {"factor": 2}}},
    ):
        assert decode(name, encode(name, value)) == value
    assert decode(f"{V1}.ApplicationSpec", encode(f"{V1}.ApplicationSpec", {"revisionHistoryLimit": 0})) == {
        "revisionHistoryLimit": 0
    }


def test_what_is_one_object_in_json_is_nested_on_the_wire() -> None:
    node = {"group": "apps", "kind": "Deployment", "name": "web", "resourceVersion": "3"}
    read = google.kind(f"{V1}.ResourceNode")()
    read.ParseFromString(encode(f"{V1}.ResourceNode", node))
    assert (read.resourceRef.kind, read.resourceVersion) == ("Deployment", "3")
    assert decode(f"{V1}.ResourceNode", read.SerializeToString()) == node
    selector = {"target": {"group": "apps", "kind": "Deployment", "labelSelector": "a=b"}}
    assert decode(f"{V1}.KustomizePatch", encode(f"{V1}.KustomizePatch", selector)) == selector
    hook = {"hook": {"force": True}}
    assert decode(f"{V1}.SyncStrategy", encode(f"{V1}.SyncStrategy", hook)) == hook
    parameter = {"name": "a", "map": {}}
    name = f"{V1}.ApplicationSourcePluginParameter"
    assert decode(name, encode(name, parameter)) == parameter
    assert decode(name, encode(name, {"name": "a", "array": []})) == {"name": "a", "array": []}


def test_names_that_differ_in_json_are_those_of_json() -> None:
    value = {"jsonPointers": ["/spec"], "jqPathExpressions": [".a"]}
    assert decode(f"{V1}.OverrideIgnoreDiff", encode(f"{V1}.OverrideIgnoreDiff", value)) == value
    override = {"health.lua": "return {}", "health.lua.useOpenLibs": True}
    assert decode(f"{V1}.ResourceOverride", encode(f"{V1}.ResourceOverride", override)) == override


def test_numbers_of_64_bits_may_be_texts_as_protobuf_writes_them_in_json() -> None:
    name = "account.CreateTokenRequest"
    assert encode(name, {"expiresIn": "3600"}) == encode(name, {"expiresIn": 3600})
    for wrong in ("", "x", "1.5", 2**63, True, [], "9" * 40):
        with pytest.raises(EncodeError):
            encode(name, {"expiresIn": wrong})


def test_a_message_in_parts_is_put_together() -> None:
    name = "application.ApplicationCreateRequest"
    parts = encode(name, {"application": {"metadata": {"name": "a", "labels": {"x": "1"}}}}) + encode(
        name, {"application": {"metadata": {"namespace": "n", "labels": {"y": "2"}}}}
    )
    metadata = decode(name, parts)["application"]["metadata"]
    assert metadata == {"name": "a", "namespace": "n", "labels": {"x": "1", "y": "2"}}


def test_fields_nobody_knows_are_passed_over() -> None:
    known = encode("account.GetAccountRequest", {"name": "x"})
    unknown = b"\xfa\x01\x03abc" + b"\xf8\x01\x96\x01" + b"\xf5\x01abcd" + b"\xf1\x01abcdefgh"
    assert decode("account.GetAccountRequest", unknown + known + unknown) == {"name": "x"}


@pytest.mark.parametrize(
    "broken",
    [
        b"\x0a",
        b"\x0a\x05ab",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x0a" + b"\xff" * 11,
        b"\x0b",
        b"\x0c",
        b"\x0f",
        b"\x05",
        b"\x0a\x01\xff",
        b"\x80",
    ],
)
def test_bytes_that_are_no_message_are_refused(broken: bytes) -> None:
    with pytest.raises(DecodeError):
        decode("account.GetAccountRequest", broken)


@settings(max_examples=300)
@given(st.sampled_from(CARRIED), st.binary(max_size=80))
def test_whatever_arrives_is_a_message_or_refused(name: str, data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        decode(name, data)


def test_no_message_is_so_deep_or_has_so_many_fields_that_reading_it_hurts() -> None:
    name = f"{V1}.JWTTokens"
    with pytest.raises(DecodeError, match="fields"):
        decode(name, b"\x0a\x00" * (decoding.MAX_FIELDS + 1))
    packed = b"\x2a\x80\x89\x7a" + b"\x01" * 2_000_000
    with pytest.raises(DecodeError, match="fields"):
        decode("application.ApplicationManifestQuery", packed)
    raw = b"[" * 5000 + b"]" * 5000
    deep = google.kind(f"{V1}.ApplicationSourceHelm")()
    deep.valuesObject.raw = raw
    with pytest.raises(DecodeError, match="nested"):
        decode(f"{V1}.ApplicationSourceHelm", deep.SerializeToString())
