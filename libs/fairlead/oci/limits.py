"""Every bound on what a registry may answer."""

from typing import Final

TAGS_AT_ONCE: Final = 1000
"""Tags that are asked for in one request: what the large registries give at most."""
PAGES: Final = 200
TAGS: Final = 100_000
LISTING: Final = 8 << 20
"""Bytes of one page of tags."""
MANIFEST: Final = 4 << 20
"""Bytes, as registries themselves have it."""
TOKEN: Final = 1 << 20
"""Bytes of an answer that holds a token."""
LAYERS: Final = 10
"""Contract 21."""
REQUEST_SECONDS: Final = 30.0
CONTENT_SECONDS: Final = 600.0
"""How long a layer may take, while it keeps coming."""
