"""Rows of `cluster.ClusterService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations.cluster import read, write
from fairlead.api_server.operations.cluster.requests import ClusterCreate, ClusterQuery, ClusterUpdate

CLUSTER = 1 << 20
"""Bytes of a request that holds a cluster with its certificates."""
_SERVICE = "/cluster.ClusterService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=read.list_all, ask=ClusterQuery),
    Method(rpc=f"{_SERVICE}/Get", run=read.get, ask=ClusterQuery),
    Method(rpc=f"{_SERVICE}/Create", run=write.create, ask=ClusterCreate, body_bytes=CLUSTER),
    Method(rpc=f"{_SERVICE}/Update", run=write.update, ask=ClusterUpdate, body_bytes=CLUSTER),
    Method(rpc=f"{_SERVICE}/Delete", run=write.delete, ask=ClusterQuery),
    Method(rpc=f"{_SERVICE}/RotateAuth", run=write.rotate_auth, ask=ClusterQuery),
    Method(rpc=f"{_SERVICE}/InvalidateCache", run=write.invalidate_cache, ask=ClusterQuery),
)
