"""Rows of `notification.NotificationService`."""

from fairlead.api_server.methods.method import Method
from fairlead.api_server.operations import notification
from fairlead.api_server.operations.session import Nothing

_SERVICE = "/notification.NotificationService"

ROWS: tuple[Method, ...] = (
    Method(rpc=f"{_SERVICE}/ListTriggers", run=notification.triggers, ask=Nothing),
    Method(rpc=f"{_SERVICE}/ListServices", run=notification.services, ask=Nothing),
    Method(rpc=f"{_SERVICE}/ListTemplates", run=notification.templates, ask=Nothing),
)
