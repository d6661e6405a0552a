"""The routes of REST that are served, as tests go through them."""

import msgspec

from fairlead.api_server.methods import own
from fairlead.api_server.methods.table import METHODS
from fairlead.api_server.rest.routes import routes


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One verb and path, and what its row says."""

    rpc: str
    verb: str
    path: str
    body: str
    request: type[msgspec.Struct]
    body_bytes: int
    is_public: bool
    kind: str


_RPCS = tuple(
    Row(
        rpc=one.method.rpc,
        verb=one.route.verb,
        path=one.route.path,
        body=one.route.body,
        request=one.method.ask,
        body_bytes=one.method.body_bytes,
        is_public=one.method.is_public,
        kind=one.rpc.kind,
    )
    for one in routes(METHODS)
    if one.method is not None
)
_OWN = tuple(
    Row(
        rpc=row.label,
        verb=row.verb,
        path=row.path,
        body="*" if row.verb == "POST" else "",
        request=row.ask,
        body_bytes=row.body_bytes if row.verb == "POST" else 0,
        is_public=False,
        kind="server-stream" if row.is_stream else "unary",
    )
    for row in own.ROWS
)
ALL = _RPCS + _OWN
ROUTES = tuple(row for row in ALL if row.kind != "server-stream")
STREAMS = tuple(row for row in ALL if row.kind == "server-stream")
