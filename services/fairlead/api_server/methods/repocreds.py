"""Rows of `repocreds.RepoCredsService`."""

from fairlead.api_server.methods.method import Method

ROWS: tuple[Method, ...] = ()
