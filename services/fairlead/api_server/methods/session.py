"""Rows of `session.SessionService`."""

from fairlead.api_server.methods.method import CREDENTIALS, Method
from fairlead.api_server.operations import session

_SERVICE = "/session.SessionService"

ROWS: tuple[Method, ...] = (
    Method(
        rpc=f"{_SERVICE}/Create",
        run=session.create,
        ask=session.SessionCreate,
        body_bytes=CREDENTIALS,
        is_public=True,
    ),
    Method(
        rpc=f"{_SERVICE}/Delete",
        run=session.delete,
        ask=session.Nothing,
        body_bytes=CREDENTIALS,
        is_public=True,
    ),
    Method(
        rpc=f"{_SERVICE}/GetUserInfo",
        run=session.user_info,
        ask=session.Nothing,
        body_bytes=CREDENTIALS,
        is_public=True,
    ),
)
