"""Rows of `repository.RepositoryService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import repository

_SERVICE = "/repository.RepositoryService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=repository.list_all, ask=repository.RepositoryQuery),
    Method(rpc=f"{_SERVICE}/ListRepositories", run=repository.list_all, ask=repository.RepositoryQuery),
    Method(rpc=f"{_SERVICE}/Get", run=repository.get, ask=repository.RepositoryQuery),
)
