"""Rows of `version.VersionService`."""

from fairlead.api_server.methods.method import CREDENTIALS, Method
from fairlead.api_server.operations import version
from fairlead.api_server.operations.session import Nothing

ROWS: tuple[Method, ...] = (
    Method(
        rpc="/version.VersionService/Version",
        run=version.get,
        ask=Nothing,
        body_bytes=CREDENTIALS,
        is_public=True,
    ),
)
