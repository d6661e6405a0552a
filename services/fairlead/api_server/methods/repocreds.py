"""Rows of `repocreds.RepoCredsService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.repository import credentials
from fairlead.api_server.operations.repository.requests import (
    CredentialsCreate,
    CredentialsQuery,
    CredentialsUpdate,
)

_SERVICE = "/repocreds.RepoCredsService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/ListRepositoryCredentials", run=credentials.list_all, ask=CredentialsQuery),
    Method(
        rpc=f"{_SERVICE}/ListWriteRepositoryCredentials", run=credentials.list_write, ask=CredentialsQuery
    ),
    Method(rpc=f"{_SERVICE}/CreateRepositoryCredentials", run=credentials.create, ask=CredentialsCreate),
    Method(
        rpc=f"{_SERVICE}/CreateWriteRepositoryCredentials",
        run=credentials.create_write,
        ask=CredentialsCreate,
    ),
    Method(rpc=f"{_SERVICE}/UpdateRepositoryCredentials", run=credentials.update, ask=CredentialsUpdate),
    Method(
        rpc=f"{_SERVICE}/UpdateWriteRepositoryCredentials",
        run=credentials.update_write,
        ask=CredentialsUpdate,
    ),
    Method(rpc=f"{_SERVICE}/DeleteRepositoryCredentials", run=credentials.delete, ask=CredentialsQuery),
    Method(
        rpc=f"{_SERVICE}/DeleteWriteRepositoryCredentials", run=credentials.delete_write, ask=CredentialsQuery
    ),
)
