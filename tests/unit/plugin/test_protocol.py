"""The bytes of the plugin protocol, held against protobuf's own reader made from the same facts."""

import pytest
from grpclib.protocol import Stream

from fairlead.plugin import protocol
from fairlead.plugin.frames import FrameError, chunk_of, chunks, received
from fairlead.plugin.names import PatternError, is_deep_like, is_like
from fairlead.wire.decode import decode
from fairlead.wire.encode import encode
from tests.wire_messages import kind as message_class


def test_what_is_sent_is_what_protobuf_reads() -> None:
    metadata = {
        "appName": "web",
        "appRelPath": "apps/web",
        "checksum": "ab",
        "size": 1 << 40,
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
    }
    message = message_class("plugin.AppStreamRequest")()
    message.ParseFromString(encode("plugin.AppStreamRequest", {"metadata": metadata}))
    assert message.metadata.appRelPath == "apps/web"
    assert message.metadata.size == 1 << 40
    assert [(entry.name, entry.value) for entry in message.metadata.env] == [("A", "1"), ("B", "")]


def test_an_archive_goes_out_in_messages_of_1024_bytes_as_protobuf_writes_them() -> None:
    data = bytes(range(256)) * 17 + b"end"
    sent, found, sizes = chunks(data), b"", []
    kind = message_class("plugin.AppStreamRequest")
    while sent:
        size = int.from_bytes(sent[1:5], "big")
        body, sent = sent[5 : 5 + size], sent[5 + size :]
        message = kind()
        message.ParseFromString(body)
        assert message.SerializeToString() == body
        assert chunk_of(body) == message.file.chunk
        found += message.file.chunk
        sizes.append(len(message.file.chunk))
    assert found == data
    assert set(sizes[:-1]) == {protocol.CHUNK}


@pytest.mark.parametrize("size", [0, 1, 100, 126, 127, 128, 129, 1024, 16383, 16384, 70_000])
def test_pieces_of_any_size_are_read(size: int) -> None:
    message = message_class("plugin.AppStreamRequest")()
    message.file.chunk = b"x" * size
    assert chunk_of(message.SerializeToString()) == b"x" * size
    assert chunk_of(encode("plugin.AppStreamRequest", {"metadata": {"appName": "a"}})) is None


def test_answers_of_the_original_are_read() -> None:
    answer = message_class("plugin.ManifestResponse")(manifests=["a: 1", "b: 2"], sourceType="x")
    read = decode(protocol.response_of(protocol.GENERATE), answer.SerializeToString())
    assert read == {"manifests": ["a: 1", "b: 2"], "sourceType": "x"}
    said = message_class("plugin.CheckPluginConfigurationResponse")(isDiscoveryConfigured=True)
    assert decode(protocol.response_of(protocol.CHECK), said.SerializeToString()) == {
        "isDiscoveryConfigured": True
    }


class Given(Stream):
    """A stream of bytes that are here."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def recv_data(self, size: int) -> bytes:
        found, self._data = self._data[:size], self._data[size:]
        return found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\1\0\0\0\0", "compressed"),
        (b"\0\xff\xff\xff\xff", "the most that is taken"),
        (b"\0\0\0\0\5abc", "ends in the middle"),
    ],
)
async def test_what_is_no_message_is_refused_before_it_is_read(data: bytes, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        await received(Given(data), 1000)
    assert await received(Given(b""), 1000) is None


def test_patterns_mean_what_they_mean_in_go() -> None:
    assert is_like("*.yaml", "a.yaml")
    assert not is_like("*.yaml", "a/b.yaml")
    assert is_like("a/?/[^x]*", "a/b/y.z")
    assert not is_like("a/?/[^x]*", "a/b/x.z")
    assert is_like("{a,b}", "{a,b}")
    assert is_deep_like("**/*.tf", "x.tf")
    assert is_deep_like("apps/**/{a,b}.yaml", "apps/1/2/b.yaml")
    assert is_deep_like("apps/**/a.yaml", "apps/a.yaml")
    assert not is_deep_like("apps/**/a.yaml", "other/a.yaml")
    for pattern in ("[", "a\\", "x" * 2000):
        with pytest.raises(PatternError):
            is_like(pattern, "a")
