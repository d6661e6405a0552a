"""Values as they lie in Redis: compressed, then sealed for the key they lie under.

Whoever reads Redis reads nothing, and what is put there without the family's key, or under another key, is a
miss. Each family has a key of its own, derived from the secret that the services share; the key of a private
family also from what its writer alone has, so that no other service can make a value of it. The manifests'
key is shared by those who read them: that none of these makes manifests up is held by their digest, which
comes from the repo-server over NATS and is compared after opening.
"""

import zstandard

from fairlead.cache.keys import FAMILIES, family_of
from fairlead.secret.seal import Seal, derive

LEVEL = 1
"""zstd level: on manifests it is as good as gzip at a tenth of the time."""
MAX_VALUE_BYTES = 64 << 20
"""Largest value, unpacked."""

_PLAIN, _ZSTD = b"\x00", b"\x01"
_COMPRESS_FROM = 512


class Codec:
    """Seals and opens values. `secret` is shared by the services, `own` by the replicas of this one."""

    def __init__(self, secret: bytes, own: bytes = b"") -> None:
        self._seals = {
            family.name: Seal(derive(secret + own if family.is_private else secret, family.purpose))
            for family in FAMILIES
        }
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def seal(self, key: str, value: bytes) -> bytes:
        """The bytes to store for `value` under `key`."""
        body = _PLAIN + value if len(value) < _COMPRESS_FROM else _ZSTD + self._compressor.compress(value)
        return self._seal_of(key).seal(key, body)

    def open(self, key: str, stored: bytes) -> bytes | None:
        """The value, or None when it is not one that was sealed under this key."""
        body = self._seal_of(key).open(key, stored)
        if not body:
            return None
        if body[:1] == _PLAIN:
            return body[1:]
        try:
            if zstandard.frame_content_size(body[1:]) > MAX_VALUE_BYTES:
                return None
            return self._decompressor.decompress(body[1:], max_output_size=MAX_VALUE_BYTES)
        except zstandard.ZstdError:
            return None

    def _seal_of(self, key: str) -> Seal:
        return self._seals[family_of(key).name]
