"""Rows of `applicationset.ApplicationSetService`."""

from fairlead.api_server.methods.method import Method

ROWS: tuple[Method, ...] = ()
