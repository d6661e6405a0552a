"""Values as they lie in Redis: zstd inside, an HMAC-SHA256 over key and value in front.

The MAC covers the key, so a genuine value under another key is refused like a forged one.
"""

import hashlib
import hmac

import zstandard

MAC_BYTES = 32
LEVEL = 1
"""zstd level: on manifests it is as good as gzip at a tenth of the time."""
MAX_VALUE_BYTES = 64 << 20
"""Largest value, unpacked."""
MIN_KEY_BYTES = 16

_PLAIN, _ZSTD = b"\x00", b"\x01"
_COMPRESS_FROM = 512


class Codec:
    """Seals and opens values with one secret, shared by the services."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_KEY_BYTES:
            raise ValueError(f"the cache secret needs at least {MIN_KEY_BYTES} bytes")
        self._secret = secret
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def seal(self, key: str, value: bytes) -> bytes:
        """The bytes to store for `value` under `key`."""
        body = _PLAIN + value if len(value) < _COMPRESS_FROM else _ZSTD + self._compressor.compress(value)
        return self._mac(key, body) + body

    def open(self, key: str, stored: bytes) -> bytes | None:
        """The value, or None when it is not one that was sealed under this key."""
        mac, body = stored[:MAC_BYTES], stored[MAC_BYTES:]
        if not body or not hmac.compare_digest(mac, self._mac(key, body)):
            return None
        if body[:1] == _PLAIN:
            return body[1:]
        try:
            return self._decompressor.decompress(body[1:], max_output_size=MAX_VALUE_BYTES)
        except zstandard.ZstdError:
            return None

    def _mac(self, key: str, body: bytes) -> bytes:
        mac = hmac.new(self._secret, key.encode() + b"\x00", hashlib.sha256)
        mac.update(body)
        return mac.digest()
