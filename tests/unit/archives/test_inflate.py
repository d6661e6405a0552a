"""Reading an archive's bytes as they unpack."""

import gzip
import os

import pytest

from fairlead.archives import ArchiveRefusedError, Limits
from fairlead.archives.inflate import PIECE, Inflated


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_are_read_and_left_out_across_pieces(pack: object) -> None:
    content = os.urandom(3 * PIECE) + bytes(2 * PIECE)
    inflated = Inflated(pack(content), Limits())  # type: ignore[operator]
    assert inflated.read(10) == content[:10]
    assert inflated.skip(PIECE)
    assert inflated.read(2 * PIECE) == content[PIECE + 10 : 3 * PIECE + 10]
    assert inflated.read(10 * PIECE) == content[3 * PIECE + 10 :]
    assert inflated.read(1) == b""
    assert not inflated.skip(1)


def test_output_that_is_left_when_all_input_is_taken_comes_out() -> None:
    content = bytes(range(256)) * (PIECE // 256) * 8
    assert Inflated(gzip.compress(content), Limits()).read(len(content) + 1) == content


def test_members_without_end_are_refused() -> None:
    with pytest.raises(ArchiveRefusedError, match="more than 100 parts"):
        Inflated(gzip.compress(b"") * 102, Limits(files=100)).read(1)


def test_no_more_than_may_be_is_ever_made() -> None:
    bomb = gzip.compress(bytes(100 << 20))
    inflated = Inflated(bomb, Limits(ratio_from=1 << 20))
    with pytest.raises(ArchiveRefusedError, match="times as large"):
        inflated.read(100 << 20)
    assert inflated._made <= 200 * len(bomb) + PIECE
