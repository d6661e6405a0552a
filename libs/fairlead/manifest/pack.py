"""Objects kept small: compressed against what the first objects of their kind look like.

Objects of one kind are alike, so with a few of them as dictionary a Deployment of 3 KB takes some 300 bytes.
What is packed can be read by this process only: the dictionaries are not kept anywhere else.

Invariant: a packed text names its dictionary, and a dictionary never changes and never goes.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Final

import zstandard

LEVEL: Final = 1
SAMPLES: Final = 4
"""Objects of a kind that make its dictionary."""
SAMPLE_BYTES: Final = 4096
"""What a dictionary takes of each."""
WORTH: Final = 24
"""Objects of a kind after which it gets a dictionary; those before it are packed without."""
MOST_DICTIONARIES: Final = 192
"""Kinds with a dictionary of their own; those that come later have none. About 100 KB each."""
MOST_SAMPLED: Final = 1000
"""Kinds of which samples are kept."""
_PARAMETERS: Final = zstandard.ZstdCompressionParameters.from_level(
    LEVEL,
    window_log=15,
    hash_log=12,
    chain_log=12,
    write_content_size=1,
    write_checksum=0,
    write_dict_id=0,
)


class Packer:
    """Packs and unpacks, from any thread."""

    def __init__(self) -> None:
        self._compressors = [zstandard.ZstdCompressor(compression_params=_PARAMETERS)]
        self._decompressors = [zstandard.ZstdDecompressor()]
        self._numbers: dict[Hashable, int] = {}
        self._samples: dict[Hashable, list[bytes]] = {}
        self._lock = threading.Lock()

    def pack(self, kind: Hashable, text: bytes) -> bytes:
        """A text, small. `kind` says what it is like; the same need not be said to read it."""
        with self._lock:
            number = self._numbers.get(kind)
            if number is None:
                number = self._numbered(kind, text)
            return bytes((number,)) + self._compressors[number].compress(text)

    def unpack(self, packed: bytes) -> bytes:
        """The text again."""
        with self._lock:
            return self._decompressors[packed[0]].decompress(memoryview(packed)[1:])

    def _numbered(self, kind: Hashable, text: bytes) -> int:
        """The number of the dictionary for a text of a kind that has none so far; 0 for none."""
        samples = self._samples.get(kind)
        if samples is None:
            if len(self._compressors) > MOST_DICTIONARIES or len(self._samples) >= MOST_SAMPLED:
                return 0
            samples = self._samples[kind] = []
        samples.append(text[:SAMPLE_BYTES] if len(samples) < SAMPLES else b"")
        if len(samples) < WORTH:
            return 0
        del self._samples[kind]
        if len(self._compressors) > MOST_DICTIONARIES:
            self._numbers[kind] = 0
            return 0
        content = zstandard.ZstdCompressionDict(b"".join(samples), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        self._compressors.append(zstandard.ZstdCompressor(dict_data=content, compression_params=_PARAMETERS))
        self._decompressors.append(zstandard.ZstdDecompressor(dict_data=content))
        number = self._numbers[kind] = len(self._compressors) - 1
        return number


_packer = Packer()
pack = _packer.pack
unpack = _packer.unpack
