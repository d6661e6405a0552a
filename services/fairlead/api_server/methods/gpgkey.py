"""Rows of `gpgkey.GPGKeyService`."""

from fairlead.api_server.methods.method import Method

ROWS: tuple[Method, ...] = ()
