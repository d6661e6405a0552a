"""Rows of `applicationset.ApplicationSetService`."""

from fairlead.api_server.methods.method import OBJECT, Method
from fairlead.api_server.operations.applicationset import read, watch, write
from fairlead.api_server.operations.applicationset import requests as asked
from fairlead.rpc.sets import TIMEOUT

GENERATION = TIMEOUT + 5.0
"""Seconds for what generators are asked for."""
_SERVICE = "/applicationset.ApplicationSetService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/List", run=read.list_all, ask=asked.SetQuery),
    Method(rpc=f"{_SERVICE}/Get", run=read.get, ask=asked.SetRef),
    Method(rpc=f"{_SERVICE}/ResourceTree", run=read.tree, ask=asked.SetRef),
    Method(rpc=f"{_SERVICE}/ListResourceEvents", run=read.events, ask=asked.SetRef),
    Method(rpc=f"{_SERVICE}/Watch", run=watch.watch, ask=asked.SetWatch),
    Method(
        rpc=f"{_SERVICE}/Create",
        run=write.create,
        ask=asked.CreateSet,
        body_bytes=OBJECT,
        seconds=GENERATION,
    ),
    Method(rpc=f"{_SERVICE}/Delete", run=write.delete, ask=asked.SetRef),
    Method(
        rpc=f"{_SERVICE}/Generate",
        run=write.generate,
        ask=asked.GenerateSet,
        body_bytes=OBJECT,
        seconds=GENERATION,
    ),
)
