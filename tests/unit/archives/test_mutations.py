"""Archives that anybody might send: whatever the bytes, there are files or a refusal in words."""

import zipfile

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairlead.archives import ArchiveRefusedError, Limits, beneath_root, unpack
from tests.unit.archives.tars import end, file, gzipped, header, pax, special, tar
from tests.unit.archives.test_unpack import zipped

SMALL = Limits(archive=1 << 20, unpacked=1 << 20, file=1 << 18, header=1 << 16, files=100)
SOUND = (
    tar(
        file("web/Chart.yaml", b"name: web"),
        special("web/link", b"2", "Chart.yaml"),
        file("web/" + "n" * 120),
    ),
    end(pax((b"path", b"a/long/name"), (b"size", b"3")) + header(b"a") + b"abc".ljust(512, b"\0")),
    zipped(("web/a", b"abc" * 100), ("web/b", b"")),
    zipped(("web/a", b"abc"), method=zipfile.ZIP_STORED),
)
ARCHIVES = (*SOUND, *(gzipped(one) for one in SOUND[:2]))


def gone_through(archive: bytes) -> None:
    try:
        for one in beneath_root(unpack(archive, SMALL), "web"):
            assert not one.path.startswith("/")
            assert ".." not in one.path.split("/")
    except ArchiveRefusedError as error:
        assert str(error)


@settings(max_examples=300, deadline=None)
@given(
    archive=st.sampled_from(ARCHIVES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    cut=st.floats(0.0, 1.0),
)
@example(archive=ARCHIVES[0], changes=[], cut=1.0)
def test_a_changed_archive_is_files_or_a_refusal(
    archive: bytes, changes: list[tuple[float, int]], cut: float
) -> None:
    changed = bytearray(archive)
    for place, value in changes:
        changed[int(place * len(changed))] = value
    gone_through(bytes(changed[: int(cut * len(changed))]))


@settings(max_examples=150, deadline=None)
@given(
    fields=st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=100),
            st.binary(min_size=1, max_size=1),
            st.binary(min_size=12, max_size=12),
        ),
        max_size=4,
    ),
    content=st.binary(max_size=600),
)
def test_headers_that_say_anything_are_files_or_a_refusal(
    fields: list[tuple[bytes, bytes, bytes]], content: bytes
) -> None:
    headers = [header(name, kind=kind, size=size) + content.ljust(1024, b"\0") for name, kind, size in fields]
    gone_through(end(b"".join(headers)))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_files_or_a_refusal(content: bytes) -> None:
    gone_through(content)
    gone_through(b"\x1f\x8b" + content)
    gone_through(b"PK\x03\x04" + content + b"PK\x05\x06" + content[:18].ljust(18, b"\0"))
