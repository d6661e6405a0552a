"""Rows of `repository.RepositoryService`. Some RPCs are older names of others."""

from fairlead.api_server.methods.method import RENDERING, Method, Operation
from fairlead.api_server.operations.repository import content, read, write
from fairlead.api_server.operations.repository.requests import (
    AccessQuery,
    AppDetailsQuery,
    AppsQuery,
    RepositoryCreate,
    RepositoryQuery,
    RepositoryUpdate,
)

_SERVICE = "/repository.RepositoryService"


def _query(name: str, run: Operation, seconds: float = 30.0) -> Method:
    return Method(rpc=f"{_SERVICE}/{name}", run=run, ask=RepositoryQuery, seconds=seconds)


def _create(name: str, run: Operation) -> Method:
    return Method(rpc=f"{_SERVICE}/{name}", run=run, ask=RepositoryCreate, seconds=RENDERING)


def _update(name: str, run: Operation) -> Method:
    return Method(rpc=f"{_SERVICE}/{name}", run=run, ask=RepositoryUpdate)


def _access(name: str, run: Operation) -> Method:
    return Method(rpc=f"{_SERVICE}/{name}", run=run, ask=AccessQuery, seconds=RENDERING)


ROWS: tuple[Method, ...] = (
    _query("List", read.list_all),
    _query("ListRepositories", read.list_all),
    _query("ListWriteRepositories", read.list_write),
    _query("Get", read.get),
    _query("GetWrite", read.get_write),
    _create("Create", write.create),
    _create("CreateRepository", write.create),
    _create("CreateWriteRepository", write.create_write),
    _update("Update", write.update),
    _update("UpdateRepository", write.update),
    _update("UpdateWriteRepository", write.update_write),
    _query("Delete", write.delete),
    _query("DeleteRepository", write.delete),
    _query("DeleteWriteRepository", write.delete_write),
    _access("ValidateAccess", write.validate),
    _access("ValidateWriteAccess", write.validate_write),
    _query("ListRefs", content.refs, RENDERING),
    _query("ListOCITags", content.oci_tags, RENDERING),
    _query("GetHelmCharts", content.helm_charts, RENDERING),
    Method(rpc=f"{_SERVICE}/ListApps", run=content.apps, ask=AppsQuery, seconds=RENDERING),
    Method(rpc=f"{_SERVICE}/GetAppDetails", run=content.app_details, ask=AppDetailsQuery, seconds=RENDERING),
)
