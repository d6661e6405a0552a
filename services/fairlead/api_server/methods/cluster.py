"""Rows of `cluster.ClusterService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import cluster

_SERVICE = "/cluster.ClusterService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=cluster.list_all, ask=cluster.ClusterQuery),
    Method(rpc=f"{_SERVICE}/Get", run=cluster.get, ask=cluster.ClusterQuery),
)
