"""Rows of `cluster.SettingsService`, whose package is that of clusters."""

from fairlead.api_server.methods.method import CREDENTIALS, Method
from fairlead.api_server.operations import settings
from fairlead.api_server.operations.session import Nothing

_SERVICE = "/cluster.SettingsService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/Get", run=settings.get, ask=Nothing, body_bytes=CREDENTIALS, is_public=True),
    Method(rpc=f"{_SERVICE}/GetPlugins", run=settings.plugins, ask=Nothing),
)
