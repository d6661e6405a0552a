"""Rows of `application.ApplicationService`."""

from fairlead.api_server.methods.method import MANIFESTS, OBJECT, RENDERING, Method
from fairlead.api_server.operations.application import (
    actions,
    charts,
    diff,
    files,
    links,
    logs,
    patch,
    read,
    resources,
    sync,
    touch,
    watch,
    windows,
    write,
)
from fairlead.api_server.operations.application import requests as asked

_SERVICE = "/application.ApplicationService"

ACTING = 60.0
"""Seconds for what a controller does in a cluster, which may take it 40."""

_READING: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=read.list_all, ask=asked.ApplicationQuery),
    Method(rpc=f"{_SERVICE}/Get", run=read.get, ask=asked.ApplicationQuery, seconds=RENDERING),
    Method(rpc=f"{_SERVICE}/Watch", run=watch.watch, ask=asked.ApplicationQuery),
    Method(
        rpc=f"{_SERVICE}/GetManifests", run=resources.manifests, ask=asked.ManifestQuery, seconds=RENDERING
    ),
    Method(
        rpc=f"{_SERVICE}/GetManifestsWithFiles",
        run=files.manifests,
        ask=asked.FilesPart,
        seconds=RENDERING,
        body_bytes=MANIFESTS,
    ),
    Method(rpc=f"{_SERVICE}/ManagedResources", run=resources.managed, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/ResourceTree", run=resources.tree, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/WatchResourceTree", run=watch.watch_tree, ask=asked.ResourcesQuery),
    Method(rpc=f"{_SERVICE}/GetResource", run=resources.live, ask=asked.ResourceQuery),
    Method(rpc=f"{_SERVICE}/ListResourceEvents", run=resources.events, ask=asked.EventsQuery),
    Method(rpc=f"{_SERVICE}/ListLinks", run=links.of_application, ask=asked.LinksQuery),
    Method(rpc=f"{_SERVICE}/ListResourceLinks", run=links.of_resource, ask=asked.ResourceQuery),
    Method(rpc=f"{_SERVICE}/ListResourceActions", run=actions.list_all, ask=asked.ResourceQuery),
    Method(rpc=f"{_SERVICE}/PodLogs", run=logs.pod_logs, ask=asked.PodLogsQuery),
    Method(
        rpc=f"{_SERVICE}/ServerSideDiff",
        run=diff.server_side,
        ask=asked.DiffQuery,
        seconds=ACTING,
        body_bytes=MANIFESTS,
    ),
    Method(rpc=f"{_SERVICE}/RevisionChartDetails", run=charts.chart_details, ask=asked.RevisionQuery),
    Method(rpc=f"{_SERVICE}/GetOCIMetadata", run=charts.oci_metadata, ask=asked.RevisionQuery),
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
        rpc=f"{_SERVICE}/Patch", run=patch.patch, ask=asked.PatchRequest, seconds=RENDERING, body_bytes=OBJECT
    ),
    Method(rpc=f"{_SERVICE}/Delete", run=write.delete, ask=asked.DeleteRequest),
    Method(
        rpc=f"{_SERVICE}/Sync", run=sync.sync, ask=asked.SyncRequest, seconds=RENDERING, body_bytes=MANIFESTS
    ),
    Method(rpc=f"{_SERVICE}/Rollback", run=sync.rollback, ask=asked.RollbackRequest),
    Method(rpc=f"{_SERVICE}/TerminateOperation", run=sync.terminate, ask=asked.ApplicationRef),
)

_ACTING: tuple[Method, ...] = (
    Method(
        rpc=f"{_SERVICE}/PatchResource",
        run=touch.patch,
        ask=asked.PatchResourceRequest,
        seconds=ACTING,
        body_bytes=OBJECT,
    ),
    Method(
        rpc=f"{_SERVICE}/DeleteResource", run=touch.delete, ask=asked.DeleteResourceRequest, seconds=ACTING
    ),
    Method(rpc=f"{_SERVICE}/RunResourceAction", run=actions.run, ask=asked.RunActionRequest, seconds=ACTING),
    Method(
        rpc=f"{_SERVICE}/RunResourceActionV2",
        run=actions.run_v2,
        ask=asked.RunActionRequestV2,
        seconds=ACTING,
    ),
)

ROWS: tuple[Method, ...] = _READING + _WRITING + _ACTING
