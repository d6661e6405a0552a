"""Rows of `application.ApplicationService`."""

from fairlead.api_server.methods.method import MANIFESTS, OBJECT, RENDERING, Method
from fairlead.api_server.operations.application import read, resources, sync, watch, windows, write
from fairlead.api_server.operations.application import requests as asked

_SERVICE = "/application.ApplicationService"

_READING: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=read.list_all, ask=asked.ApplicationQuery),
    Method(rpc=f"{_SERVICE}/Get", run=read.get, ask=asked.ApplicationQuery, seconds=RENDERING),
    Method(rpc=f"{_SERVICE}/Watch", run=watch.watch, ask=asked.ApplicationQuery),
    Method(
        rpc=f"{_SERVICE}/GetManifests", run=resources.manifests, ask=asked.ManifestQuery, seconds=RENDERING
    ),
    Method(rpc=f"{_SERVICE}/ManagedResources", run=resources.managed, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/ResourceTree", run=resources.tree, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/WatchResourceTree", run=watch.watch_tree, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/GetResource", run=resources.live, ask=asked.ResourceQuery),
    Method(rpc=f"{_SERVICE}/ListResourceEvents", run=resources.events, ask=asked.EventsQuery),
    Method(rpc=f"{_SERVICE}/ListLinks", run=resources.links, ask=asked.LinksQuery),
    Method(rpc=f"{_SERVICE}/GetApplicationSyncWindows", run=windows.get, ask=asked.ApplicationRef),
    Method(
        rpc=f"{_SERVICE}/RevisionMetadata",
        run=resources.revision_metadata,
        ask=asked.RevisionQuery,
        seconds=RENDERING,
    ),
)

_WRITING: tuple[Method, ...] = (
    Method(
        rpc=f"{_SERVICE}/Create",
        run=write.create,
        ask=asked.CreateRequest,
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    Method(
        rpc=f"{_SERVICE}/Update",
        run=write.update,
        ask=asked.UpdateRequest,
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    Method(
        rpc=f"{_SERVICE}/UpdateSpec",
        run=write.update_spec,
        ask=asked.UpdateSpecRequest,
        seconds=RENDERING,
        body_bytes=OBJECT,
    ),
    Method(
        rpc=f"{_SERVICE}/Patch", run=write.patch, ask=asked.PatchRequest, seconds=RENDERING, body_bytes=OBJECT
    ),
    Method(rpc=f"{_SERVICE}/Delete", run=write.delete, ask=asked.DeleteRequest),
    Method(
        rpc=f"{_SERVICE}/Sync", run=sync.sync, ask=asked.SyncRequest, seconds=RENDERING, body_bytes=MANIFESTS
    ),
    Method(rpc=f"{_SERVICE}/Rollback", run=sync.rollback, ask=asked.RollbackRequest),
    Method(rpc=f"{_SERVICE}/TerminateOperation", run=sync.terminate, ask=asked.ApplicationRef),
)

ROWS: tuple[Method, ...] = _READING + _WRITING
