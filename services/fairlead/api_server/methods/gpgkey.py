"""Rows of `gpgkey.GPGKeyService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import gpg_key

KEYS = 1 << 20
"""Bytes of a request that holds public keys."""
_SERVICE = "/gpgkey.GPGKeyService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=gpg_key.list_all, ask=gpg_key.KeyQuery),
    Method(rpc=f"{_SERVICE}/Get", run=gpg_key.get, ask=gpg_key.KeyQuery),
    Method(rpc=f"{_SERVICE}/Create", run=gpg_key.create, ask=gpg_key.KeyCreate, body_bytes=KEYS),
    Method(rpc=f"{_SERVICE}/Delete", run=gpg_key.delete, ask=gpg_key.KeyQuery),
)
