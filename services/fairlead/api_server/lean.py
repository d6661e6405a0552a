"""Imports aiohttp without the TLS context that it makes of all the system's authorities: 2 MiB nobody uses.

Whatever this service asks over TLS has a context of its own: Kubernetes, identity providers, Dex. Something
that had none would trust nobody. Only the started process imports this, before everything else.
"""

import os
import sys

EMPTY = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


def _import_aiohttp() -> None:
    if "aiohttp" in sys.modules:
        return
    before = {name: os.environ.get(name) for name in EMPTY}
    os.environ.update(EMPTY)
    try:
        import aiohttp  # noqa: F401, PLC0415 - the import is the purpose
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_import_aiohttp()
